"""Reads `git log` along first parents; what was read once is kept beside the objects, since it never changes."""

import hashlib
import io
import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gitops_rollout.repository.command import Command
from gitops_rollout.repository.objects import GITLINK, instant, path_text, tokens

# More moved and edited files than this in one commit are taken for deleted and added (git's own limit is 1000).
_RENAME_LIMIT = 2000
_LOG = (
    "log", "--first-parent", "--diff-merges=first-parent", "--no-show-signature", "--encoding=UTF-8", "-z", "--root",
)  # fmt: skip
_TOUCHES = ("--raw", "--no-abbrev", "-M", f"-l{_RENAME_LIMIT}", "--format=%H%x00%P%x00%ct%x00%an <%ae>%x00%B")
_KEPT = "first-parent-log"
# Part of what is kept: a release that reads the log otherwise reads it anew.
_WAY = hashlib.sha256(repr((_LOG, _TOUCHES)).encode()).hexdigest()


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
    parents: tuple[str, ...]
    committed: datetime
    author: str
    message: str
    touches: tuple[Touch, ...]


def read_log(git: Command, commit: str, keep: Path | None) -> Iterator[LoggedCommit]:
    """The first-parent commits that lead to `commit`, newest first.

    `keep` is the folder that keeps what was read, None where history is cut and may grow backwards.
    """
    return parse_log(_read(git, commit) if keep is None else _read_kept(git, commit, keep / _KEPT))


def _read_kept(git: Command, commit: str, path: Path) -> bytes:
    tip, kept = _load(path)
    if tip == commit:
        return kept
    data = _read(git, commit, tip) if tip else b""
    oldest = deque(parse_log(data), maxlen=1)
    # What is kept continues what was read only where the first parent of the oldest new commit is its tip.
    continues = bool(oldest) and oldest[0].parents[:1] == (tip,)
    data = data + kept if continues else _read(git, commit)
    _save(path, commit, data)
    return data


def _read(git: Command, commit: str, known: str | None = None) -> bytes:
    """The log as git writes it, of the commits that `known` does not have."""
    what = f"cannot read the history of {commit[:12]}"
    outcome = git.attempt(*_LOG, *_TOUCHES, commit, *([f"^{known}"] if known else []), "--")
    if outcome.status == 0:
        return outcome.stdout
    if known:  # a tip of long ago that is not here any more
        return b""
    raise git.failed(what, outcome.stderr)


def _load(path: Path) -> tuple[str | None, bytes]:
    """Tip and bytes of the log that is kept; neither where there is none, or it is not whole."""
    try:
        head, _, data = path.read_bytes().partition(b"\n")
    except OSError:
        return None, b""
    way, tip, digest = [*head.decode("ascii", "replace").split(" "), "", "", ""][:3]
    whole = way == _WAY and hashlib.sha256(data).hexdigest() == digest
    return (tip, data) if whole else (None, b"")


def _save(path: Path, commit: str, data: bytes) -> None:
    """Keep it, whole or not at all; a disk that is full costs only time in the next run."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        fresh.write_bytes(f"{_WAY} {commit} {hashlib.sha256(data).hexdigest()}\n".encode() + data)
        fresh.replace(path)
    with suppress(OSError):
        fresh.unlink()


def parse_log(data: bytes) -> Iterator[LoggedCommit]:
    """The commits of a log as git writes it."""
    parts = tokens(io.BytesIO(data))
    token = next(parts, None)
    while token is not None:
        oid = token.decode("ascii")
        parents, seconds, author, message = (next(parts, b"").decode("utf-8", "replace") for _ in range(4))
        touches: list[Touch] = []
        token = next(parts, None)
        while token is not None and (entry := token.lstrip(b"\n")).startswith(b":"):
            touches.append(_touch(entry, parts))
            token = next(parts, None)
        message = message.rstrip("\n") + "\n"
        yield LoggedCommit(oid, tuple(parents.split()), instant(seconds), author, message, tuple(touches))


def _touch(entry: bytes, parts: Iterator[bytes]) -> Touch:
    _, mode, _, oid, status = entry.decode("ascii").split()
    path = path_text(next(parts))
    gone = status.startswith("D") or mode == GITLINK
    if status.startswith("R"):
        return Touch(path_text(next(parts)), None if gone else oid, before=path)
    return Touch(path, None if gone else oid)


def read_touched(git: Command, old: str, new: str) -> frozenset[str]:
    """Paths touched by the first-parent commits of `new` that `old` does not have; both names of a renamed file."""
    arguments = (*_LOG, "--name-only", "--no-renames", "--format=", f"{old}..{new}", "--")
    with git.stream(f"cannot read the history from {old[:12]} to {new[:12]}", *arguments) as stream:
        return frozenset(path_text(token.lstrip(b"\n")) for token in tokens(stream) if token.strip(b"\n"))
