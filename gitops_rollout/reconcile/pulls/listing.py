"""The pull requests that one run looks at: the open ones listed once, the ended ones of a change asked for once."""

from collections.abc import Sequence

from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.doors import Forge
from gitops_rollout.model.errors import ForgeError, RolloutError


class Listing:
    """What a forge shows of the pull requests into one base branch.

    The open ones are listed before any ended one is asked for: what ends in between is then seen twice, not never.
    """

    def __init__(self, forge: Forge, base_branch: str) -> None:
        self._forge = forge
        self._base_branch = base_branch
        self._open: Sequence[PullRequest] | RolloutError | None = None
        self._ended: dict[str, Sequence[PullRequest] | RolloutError] = {}

    def open(self) -> Sequence[PullRequest]:
        """The open ones of ours; `ForgeError` where they cannot be listed, each time it is asked."""
        if self._open is None:
            try:
                self._open = self._ours(self._forge.open_pulls())
            except ForgeError as error:
                self._open = error
        return _or_raise(self._open)

    def ended(self, change: str) -> Sequence[PullRequest]:
        """The merged and closed ones of a change, newest first; `RolloutError` where they cannot be read."""
        self.open()
        if change not in self._ended:
            try:
                self._ended[change] = self._ours(self._forge.ended_pulls(f"gitops-rollout/{change}/"))
            except RolloutError as error:
                self._ended[change] = error
        return _or_raise(self._ended[change])

    def _ours(self, pulls: Sequence[PullRequest]) -> Sequence[PullRequest]:
        return [pull for pull in pulls if pull.base_branch == self._base_branch]


def _or_raise(found: Sequence[PullRequest] | RolloutError) -> Sequence[PullRequest]:
    if isinstance(found, RolloutError):
        raise found
    return found
