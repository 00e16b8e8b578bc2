"""What ended pull requests of a change say about proposing it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.pull_marker import marker_of, parse_marker
from gitops_rollout.core.trailers import action_word
from gitops_rollout.model.change import Proposal, PullRequest, PullState
from gitops_rollout.model.decision import Action, Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a proposal is not opened: `vetoed` or `in-flight`, the pull request that says so, and a sentence."""

    reason: Reason
    pull: PullRequest
    message: str


def refusal(
    proposal: Proposal,
    ended: Sequence[PullRequest],
    reverted: frozenset[str],
    now: datetime,
    rollback_veto: timedelta,
) -> Refusal | None:
    """The first of the ended pull requests that speaks against opening `proposal`, None where none does.

    Only a person's close is a veto, for the same change, action and candidate; so is a person's revert of a merged
    proposal. A rollback's veto expires after `rollback_veto`. A proposal that was merged is in flight.
    """
    for pull in ended:
        if not _about_the_same(proposal, pull):
            continue
        if pull.state is PullState.MERGED and pull.merged_commit not in reverted:
            if pull.branch != proposal.change.branch:
                continue
            message = f"#{pull.number} was merged and has not arrived on the base branch as read: not proposed again"
            return Refusal(Reason.IN_FLIGHT, pull, message)
        if pull.state is PullState.CLOSED and not by_a_person(pull):
            continue
        how = "took back" if pull.state is PullState.MERGED else "closed"
        veto = f"a person {how} #{pull.number}, which counts as a veto until candidate or action change"
        if proposal.change.decision.action is not Action.ROLLBACK:
            return Refusal(Reason.VETOED, pull, veto)
        if pull.ended is not None and now >= pull.ended + rollback_veto:
            continue
        until = "" if pull.ended is None else f", at most until {(pull.ended + rollback_veto).isoformat()}"
        return Refusal(Reason.VETOED, pull, veto + until)
    return None


def by_a_person(pull: PullRequest) -> bool:
    """Whether a closed pull request was closed by a person: not by us, and not because its branch went away."""
    marker = parse_marker(pull.body)
    return not (pull.closed_by_us or pull.branch_deleted or (marker is not None and marker.closed_by_us))


def _about_the_same(proposal: Proposal, pull: PullRequest) -> bool:
    """Same change, action and candidate: told by the branch, or by the hidden line where the base has moved on."""
    change = proposal.change
    if pull.branch == change.branch:
        return True
    name, marker = parse_branch(pull.branch), parse_marker(pull.body)
    if name is None or marker is None:
        return False
    same_action = (name.change, name.action) == (change.identity.change, action_word(change.decision))
    return same_action and bool(marker.candidates) and marker.candidates == marker_of(change).candidates
