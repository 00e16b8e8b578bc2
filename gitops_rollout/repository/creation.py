"""Makes a whole repository from its commits: a bare one, as a server keeps it, and a clone as a person has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.command import Command


@dataclass(frozen=True, slots=True)
class WholeCommit:
    """A commit with all files of its tree, by path."""

    at: datetime
    message: str
    files: Mapping[str, bytes]


def create_repository(folder: Path, branch: str, author: str, commits: Iterable[WholeCommit]) -> None:
    """Make the bare repository `folder` with one branch that holds `commits`, oldest first.

    `author` is `Name <address>`, and commits them too. Raises `RepositoryError` where something is at `folder` already
    or git fails.
    """
    if folder.exists():
        raise RepositoryError(f"{folder} exists already", "choose another place")
    folder.mkdir(parents=True)
    git = Command(folder)
    git.run("cannot make a repository", "init", "--quiet", "--bare", f"--initial-branch={branch}", ".")
    stream = b"".join(part for commit in commits for part in _commit(branch, author, commit))
    git.run("cannot make its commits", "fast-import", "--quiet", "--date-format=raw", stdin=stream)


def clone_repository(remote: Path, folder: Path) -> None:
    """Clone `remote` to `folder` as a person would; raises `RepositoryError` where git fails."""
    git = Command(folder.parent)
    git.run("cannot clone", "clone", "--quiet", "--", str(remote), str(folder))


def _commit(branch: str, author: str, commit: WholeCommit) -> Iterable[bytes]:
    when = f"{int(commit.at.timestamp())} +0000"
    yield f"commit refs/heads/{branch}\n".encode()
    yield f"author {author} {when}\ncommitter {author} {when}\n".encode()
    yield _data(commit.message.encode())
    yield b"deleteall\n"
    for path, data in sorted(commit.files.items()):
        quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        yield f'M 100644 inline "{quoted}"\n'.encode() + _data(data)


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"
