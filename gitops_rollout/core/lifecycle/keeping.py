"""Whether an open pull request still stands, judged against the decision of this run."""

from gitops_rollout.core.lifecycle.opened import Opened
from gitops_rollout.core.lifecycle.verdicts import Why
from gitops_rollout.core.trailers import action_word
from gitops_rollout.model.change import Proposal, Standing
from gitops_rollout.model.decision import FORWARD, Action, Reason

# Holds that say "not this candidate" or "not from here". Every other hold may pass, and keeps what is open.
CONTRARY = frozenset(
    {
        Reason.BASELINE_GONE,
        Reason.BASELINE_KNOWN_BAD,
        Reason.BASELINE_NOT_READY,
        Reason.FAILED_AT_ZERO,
        Reason.FAILED_UNGUARDED,
        Reason.IGNORED_FIELD,
        Reason.INVALID_PERCENT,
        Reason.KNOWN_BAD,
        Reason.MASS_FAILURE,
        Reason.NOT_CREATED,
        Reason.NO_BASELINE,
        Reason.RESTORE_FAILED,
        Reason.ROLLED_BACK,
        Reason.TRACKING_REGRESSED,
        Reason.ZERO_SERVES,
    }
)


def ending(opened: Opened, standing: Standing) -> tuple[Why, str] | None:
    """Why an open pull request of ours does not stand any longer, None where it does.

    A rollback is latched: it yields to a new candidate or baseline, not to a verdict that flips back. What a person
    asked for yields to a rollback and to another request, not to what the table would rather do.
    """
    decision = standing.decision
    if opened.pull.branch_deleted:
        return Why.BRANCH_DELETED, "Its branch was deleted. That is no veto: what is due is proposed again."
    if opened.stale:
        return Why.NOT_FRESH, f"Not fresh: {opened.stale}. What it was decided on has changed."
    if opened.rollback:
        return _ending_of_rollback(opened, standing)
    if opened.new_candidate(decision):
        return Why.SUPERSEDED, "There is a new candidate."
    if opened.new_baseline(decision):
        return Why.SUPERSEDED, "There is a new baseline."
    if decision.action is Action.ROLLBACK:
        return Why.CONTRARY, f"The decision is now to roll back ({decision.reason})."
    if decision.action is Action.STABLE:
        return Why.CONTRARY, "There is nothing left to propose."
    if opened.requested and decision.requested is None:
        return None
    if decision.action is Action.HOLD and decision.reason in CONTRARY:
        return Why.CONTRARY, f"The decision is now to hold ({decision.reason})."
    if standing.proposal is not None and not same(opened, standing.proposal):
        return Why.SUPERSEDED, f"The decision is now {action_word(decision)} ({decision.reason})."
    return None


def _ending_of_rollback(opened: Opened, standing: Standing) -> tuple[Why, str] | None:
    decision = standing.decision
    by_request = opened.requested and decision.requested is None
    if opened.moved_on(decision) if by_request else opened.new_baseline(decision):
        return Why.SUPERSEDED, "There is a new baseline."
    # A hold may be about a revision that was pending beside the one that is rolled back.
    if decision.action in FORWARD and opened.new_candidate(decision):
        return Why.SUPERSEDED, "There is a new candidate."
    proposal = standing.proposal
    if by_request and set(decision.to_percents) <= set(opened.trailers.candidates):
        return None  # it goes back at least as far
    if decision.action is Action.ROLLBACK and proposal and not same(opened, proposal):
        return Why.SUPERSEDED, "The rollback is now about something else."
    return None


def same(opened: Opened, proposal: Proposal) -> bool:
    """Whether an open pull request is this proposal: the branch name holds a digest of all that it is about."""
    return opened.pull.branch == proposal.change.branch
