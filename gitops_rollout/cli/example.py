"""Puts the example repository together: its files at every commit of its history, oldest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gitops_rollout.model.errors import RolloutError
from gitops_rollout.text.plain import load_documents


@dataclass(frozen=True, slots=True)
class ExampleCommit:
    """One commit: its instant, its message, and all files of its tree by path."""

    at: datetime
    message: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Example:
    """The example's history. `now` is the instant at which the demo decides; `author` is `Name <address>`."""

    branch: str
    author: str
    now: datetime
    commits: tuple[ExampleCommit, ...]


def load_example(folder: Path) -> Example:
    """Read `history.yaml` and `repo/` in `folder`, and undo the commits one by one to get every earlier tree.

    Raises a `RolloutError` where a text that a commit wrote does not stand exactly once in its file.
    """
    (described,) = load_documents((folder / "history.yaml").read_bytes())
    repository = folder / "repo"
    tree = {
        path.relative_to(repository).as_posix(): path.read_bytes()
        for path in sorted(repository.rglob("*"))
        if path.is_file()
    }
    commits: list[ExampleCommit] = []
    for entry in reversed(described["commits"]):
        commits.append(ExampleCommit(_instant(entry["at"]), entry["message"], tree))
        tree = {**tree, entry["path"]: _undone(tree[entry["path"]], entry)}
    first = described["first"]
    commits.append(ExampleCommit(_instant(first["at"]), first["message"], tree))
    return Example(
        branch=described["branch"],
        author=described["author"],
        now=_instant(described["now"]),
        commits=tuple(reversed(commits)),
    )


def _undone(data: bytes, entry: Mapping[str, Any]) -> bytes:
    text = data.decode("utf-8")
    for now, before in entry["was"].items():
        if text.count(now) != 1:
            raise RolloutError(
                f"history.yaml, {entry['message']!r}: {now!r} stands {text.count(now)} times in {entry['path']}",
                "each text of `was` must stand once in its file as that commit left it",
            )
        text = text.replace(now, before)
    return text.encode("utf-8")


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value)
