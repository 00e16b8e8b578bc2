"""What we say on a pull request beside its body: one comment with the evidence, and the status of its head."""

from dataclasses import dataclass
from enum import StrEnum

from gitops_rollout.model.change import Draft, PullRequest

READY = "gitops-rollout/ready"
"""The name of the commit status, and of the job that runs `check`."""


class StatusState(StrEnum):
    """Pending while the proposal is held, success while it is due, failure where the decision is against it."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """The status `gitops-rollout/ready` of a commit. `description` is one line of at most 140 characters."""

    state: StatusState
    description: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said on a pull request: the whole text of our comment, and its head's status; None: as it is.

    The comment ends with a hidden line that holds a digest of its verdict: it is written only where that differs.
    `bare`: what it should have been opened with where it shows no labels, reviewers or assignees at all.
    """

    pull: PullRequest
    comment: str | None = None
    status: CommitStatus | None = None
    bare: Draft | None = None


@dataclass(frozen=True, slots=True)
class Remarked:
    """What became of a remark: whether anything was written, and what failed, in a sentence."""

    wrote: bool = False
    problem: str | None = None
