"""The status `gitops-rollout/ready` of an open pull request's head: what a required status lets through, or not."""

from collections.abc import Mapping

from gitops_rollout.core.lifecycle.opened import Opened
from gitops_rollout.core.lifecycle.verdicts import Close, Open, Verdict, Why
from gitops_rollout.model.change import PullRequest, Standing
from gitops_rollout.model.decision import Reason
from gitops_rollout.model.policy import PullPolicy
from gitops_rollout.model.remarks import CommitStatus, StatusState

# Closed for these, the proposal itself was wrong by then; a twin shares its commit with the one that stays.
_AGAINST_IT = frozenset({Why.NOT_FRESH, Why.CONTRARY, Why.SUPERSEDED, Why.TARGET_GONE})


def closings(verdict: Verdict) -> Mapping[int, Close]:
    """What a verdict closes, now or once something else was opened, by number."""
    later = [close for effect in verdict.effects if isinstance(effect, Open) for close in effect.supersedes]
    now = [effect for effect in verdict.effects if isinstance(effect, Close)]
    return {close.pull.number: close for close in (*now, *later)}


def contrary_status(close: Close) -> CommitStatus | None:
    """The status of one that is to be closed, so that it cannot be merged before that; None for a mere twin."""
    if close.why not in _AGAINST_IT or close.keep_branch:
        return None
    return CommitStatus(StatusState.FAILURE, f"{close.why}: not to be merged")


def is_bare(pull: PullRequest, policy: PullPolicy) -> bool:
    """Whether it shows nothing of what it should have been opened with: a run was killed then, or a person took it off.

    Labels are added last, so that they speak for all where the policy has any.
    """
    if policy.labels:
        return not set(policy.labels) & set(pull.labels)
    return bool(policy.reviewers or policy.assignees) and not (pull.reviewers or pull.assignees)


def ready_status(opened: Opened, standing: Standing, verdict: Verdict) -> CommitStatus | None:
    """The status of one that stays open; None where it is not ours to give.

    Success while it is what is proposed now, for a rollback that stands, and for what a person asked for; pending while
    the change is held. Of a branch that others committed to nothing good is said, and that it is not fresh is.
    """
    if standing.withheld or opened.pull.branch_deleted:
        return None
    if opened.stale:
        return CommitStatus(StatusState.FAILURE, f"{Why.NOT_FRESH}: not to be merged")
    if not opened.ours:
        return None
    reason = verdict.reason or standing.decision.reason
    proposal = standing.proposal
    if proposal is not None and proposal.change.branch == opened.pull.branch:
        return CommitStatus(StatusState.SUCCESS, f"due: {opened.name.action} ({reason})")
    if opened.rollback:
        said = next((one for one in Reason if one == opened.trailers.reason), reason)
        return CommitStatus(StatusState.SUCCESS, f"due: rollback ({said})")
    if opened.requested:
        return CommitStatus(StatusState.SUCCESS, f"asked for by a person: {opened.name.action}")
    return CommitStatus(StatusState.PENDING, f"held: {reason}")
