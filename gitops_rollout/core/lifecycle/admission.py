"""Which of the proposals that are new may be opened: vetoes, what is in flight, and caps."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.lifecycle.verdicts import Close, Open, Verdict
from gitops_rollout.core.lifecycle.vetoes import refusal
from gitops_rollout.model.change import Did, PullRequest, PullState, Standing
from gitops_rollout.model.decision import Action, Reason
from gitops_rollout.model.policy import Limits

EndedOf = Callable[[str], Sequence[PullRequest] | None]


@dataclass(frozen=True, slots=True)
class Gate:
    """What speaks against opening: `ended_of` gives the ended pull requests of a change, newest first.

    It is asked once for each proposal that is new and within the caps, and answers None where the forge did not.
    `overrule`: a person asks for it in spite of an earlier veto.
    """

    ended_of: EndedOf
    limits: Limits
    now: datetime
    overrule: bool = False


def admit(verdicts: Mapping[str, Verdict], standings: Mapping[str, Standing], gate: Gate) -> dict[str, Verdict]:
    """The same verdicts, those held back that may not open. No cap holds rollbacks, nor what a person asks for."""
    open_now, per_rule = 0, Counter[int | None]()
    for change, verdict in verdicts.items():
        if _stays_open(verdict):
            open_now += 1
            per_rule[standings[change].rule if change in standings else None] += 1
    admitted = dict(verdicts)
    for change, verdict in verdicts.items():
        opening = next((effect for effect in verdict.effects if isinstance(effect, Open)), None)
        if opening is None:
            continue
        rule = standings[change].rule
        decision = opening.proposal.change.decision
        adds = decision.action is not Action.ROLLBACK and not opening.supersedes
        full = _full(open_now, per_rule[rule], gate.limits) if adds and decision.requested is None else None
        admitted[change] = _held(verdict, Reason.OPEN_LIMIT, full) if full else _ask(verdict, opening, standings, gate)
        if adds and admitted[change] is verdict:
            open_now += 1
            per_rule[rule] += 1
    return admitted


def _ask(verdict: Verdict, opening: Open, standings: Mapping[str, Standing], gate: Gate) -> Verdict:
    ended = gate.ended_of(verdict.change)
    if ended is None:
        message = "its earlier pull requests could not be read: not opened before it is known that nobody said no"
        return replace(_held(verdict, None, message), action=None)
    reverted = standings[verdict.change].reverted
    no = refusal(opening.proposal, ended, reverted, gate.now, gate.limits.rollback_veto)
    if no is None or (no.reason is Reason.VETOED and gate.overrule):
        return verdict
    did = Did.VETOED if no.reason is Reason.VETOED else Did.FOUND
    return replace(_held(verdict, no.reason, no.message), pull=no.pull, did=did)


def _held(verdict: Verdict, reason: Reason | None, message: str) -> Verdict:
    """The verdict without its opening; what it supersedes is contrary to the decision and closes all the same."""
    effects = [effect for effect in verdict.effects if not isinstance(effect, Open)]
    effects = [effect for effect in effects if not (isinstance(effect, Close) and effect.keep_branch)]
    for effect in verdict.effects:
        if isinstance(effect, Open):
            effects += effect.supersedes
    return replace(verdict, effects=tuple(effects), did=Did.NONE, action=Action.HOLD, reason=reason, message=message)


def _stays_open(verdict: Verdict) -> bool:
    """Whether a forward pull request that was open before stays open, or is replaced by another."""
    if any(isinstance(effect, Open) and effect.supersedes for effect in verdict.effects):
        return True
    if verdict.pull is None or verdict.pull.state is not PullState.OPEN or verdict.did is Did.CLOSED:
        return False
    name = parse_branch(verdict.pull.branch)
    return name is not None and name.action != "rollback"


def _full(open_now: int, in_rule: int, limits: Limits) -> str | None:
    if open_now >= limits.open:
        return f"{open_now} pull requests are open, and limits.open is {limits.open}"
    if limits.per_rule is not None and in_rule >= limits.per_rule:
        return f"{in_rule} pull requests of this rule are open, and limits.per-rule is {limits.per_rule}"
    return None
