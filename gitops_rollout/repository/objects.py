"""Reads trees, blobs and commits from the private repository, one git process for many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO

from gitops_rollout.model.doors import CommitInfo, TreeEntry
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.command import Command

GITLINK = "160000"
_CHUNK = 1 << 20


def path_text(path: bytes) -> str:
    """A path as text; bytes that are not UTF-8 survive the way back."""
    return path.decode("utf-8", "surrogateescape")


def path_bytes(path: str) -> bytes:
    """The bytes of a path that `path_text` gave."""
    return path.encode("utf-8", "surrogateescape")


def instant(seconds: str) -> datetime:
    """A commit's time in UTC; a time that no calendar holds counts as the Unix epoch's first second."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def tokens(stream: IO[bytes]) -> Iterator[bytes]:
    """The NUL-terminated parts of a stream."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *parts, rest = (rest + chunk).split(b"\0")
        yield from parts
    if rest.strip():
        yield rest


def read_tree(git: Command, commit: str, paths: Sequence[str] = (), *, sizes: bool = False) -> Iterator[TreeEntry]:
    """All files of a commit, or those at exactly these paths; sizes cost a look at each object."""
    where = ["-z", "--full-tree", *(["-l"] if sizes else []), *([] if paths else ["-r"]), commit]
    with git.stream(f"cannot list the files of {commit[:12]}", "ls-tree", *where, "--", *paths) as stream:
        for token in tokens(stream):
            head, _, path = token.partition(b"\t")
            mode, kind, oid, *size = head.decode("ascii").split()
            if kind != "tree":
                yield TreeEntry(path_text(path), mode, oid, int(size[0]) if size and size[0] != "-" else None)


def read_differences(git: Command, old: str, new: str) -> tuple[list[TreeEntry], list[str]]:
    """The files of `new` that `old` has not, or has otherwise, and the paths of `old` that are gone."""
    changed: list[TreeEntry] = []
    gone: list[str] = []
    arguments = ["-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new, "--"]
    with git.stream(f"cannot compare {old[:12]} with {new[:12]}", "diff-tree", *arguments) as stream:
        parts = tokens(stream)
        for head, path in zip(parts, parts, strict=True):
            _, mode, _, oid, status = head.decode("ascii").split()
            if status == "D":
                gone.append(path_text(path))
            else:
                changed.append(TreeEntry(path_text(path), mode, oid, None))
    return changed, gone


def read_objects(git: Command, oids: Iterable[str], most: int | None = None) -> Iterator[tuple[str, str, bytes]]:
    """Object id as asked, type and bytes of each object, in the order asked; the type is `missing` where it is not.

    Of objects longer than `most` bytes come the first `most` + 1.
    """
    asked = list(oids)
    if not asked:
        return
    feed = "".join(f"{oid}\n" for oid in asked).encode()
    with git.stream("cannot read objects", "cat-file", "--batch", "--buffer", stdin=feed) as stream:
        for oid in asked:
            header = stream.readline().split()
            if len(header) == 2 and header[1] == b"missing":
                yield oid, "missing", b""
                continue
            if len(header) != 3:
                return  # git died; leaving the stream raises its error
            length = int(header[2])
            kept = length if most is None else min(length, most + 1)
            data = stream.read(kept)
            _skip(stream, length - kept + 1)
            yield oid, header[1].decode("ascii"), data


def _skip(stream: IO[bytes], length: int) -> None:
    while length > 0:
        length -= len(stream.read(min(length, _CHUNK))) or length


def read_blobs(git: Command, oids: Iterable[str], most: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Object id and bytes of each blob, in the order asked; of those longer than `most` the first `most` + 1."""
    for oid, kind, data in read_objects(git, oids, most):
        if kind == "missing":
            raise git.damaged(f"cannot read the object {oid}")
        if kind != "blob":
            raise RepositoryError(f"the object {oid} is a {kind}, not a file")
        yield oid, data


def read_commits(git: Command, oids: Sequence[str]) -> Mapping[str, CommitInfo]:
    """The commits that are here, by id; what is missing or no commit is left out."""
    return {oid: _commit_info(oid, data) for oid, kind, data in read_objects(git, oids) if kind == "commit"}


def _commit_info(oid: str, data: bytes) -> CommitInfo:
    head, _, message = data.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(" ")
        fields.setdefault(name, []).append(value)
    who, _, when = fields.get("committer", [""])[0].rpartition(">")
    return CommitInfo(
        id=oid,
        parents=tuple(fields.get("parent", ())),
        committer=who.rpartition("<")[2],
        message=message.decode("utf-8", "replace"),
        committed=instant((when.split() or [""])[0]),
        tree=fields.get("tree", [""])[0],
    )
