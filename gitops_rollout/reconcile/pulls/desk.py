"""The doors that work on pull requests alone needs: the repository and the forge, no live side."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gitops_rollout.model.doors import Forge, Progress, Repository
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.policy import Policy
from gitops_rollout.reconcile.open import Request, read_policy
from gitops_rollout.reconcile.world import silent


@dataclass(frozen=True, slots=True)
class Desk:
    """An opened repository at its base commit, and the forge beside it; `cache` is a folder for this repository."""

    repository: Repository
    forge: Forge
    base_branch: str
    base_commit: str
    now: datetime
    policy: Policy
    cache: Path | None = None

    def again(self) -> "Desk":
        """The same desk with the base as the remote has it now."""
        branch, commit = self.repository.base_commit(self.base_branch)
        return replace(self, base_branch=branch, base_commit=commit)


def open_desk(request: Request, cache: Path | None = None, progress: Progress = silent) -> Desk:
    """Open both doors. `RepositoryError`, `PolicyError` or `ForgeError` where one does not open."""
    from gitops_rollout.forges import open_forge
    from gitops_rollout.repository import open_repository

    repository = open_repository(request.repo, base=request.base, cache=cache, progress=progress)
    branch, commit = repository.base_commit(request.base)
    policy, _ = read_policy(repository, commit, request)
    forge = open_forge(
        request.forge, repository, policy.forge, branch, request.now, repository.remote.shown, via=policy.commits.via
    )
    if forge is None:
        raise ForgeError("no forge: it cannot be told from the remote's URL", "say which with --forge")
    return Desk(repository, forge, branch, commit, request.now, policy, repository.store.beside)
