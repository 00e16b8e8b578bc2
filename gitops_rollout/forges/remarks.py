"""One comment of ours on each pull request, and the status of its head, on whatever forge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gitops_rollout.core.comment_marker import digest_of
from gitops_rollout.forges.http import Unknown
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.remarks import CommitStatus, Remark, Remarked


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of our own, told by its author and its hidden line."""

    id: int
    body: str


class Talk(Protocol):
    """One forge's API for comments and statuses. Everything may raise `ForgeError`, and `Unknown` without an answer."""

    def comments(self, number: int) -> Sequence[Comment]:
        """Our own comments on a pull request that hold the hidden line, oldest first."""

    def add(self, number: int, body: str) -> None:
        """Add a comment."""

    def change(self, number: int, comment: int, body: str) -> None:
        """Give a comment another text."""

    def remove(self, number: int, comment: int) -> None:
        """Delete a comment; that it is gone is no failure."""

    def status(self, commit: str) -> CommitStatus | None:
        """The newest status `gitops-rollout/ready` of a commit, None where it has none."""

    def set_status(self, pull: PullRequest, status: CommitStatus) -> None:
        """Give the head of a pull request another status."""

    def differs(self, there: CommitStatus | None, wanted: CommitStatus) -> bool:
        """Whether a status is to be written."""


def remark_on(talk: Talk, remark: Remark) -> Remarked:
    """The status first: it is what a merge may wait for. What fails of one keeps not from the other."""
    wrote, problems = False, []
    for what, effect in _effects(talk, remark):
        try:
            wrote = effect() or wrote
        except ForgeError as error:
            problems.append(f"{what} of #{remark.pull.number} could not be written: {error.message}")
    return Remarked(wrote, "; ".join(problems) or None)


def what_we_say(talk: Talk, pull: PullRequest) -> Remark:
    """Our comment and the status of the head as they are."""
    mine = talk.comments(pull.number)
    return Remark(pull, mine[0].body if mine else None, talk.status(pull.head))


def _effects(talk: Talk, remark: Remark) -> list[tuple[str, Callable[[], bool]]]:
    effects: list[tuple[str, Callable[[], bool]]] = []
    status, comment = remark.status, remark.comment
    if status is not None:
        effects.append(("the commit status", lambda: _keep_status(talk, remark.pull, status)))
    if comment is not None:
        effects.append(("the comment", lambda: _keep_comment(talk, remark.pull.number, comment)))
    return effects


def _keep_status(talk: Talk, pull: PullRequest, wanted: CommitStatus) -> bool:
    if not talk.differs(talk.status(pull.head), wanted):
        return False
    talk.set_status(pull, wanted)
    return True


def _keep_comment(talk: Talk, number: int, body: str) -> bool:
    """One that is there is edited when its verdict differs; of two made at the same moment the older one survives."""
    mine = talk.comments(number)
    wrote = False
    if not mine:
        mine, wrote = _added(talk, number, body), True
    elif digest_of(mine[0].body) != digest_of(body):
        talk.change(number, mine[0].id, body)
        wrote = True
    for twin in mine[1:]:
        talk.remove(number, twin.id)
        wrote = True
    return wrote


def _added(talk: Talk, number: int, body: str) -> Sequence[Comment]:
    """Add it and look again: the answer may be lost, and another run may have been as quick."""
    try:
        talk.add(number, body)
    except Unknown:
        mine = talk.comments(number)
        if not mine:
            raise
        return mine
    return talk.comments(number)
