"""What an open pull request that stands still needs: its texts, its commit, its merge."""

from dataclasses import replace

from gitops_rollout.core.lifecycle.opened import Opened
from gitops_rollout.core.lifecycle.verdicts import Effect, Merge, Unmark, Update
from gitops_rollout.core.pull_marker import marker_of, parse_marker, stamp, without_marker
from gitops_rollout.core.trailers import with_base, without_base
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
        keeps_texts = opened.rollback or _keeps_words(opened, proposal)
        differs = not keeps_texts and without_base(opened.message) != without_base(proposal.message)
        push = differs or not opened.applies
        if push and _keeps_words(opened, proposal):
            return (Update(opened.pull, _in_their_words(opened, proposal), push),)
        if push or (not keeps_texts and _texts_differ(opened, proposal)):
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


def _keeps_words(opened: Opened, proposal: Proposal) -> bool:
    """Whether a person gave it its reason, and the same is now proposed without one."""
    return opened.requested and proposal.change.decision.requested is None


def _in_their_words(opened: Opened, proposal: Proposal) -> Proposal:
    """The same proposal with the texts of the person who asked for it."""
    message = with_base(opened.message, proposal.change.base_commit)
    return replace(proposal, title=opened.pull.title, body=without_marker(opened.pull.body), message=message)


def _texts_differ(opened: Opened, proposal: Proposal) -> bool:
    there = parse_marker(opened.pull.body)
    wanted = stamp(proposal.title, proposal.body, marker_of(proposal.change))
    return there is None or replace(there, base="", closed_by_us=False) != replace(wanted, base="", closed_by_us=False)
