"""Pull requests, one file per forge, behind one protocol (`Forge` in `model.doors`)."""

from datetime import datetime

from gitops_rollout.model.doors import Forge, PullStore
from gitops_rollout.model.errors import UsageError
from gitops_rollout.model.policy import ForgePolicy

KINDS = ("local",)


def open_forge(kind: str | None, store: PullStore, policy: ForgePolicy, base_branch: str, now: datetime) -> Forge:
    """The forge where the pull requests of a repository live; `kind` None means the embedded one.

    `UsageError` for a kind that is not known.
    """
    if kind in (None, "local"):
        from gitops_rollout.forges.local import LocalForge

        return LocalForge(store, now)
    raise UsageError(f"there is no forge {kind!r}", f"known are: {', '.join(KINDS)}")
