"""What to do about each change's pull requests. At rest a change has at most one that is open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gitops_rollout.core.lifecycle.admission import Gate, admit
from gitops_rollout.core.lifecycle.keeping import ending, same
from gitops_rollout.core.lifecycle.opened import Opened
from gitops_rollout.core.lifecycle.upkeep import upkeep
from gitops_rollout.core.lifecycle.verdicts import Close, Effect, Merge, Open, Verdict, Verdicts, Why, superseded
from gitops_rollout.model.change import Did, Proposal, Standing
from gitops_rollout.model.decision import FORWARD, Action, Reason


@dataclass(frozen=True, slots=True)
class Case:
    """All that a run's pull requests are judged by.

    `covered` are the clusters that this run sees in full: open pull requests of a change in them that no longer has a
    standing are closed. `gate` says what may be opened.
    """

    standings: Sequence[Standing]
    opened: Sequence[Opened]
    gate: Gate
    covered: Collection[str] = ()


def judge(case: Case) -> Verdicts:
    """One verdict for each change that stands or has an open pull request, by the names of the changes, sorted."""
    standings = {standing.change: standing for standing in case.standings}
    verdicts: dict[str, Verdict] = {}
    for change in sorted(standings.keys() | {opened.name.change for opened in case.opened}):
        mine = sorted((o for o in case.opened if o.name.change == change), key=lambda opened: opened.pull.number)
        if change in standings:
            verdicts[change] = _of_standing(standings[change], mine)
        else:
            verdicts[change] = _of_gone(change, mine, case.covered)
    return admit(verdicts, standings, case.gate)


def _of_gone(change: str, mine: Sequence[Opened], covered: Collection[str]) -> Verdict:
    """Pull requests of a change that no longer stands in Git; those outside of this run are not its business."""
    effects = tuple(
        Close(opened.pull, Why.TARGET_GONE, "Its target is no longer in Git, or no longer in the policy's clusters.")
        for opened in mine
        if opened.ours and {target.partition("/")[0] for target in opened.trailers.targets} <= set(covered)
    )
    return Verdict(change, effects, mine[0].pull, Did.CLOSED if effects else Did.NONE)


def _of_standing(standing: Standing, mine: Sequence[Opened]) -> Verdict:
    if standing.withheld:
        return Verdict(standing.change, pull=mine[0].pull if mine else None)
    others = [opened for opened in mine if not opened.ours]
    rolling_back = standing.proposal is not None and standing.decision.action is Action.ROLLBACK
    if others and not (rolling_back and not any(opened.rollback for opened in others)):
        return _hands_off(standing, others, [opened for opened in mine if opened.ours])
    closes, kept = _sort(mine, standing)
    proposal = standing.proposal
    if kept and proposal is not None and same(kept, proposal):
        due = upkeep(kept, proposal)
        did = Did.UPDATED if any(not isinstance(effect, Merge) for effect in due) else Did.FOUND
        return Verdict(standing.change, (*closes, *due), kept.pull, did)
    if kept:
        return _keep(standing, closes, kept)
    if proposal is not None:
        return _propose(proposal, closes, standing)
    did, message = (Did.CLOSED, closes[0].comment) if closes else (Did.NONE, "")
    return Verdict(standing.change, tuple(closes), closes[0].pull if closes else None, did, message=message)


def _hands_off(standing: Standing, others: Sequence[Opened], ours: Sequence[Opened]) -> Verdict:
    """Others have committed to a branch: it is left alone, and nothing is opened beside it."""
    first = others[0]
    message = f"#{first.pull.number} holds commits by others: left alone; close it to let a new one be opened"
    if first.stale:
        message += f". It is not fresh ({first.stale}): do not merge it as it is"
    closes = [Close(opened.pull, *end) for opened in ours if (end := ending(opened, standing))]
    return Verdict(standing.change, tuple(closes), first.pull, Did.FOUND, message=message)


def _sort(mine: Sequence[Opened], standing: Standing) -> tuple[list[Close], Opened | None]:
    """What is to be closed, and the one that stands."""
    closes: list[Close] = []
    stands: list[Opened] = []
    for opened in mine:
        if not opened.ours:
            comment = "Closed for a rollback. The branch stays: others have committed to it."
            closes.append(Close(opened.pull, Why.CONTRARY, comment, keep_branch=True))
        elif end := ending(opened, standing):
            closes.append(Close(opened.pull, *end))
        else:
            stands.append(opened)
    if not stands:
        return closes, None
    first, *rest = sorted(stands, key=lambda opened: _precedence(opened, standing.proposal))
    for opened in rest:
        twin = opened.pull.branch == first.pull.branch
        comment = f"#{first.pull.number} is open for the same change."
        closes.append(Close(opened.pull, Why.DUPLICATE, comment, keep_branch=twin))
    if standing.proposal is not None and same(first, standing.proposal):
        # A run that died after it had opened the new one leaves the old ones, and the link to it, to the next run.
        closes = [superseded(close, first.pull.number) if close.why is Why.SUPERSEDED else close for close in closes]
    return closes, first


def _precedence(opened: Opened, proposal: Proposal | None) -> tuple[bool, bool, bool, int]:
    """Rollbacks first, then what a person asked for, then what is proposed now: the lower number; else the newest."""
    wanted = proposal is not None and same(opened, proposal)
    asked = opened.requested and (proposal is None or proposal.change.decision.requested is None)
    return not opened.rollback, not asked, not wanted, opened.pull.number if wanted else -opened.pull.number


def _keep(standing: Standing, closes: Sequence[Close], kept: Opened) -> Verdict:
    effects: tuple[Effect, ...] = (*closes, *upkeep(kept, None))
    if kept.requested and not kept.rollback and standing.decision.action in FORWARD:
        message = f"a person asked for #{kept.pull.number} ({kept.name.action}): it stands, nothing is opened beside it"
        return Verdict(standing.change, effects, kept.pull, Did.FOUND, Action.HOLD, Reason.REQUESTED, message)
    if kept.requested and kept.rollback:
        message = f"a person asked for rollback #{kept.pull.number}: it stands until it is merged or a person closes it"
        return Verdict(standing.change, effects, kept.pull, Did.FOUND, Action.ROLLBACK, Reason.REQUESTED, message)
    if not kept.rollback or standing.decision.action is Action.ROLLBACK:
        return Verdict(standing.change, effects, kept.pull, Did.FOUND)
    reason = next((reason for reason in Reason if reason == kept.trailers.reason), Reason.ANALYSIS_FAILED)
    message = f"rollback #{kept.pull.number} stands until it is merged, a person closes it, or what it is about changes"
    return Verdict(standing.change, effects, kept.pull, Did.FOUND, Action.ROLLBACK, reason, message)


def _propose(proposal: Proposal, closes: Sequence[Close], standing: Standing) -> Verdict:
    if standing.decision.action is Action.ROLLBACK:
        did = Did.SUPERSEDED if closes else Did.CREATED
        return Verdict(standing.change, (*closes, Open(proposal)), None, did)
    # Forward: the new one first, then the old ones with a link to it. What is not fresh does not wait for that.
    later = tuple(close for close in closes if close.why is Why.SUPERSEDED)
    now = tuple(close for close in closes if close.why is not Why.SUPERSEDED)
    return Verdict(standing.change, (*now, Open(proposal, later)), None, Did.SUPERSEDED if later else Did.CREATED)
