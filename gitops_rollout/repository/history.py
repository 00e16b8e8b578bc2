"""First-parent history: one `git log` for all paths, renames followed, exact under merges of every kind."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from gitops_rollout.model.history import FileHistory, FileVersion
from gitops_rollout.repository.command import Command
from gitops_rollout.repository.objects import GITLINK, instant, path_text, read_blobs, tokens

# More moved and edited files than this in one commit are taken for deleted and added (git's own limit is 1000).
_RENAME_LIMIT = 2000
_LOG = (
    "log", "--first-parent", "--diff-merges=first-parent", "--no-show-signature", "--encoding=UTF-8", "-z",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touch:
    """One path changed by a commit: its Git mode and object id after it, `before` where it was renamed.

    `oid` is None where the path was deleted.
    """

    path: str
    oid: str | None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedCommit:
    """A first-parent commit and what it changed against its first parent."""

    id: str
    committed: datetime
    author: str
    message: str
    touches: tuple[Touch, ...]


@dataclass(slots=True)
class _Version:
    logged: LoggedCommit
    path: str
    oid: str | None


@dataclass(slots=True)
class _Trail:
    """One asked path on its way back in time, under the name it has there."""

    asked: str
    versions: list[_Version] = field(default_factory=list)


def read_histories(git: Command, commit: str, paths: Sequence[str], shallow: Set[str]) -> Mapping[str, FileHistory]:
    """Versions of each path, newest first. `shallow`: commits whose parents are not here.

    Where history ends at such a commit, its files are shown as it holds them, and `complete` is False.
    """
    trails = [_Trail(path) for path in dict.fromkeys(paths)]
    current: dict[str, list[_Trail]] = {trail.asked: [trail] for trail in trails}
    complete = True
    for logged in read_log(git, commit):
        complete = complete and logged.id not in shallow
        _follow(current, logged)
    oids = dict.fromkeys(version.oid for trail in trails for version in trail.versions if version.oid)
    blobs = dict(read_blobs(git, oids))
    return {trail.asked: _history(trail, blobs, complete) for trail in trails}


def _follow(current: dict[str, list[_Trail]], logged: LoggedCommit) -> None:
    moves: list[tuple[str, str]] = []
    for touch in logged.touches:
        for trail in current.get(touch.path, ()):
            trail.versions.append(_Version(logged, touch.path, touch.oid))
        if touch.before is not None:
            for trail in current.get(touch.before, ()):
                trail.versions.append(_Version(logged, touch.before, None))
            moves.append((touch.path, touch.before))
    leaving = [(before, current.pop(path)) for path, before in moves if path in current]
    for before, trails in leaving:
        current.setdefault(before, []).extend(trails)


def _history(trail: _Trail, blobs: Mapping[str, bytes], complete: bool) -> FileHistory:
    versions = tuple(
        FileVersion(
            commit=version.logged.id,
            committed=version.logged.committed,
            author=version.logged.author,
            message=version.logged.message,
            path=version.path,
            data=None if version.oid is None else blobs[version.oid],
        )
        for version in trail.versions
    )
    return FileHistory(versions, complete)


def read_log(git: Command, commit: str) -> Iterator[LoggedCommit]:
    """The first-parent commits that lead to `commit`, newest first."""
    arguments = (
        *_LOG, "--raw", "--no-abbrev", "-M", f"-l{_RENAME_LIMIT}", "--root",
        "--format=%H%x00%ct%x00%an <%ae>%x00%B", commit, "--",
    )  # fmt: skip
    with git.stream(f"cannot read the history of {commit[:12]}", *arguments) as stream:
        parts = tokens(stream)
        token = next(parts, None)
        while token is not None:
            oid = token.decode("ascii")
            seconds, author, message = (next(parts, b"").decode("utf-8", "replace") for _ in range(3))
            touches: list[Touch] = []
            token = next(parts, None)
            while token is not None and (entry := token.lstrip(b"\n")).startswith(b":"):
                touches.append(_touch(entry, parts))
                token = next(parts, None)
            yield LoggedCommit(oid, instant(seconds), author, message.rstrip("\n") + "\n", tuple(touches))


def _touch(entry: bytes, parts: Iterator[bytes]) -> Touch:
    _, mode, _, oid, status = entry.decode("ascii").split()
    path = path_text(next(parts))
    gone = status.startswith("D") or mode == GITLINK
    if status.startswith("R"):
        return Touch(path_text(next(parts)), None if gone else oid, before=path)
    return Touch(path, None if gone else oid)


def read_touched(git: Command, old: str, new: str) -> frozenset[str]:
    """Paths touched by the first-parent commits of `new` that `old` does not have; both names of a renamed file."""
    arguments = (*_LOG, "--name-only", "--no-renames", "--root", "--format=", f"{old}..{new}", "--")
    with git.stream(f"cannot read the history from {old[:12]} to {new[:12]}", *arguments) as stream:
        return frozenset(path_text(token.lstrip(b"\n")) for token in tokens(stream) if token.strip(b"\n"))
