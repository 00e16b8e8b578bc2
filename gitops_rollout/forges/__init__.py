"""Pull requests, one folder per forge, behind one protocol (`Forge` in `model.doors`)."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from gitops_rollout.model.commits import Via
from gitops_rollout.model.doors import Forge, PullStore
from gitops_rollout.model.errors import ForgeError, UsageError
from gitops_rollout.model.policy import ForgePolicy

if TYPE_CHECKING:
    from gitops_rollout.forges.api_commits import Maker
    from gitops_rollout.forges.github.app import AppTokens
    from gitops_rollout.forges.hosted import Api
    from gitops_rollout.forges.location import Location

KINDS = ("local", "github", "gitlab", "gitea")


def open_forge(
    kind: str | None,
    store: PullStore,
    policy: ForgePolicy,
    base_branch: str,
    now: datetime,
    remote: str = "",
    environment: Mapping[str, str] | None = None,
    via: Via = Via.GIT,
) -> Forge | None:
    """The forge where the pull requests of a repository live; None where its kind cannot be told.

    `kind` is what a person asked for. `remote` is the remote's URL without credentials, or its path. A token that is
    missing is said by the first request, so that what needs no pull requests works without one. `via` says who makes
    the commits. `UsageError` for a kind that is not known, `ForgeError` where its address cannot be told, or where it
    cannot make commits and is to.
    """
    from gitops_rollout.forges.location import locate

    environment = os.environ if environment is None else environment
    where = locate(remote, kind, policy, environment)
    if where is None:
        return None
    if where.kind == "local":
        from gitops_rollout.forges.local.forge import LocalForge

        if via is Via.API:
            raise ForgeError("the embedded forge makes no commits", "Write `commits: {via: git}` in the policy.")
        return LocalForge(store, now)
    if where.kind not in KINDS:
        raise UsageError(f"there is no forge {where.kind!r}", f"known are: {', '.join(KINDS)}")
    from gitops_rollout.forges.api_commits import ApiCommits
    from gitops_rollout.forges.hosted import HostedForge

    api, maker = _api(where, environment)
    return HostedForge(api, store, base_branch, now, ApiCommits(store, maker) if via is Via.API else None)


def _api(where: "Location", environment: Mapping[str, str]) -> "tuple[Api, Maker]":
    from gitops_rollout.forges.http import Client
    from gitops_rollout.forges.tokens import token

    secret, problem, tokens = "", None, None
    try:
        tokens = _app_tokens(where, environment)
        secret = token(where, environment) if tokens is None else ""
    except ForgeError as error:
        problem = error
    if where.kind == "github":
        from gitops_rollout.forges.github.commits import GitHubCommits
        from gitops_rollout.forges.github.forge import HEADERS, GitHubApi, actions_caveat, api_url

        client = Client(api_url(where.url), HEADERS, problem=problem, sign=_bearer(tokens, secret))
        api = GitHubApi(client, where.owner, where.repository, actions_caveat(secret, environment))
        return api, GitHubCommits(client, where.owner, where.repository)
    if where.kind == "gitlab":
        from gitops_rollout.forges.gitlab.commits import GitLabCommits
        from gitops_rollout.forges.gitlab.forge import GitLabApi

        client = Client(f"{where.url}/api/v4", {"PRIVATE-TOKEN": secret}, problem=problem)
        project = f"{where.owner}/{where.repository}"
        return GitLabApi(client, project, time.sleep), GitLabCommits(client, project)
    from gitops_rollout.forges.gitea.commits import GiteaCommits
    from gitops_rollout.forges.gitea.forge import GiteaApi

    client = Client(f"{where.url}/api/v1", {"Authorization": f"token {secret}"}, problem=problem)
    maker = GiteaCommits(client, where.owner, where.repository)
    return GiteaApi(client, where.owner, where.repository, time.sleep), maker


def _app_tokens(where: "Location", environment: Mapping[str, str]) -> "AppTokens | None":
    if where.kind != "github":
        return None
    from gitops_rollout.forges.github.app import app_tokens

    return app_tokens(where, environment)


def _bearer(tokens: "AppTokens | None", secret: str) -> Callable[[], str]:
    return lambda: f"Bearer {secret if tokens is None else tokens.token()}"
