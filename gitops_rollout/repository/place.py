"""Finds out what `--repo` names: a clone, a linked work tree, a bare repository or a URL, and which remote it has."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.command import Command, Setting
from gitops_rollout.repository.redact import Address, redact

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LOCATION_HINT = "Pass --repo with a clone, a bare repository, or the remote's URL."
_SCP = re.compile(r"[^/:\s]+:.+")
# What a clone's own configuration may say about talking to its remote and about signing (git-config(1)).
_TRANSPORT = (
    r"^(credential|http|ssh|protocol|gpg|core\.(sshcommand|askpass|gitproxy)|"
    r"remote\..*\.(proxy|proxyauthmethod|uploadpack|receivepack))($|\.)"
)


class Kind(StrEnum):
    """What a location turned out to be."""

    CLONE = "clone"
    SHALLOW_CLONE = "shallow clone"
    WORKTREE = "linked work tree"
    BARE = "bare repository"
    URL = "URL"


@dataclass(frozen=True, slots=True)
class Place:
    """A location, the remote that it leads to, and what the private repository may take from it.

    `folder` is the repository's common folder (None for a URL). `objects` is its object store where it can be lent: a
    shallow or partial clone lends nothing, since what it lacks would have to be tracked. `object_format` is `sha1` or
    `sha256`, None where only the remote knows.
    """

    kind: Kind
    shown: str
    fetch: Address
    push: Address
    folder: Path | None = None
    objects: Path | None = None
    object_format: str | None = None
    settings: tuple[Setting, ...] = field(default=(), repr=False)


def find_place(location: str, outside: Command) -> Place:
    """What `location` is; `outside` is git in a folder that belongs to no repository.

    Raises `RepositoryError` where there is nothing, or no remote.
    """
    try:
        path = Path(location).resolve() if Path(location).exists() else None
    except OSError as error:
        raise RepositoryError(f"cannot look at {redact(location)[:200]}: {error.strerror}", _LOCATION_HINT) from None
    if path is not None:
        return _local(path, outside)
    if _SCHEME.match(location) or (_SCP.match(location) and not location.startswith("-")):
        address = Address.parse(location)
        return Place(Kind.URL, address.url, address, address)
    raise RepositoryError(f"no repository at {redact(location)}: there is no such folder", _LOCATION_HINT)


def _local(path: Path, outside: Command) -> Place:
    git = replace(outside, folder=path if path.is_dir() else path.parent, environment={})
    found = git.attempt(
        "rev-parse", "--path-format=absolute", "--is-bare-repository", "--is-shallow-repository",
        "--show-object-format", "--git-common-dir", "--git-dir",
    )  # fmt: skip
    if found.status != 0:
        if "dubious ownership" in found.stderr:
            raise git.failed(f"cannot read the repository at {path}", found.stderr)
        raise RepositoryError(
            f"no Git repository at {path}",
            "Run inside a clone, or pass --repo with a clone, a bare repository, or the remote's URL.",
        )
    bare, shallow, object_format, *folders = found.stdout.decode("utf-8", "surrogateescape").splitlines()
    folder = Path(folders[0])
    partial = git.attempt("config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$")
    lends = shallow == "false" and partial.status != 0
    objects = folder / "objects" if lends else None
    if bare == "true":
        address = Address(str(folder))
        return Place(Kind.BARE, str(folder), address, address, folder, objects, object_format)
    kind = Kind.WORKTREE if folders[0] != folders[1] else Kind.SHALLOW_CLONE if shallow == "true" else Kind.CLONE
    remote = _remote_name(git, path)
    return Place(
        kind,
        str(path),
        Address.parse(_absolute(_remote_url(git, remote), git, folder)),
        Address.parse(_absolute(_remote_url(git, remote, "--push"), git, folder)),
        folder,
        objects,
        object_format,
        tuple(_rename(setting, remote) for setting in transport_settings(git)),
    )


def _remote_name(git: Command, path: Path) -> str:
    names = git.run(f"cannot list the remotes of {path}", "remote").decode("utf-8", "surrogateescape").split("\n")[:-1]
    if not names:
        raise RepositoryError(
            f"the clone at {path} has no remote, so there is nowhere to push pull requests to",
            "Add one (git remote add origin URL), or pass --repo with a bare repository or a URL.",
        )
    preferred = git.attempt("config", "--get", "checkout.defaultRemote").stdout.decode().strip()
    for name in (preferred, "origin", names[0] if len(names) == 1 else ""):
        if name in names:
            return name
    raise RepositoryError(
        f"the clone at {path} has several remotes and none is called origin: {', '.join(names)}",
        "Say which one: git config checkout.defaultRemote NAME, or pass --repo with its URL.",
    )


def _remote_url(git: Command, remote: str, *options: str) -> str:
    text = git.run(f"cannot read the URL of the remote {remote}", "remote", "get-url", *options, "--", remote)
    return text.decode("utf-8", "surrogateescape").removesuffix("\n")


def _absolute(url: str, git: Command, folder: Path) -> str:
    """A path relative to the clone's root, made absolute: git runs elsewhere with it."""
    if _SCHEME.match(url) or _SCP.match(url) or Path(url).is_absolute():
        return url
    top = git.attempt("rev-parse", "--path-format=absolute", "--show-toplevel").stdout.decode().removesuffix("\n")
    roots = [Path(top)] if top else []
    for root in (*roots, folder.parent):
        if (root / url).exists():
            return str((root / url).resolve())
    return str((folder.parent / url).resolve())


def _rename(setting: Setting, remote: str) -> Setting:
    """Settings of the clone's remote apply to the private repository's only remote."""
    prefix = f"remote.{remote}."
    if setting.key.startswith(prefix):
        return Setting("remote.rollout." + setting.key.removeprefix(prefix), setting.value)
    return setting


def transport_settings(git: Command) -> Iterable[Setting]:
    """What the configuration that is in force here says about talking to remotes, in its order."""
    listed = git.attempt("config", "-z", "--get-regexp", _TRANSPORT).stdout.decode("utf-8", "surrogateescape")
    for entry in listed.split("\0")[:-1]:
        key, newline, value = entry.partition("\n")
        yield Setting(key, value if newline else None)
