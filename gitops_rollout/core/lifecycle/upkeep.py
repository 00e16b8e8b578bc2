"""What an open pull request that stands still needs: its texts, its commit, its merge."""

from dataclasses import replace

from gitops_rollout.core.lifecycle.opened import Opened
from gitops_rollout.core.lifecycle.verdicts import Effect, Merge, Unmark, Update
from gitops_rollout.core.pull_marker import marker_of, parse_marker, stamp
from gitops_rollout.core.trailers import without_base
from gitops_rollout.model.change import Proposal
from gitops_rollout.model.decision import FORWARD
from gitops_rollout.model.observation import Verdict as Measured
from gitops_rollout.model.policy import Merge as WhoMerges


def upkeep(opened: Opened, proposal: Proposal | None) -> tuple[Effect, ...]:
    """The effects that are due on a pull request that stands; none at all in a world that stands still.

    `proposal` is None where this run has none (a hold). The branch is rebuilt only where the change no longer applies
    or its message would differ: a base that moved elsewhere is no reason to start everybody's CI. A rollback keeps
    the texts that it was opened with.
    """
    if proposal is not None:
        differs = not opened.rollback and without_base(opened.message) != without_base(proposal.message)
        push = differs or not opened.applies
        if push or (not opened.rollback and _texts_differ(opened, proposal)):
            return (Update(opened.pull, proposal, push),)
    if opened.marked_closed:
        return (Unmark(opened.pull),)
    return (Merge(opened.pull, proposal),) if proposal is not None and may_merge(proposal) else ()


def may_merge(proposal: Proposal) -> bool:
    """Whether the policy lets us merge it: never forward without an analysis that passed."""
    if proposal.policy.merge is WhoMerges.MANUAL or proposal.policy.draft:
        return False
    decision = proposal.change.decision
    if decision.action not in FORWARD:
        return True
    return bool(decision.evidence) and all(evidence.verdict is Measured.PASS for evidence in decision.evidence)


def _texts_differ(opened: Opened, proposal: Proposal) -> bool:
    there = parse_marker(opened.pull.body)
    wanted = stamp(proposal.title, proposal.body, marker_of(proposal.change))
    return there is None or replace(there, base="", closed_by_us=False) != replace(wanted, base="", closed_by_us=False)
