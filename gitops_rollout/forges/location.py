"""Which forge a remote belongs to: told by option and policy first, then by the CI environment, then by its host."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.policy import ForgePolicy

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>\[[^\]]+\]|[^:/\s]+):(?P<path>[^\s]+)")
_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "codeberg.org": "gitea", "gitea.com": "gitea"}
_WORDS = {"github": "github", "gitlab": "gitlab", "gitea": "gitea", "forgejo": "gitea"}


@dataclass(frozen=True, slots=True)
class Location:
    """Where pull requests live. `url` is the forge's own address without a path for its API; `owner` may have `/`."""

    kind: str
    url: str = ""
    owner: str = ""
    repository: str = ""


def locate(remote: str, kind: str | None, policy: ForgePolicy, environment: Mapping[str, str]) -> Location | None:
    """The forge of a remote (its URL without credentials, or a path); None where its kind cannot be told.

    `ForgeError` where the kind is told and the remote's URL holds no owner and repository.
    """
    host, port, path, scheme = _parts(remote)
    told = kind or policy.kind or _by_environment(host, environment) or _by_host(host)
    if told in (None, "local"):
        return Location("local") if told else None
    owner, _, repository = path.removesuffix(".git").strip("/").rpartition("/")
    owner, repository = policy.owner or owner, policy.repository or repository
    if not owner or not repository:
        message = f"{remote}: no owner and repository in the remote's URL"
        raise ForgeError(message, "State `forge: {owner: …, repository: …}` in the policy.")
    web = f"{scheme}://{host}{f':{port}' if port else ''}" if host else ""
    url = policy.url or _by_ci_server(told, host, environment) or web
    if not url:
        raise ForgeError(f"{remote}: no address of the forge", "State `forge: {url: https://…}` in the policy.")
    return Location(told, url.rstrip("/"), owner, repository)


def _parts(remote: str) -> tuple[str, str, str, str]:
    """Host, port, path, and the scheme of the web address beside it; a path has no host, SSH's port is its own."""
    if "://" in remote:
        split = urlsplit(remote)
        host = split.hostname or ""
        if split.scheme in ("http", "https"):
            return host, str(split.port or ""), split.path, split.scheme
        return ("", "", split.path, "") if split.scheme == "file" else (host, "", split.path, "https")
    match = None if remote.startswith(("/", ".")) else _SCP.fullmatch(remote)
    return (match["host"], "", match["path"], "https") if match else ("", "", remote, "")


def _by_host(host: str) -> str | None:
    if not host:
        return "local"
    if host in _HOSTS:
        return _HOSTS[host]
    labels = host.split(".")
    return next((kind for word, kind in _WORDS.items() if word in labels), None)


def _by_environment(host: str, environment: Mapping[str, str]) -> str | None:
    """The kind of the CI that runs us, where it runs beside this remote."""
    servers = (
        ("gitea", "GITEA_ACTIONS", "GITHUB_SERVER_URL"),
        ("gitea", "FORGEJO_ACTIONS", "GITHUB_SERVER_URL"),
        ("github", "GITHUB_ACTIONS", "GITHUB_SERVER_URL"),
        ("gitlab", "GITLAB_CI", "CI_SERVER_URL"),
    )
    for kind, flag, server in servers:
        if environment.get(flag) == "true" and host and urlsplit(environment.get(server, "")).hostname == host:
            return kind
    return None


def _by_ci_server(kind: str, host: str, environment: Mapping[str, str]) -> str | None:
    """The address that the CI names for its own forge: it knows a port or a path that the remote does not show."""
    name = "CI_SERVER_URL" if kind == "gitlab" else "GITHUB_SERVER_URL"
    server = environment.get(name, "")
    return server if host and urlsplit(server).hostname == host else None
