"""Three-way merges without a work tree, file by file: all that a pull request of one commit needs."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gitops_rollout.repository.command import Command
from gitops_rollout.repository.objects import GITLINK, path_text, read_blobs, read_tree, tokens

_ABSENT = "0" * 6


@dataclass(frozen=True, slots=True)
class Side:
    """A path's Git mode and object id in one commit."""

    mode: str
    oid: str


def merged_files(git: Command, ancestor: str, base: str, head: str) -> Mapping[str, tuple[str, bytes | None]] | None:
    """Mode and bytes by path of what `head` changed since `ancestor`, brought to `base`; None for a removed file.

    Empty where `base` holds the change already. None where it does not apply: both changed the same lines, or one
    changed what the other removed, moved or made.
    """
    changed = {path: (before, after) for path, before, after in _differences(git, ancestor, head)}
    here = {entry.path: Side(entry.mode, entry.oid) for entry in read_tree(git, base, list(changed))} if changed else {}
    files: dict[str, tuple[str, bytes | None]] = {}
    for path, (before, after) in changed.items():
        present = here.get(path)
        if present == after:
            continue
        if present == before:
            if after is not None and after.mode == GITLINK:
                return None
            files[path] = (after.mode, next(read_blobs(git, [after.oid]))[1]) if after else ("", None)
            continue
        if before is None or present is None or after is None or not before.mode == present.mode == after.mode:
            return None
        content = _merge(git, before.oid, present.oid, after.oid) if after.mode != GITLINK else None
        if content is None:
            return None
        files[path] = (after.mode, content)
    return files


def _differences(git: Command, old: str, new: str) -> Iterator[tuple[str, Side | None, Side | None]]:
    """Path and its sides in both commits, for each path that differs; renames count as removed and added."""
    arguments = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-commit-id", old, new, "--")
    with git.stream(f"cannot compare {old[:12]} with {new[:12]}", *arguments) as stream:
        parts = tokens(stream)
        for head in parts:
            old_mode, new_mode, old_oid, new_oid, _ = head.decode("ascii").removeprefix(":").split()
            path = path_text(next(parts))
            yield path, _side(old_mode, old_oid), _side(new_mode, new_oid)


def _side(mode: str, oid: str) -> Side | None:
    return None if mode == _ABSENT else Side(mode, oid)


def _merge(git: Command, before: str, here: str, after: str) -> bytes | None:
    """The text of both edits, None where they meet in the same lines or the file is no text."""
    with tempfile.TemporaryDirectory(prefix="gitops-rollout-") as folder:
        files = [Path(folder) / name for name in ("here", "before", "after")]
        for file, (_, data) in zip(files, read_blobs(git, [here, before, after]), strict=True):
            file.write_bytes(data)
        outcome = git.attempt("merge-file", "-p", "--quiet", *map(str, files))
    return outcome.stdout if outcome.status == 0 else None
