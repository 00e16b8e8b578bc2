"""Pull requests, one file per forge, behind one protocol (`Forge` in `model.doors`)."""

import os
import time
from collections.abc import Mapping
from datetime import datetime

from gitops_rollout.model.doors import Forge, PullStore
from gitops_rollout.model.errors import ForgeError, UsageError
from gitops_rollout.model.policy import ForgePolicy

KINDS = ("local", "gitea")


def open_forge(
    kind: str | None,
    store: PullStore,
    policy: ForgePolicy,
    base_branch: str,
    now: datetime,
    remote: str = "",
    environment: Mapping[str, str] | None = None,
) -> Forge | None:
    """The forge where the pull requests of a repository live; None where its kind cannot be told.

    `kind` is what a person asked for. `remote` is the remote's URL without credentials, or its path. A token that is
    missing is said by the first request, so that what needs no pull requests works without one. `UsageError` for a
    kind that is not known, `ForgeError` where its address cannot be told.
    """
    from gitops_rollout.forges.location import locate

    environment = os.environ if environment is None else environment
    where = locate(remote, kind, policy, environment)
    if where is None:
        return None
    if where.kind == "local":
        from gitops_rollout.forges.local import LocalForge

        return LocalForge(store, now)
    if where.kind not in KINDS:
        raise UsageError(f"there is no forge {where.kind!r} yet", f"known are: {', '.join(KINDS)}")
    from gitops_rollout.forges.gitea import GiteaApi
    from gitops_rollout.forges.hosted import HostedForge
    from gitops_rollout.forges.http import Client
    from gitops_rollout.forges.tokens import token

    headers, problem = {}, None
    try:
        headers = {"Authorization": f"token {token(where, environment)}"}
    except ForgeError as error:
        problem = error
    client = Client(f"{where.url}/api/v1", headers, problem=problem)
    return HostedForge(GiteaApi(client, where.owner, where.repository, time.sleep), store, base_branch, now)
