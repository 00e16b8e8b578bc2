"""First-parent history: one `git log` for all paths, renames followed, exact under merges of every kind."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from gitops_rollout.model.history import FileHistory, FileVersion
from gitops_rollout.repository.command import Command
from gitops_rollout.repository.log import LoggedCommit
from gitops_rollout.repository.objects import read_blobs


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


def read_histories(
    git: Command, log: Iterable[LoggedCommit], paths: Sequence[str], shallow: Set[str]
) -> Mapping[str, FileHistory]:
    """Versions of each path, newest first, of a first-parent log. `shallow`: commits whose parents are not here.

    Where history ends at such a commit, its files are shown as it holds them, and `complete` is False.
    """
    trails = [_Trail(path) for path in dict.fromkeys(paths)]
    current: dict[str, list[_Trail]] = {trail.asked: [trail] for trail in trails}
    complete = True
    for logged in log:
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
