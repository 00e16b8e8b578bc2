"""Makes commits without a work tree: one `git fast-import` for many."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gitops_rollout.model.commits import CommitSettings, Person
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.command import Command
from gitops_rollout.repository.objects import path_bytes

_REF = "refs/rollout/import"
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\')
_FORBIDDEN = re.compile(r"[<>\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to be written: its parents in order, and the files that replace those of the first parent.

    A file whose content is None is removed.
    `when` is `<seconds> <+hhmm>`. `whole`: the tree holds just these files. `modes` are Git modes by path; a file
    without one is `100644`.
    """

    parents: Sequence[str]
    files: Mapping[str, bytes | None]
    message: str
    when: str
    modes: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


def write_commits(git: Command, commits: Sequence[NewCommit], settings: CommitSettings) -> list[str]:
    """Write the commits into the private repository and return their ids, in order; no ref is left behind."""
    if not commits:
        return []
    parts = [part for number, commit in enumerate(commits, 1) for part in _commit(number, commit, settings)]
    # Resetting the ref to nothing before the end keeps fast-import from writing it.
    stream = b"".join((*parts, f"reset {_REF}\n\ndone\n".encode()))
    written = git.run("cannot make commits", "fast-import", "--quiet", "--done", "--date-format=raw", stdin=stream)
    ids = written.decode("ascii").split()
    if len(ids) != len(commits):
        raise RepositoryError("git made fewer commits than it was asked for", "Run again.")
    return ids


def _commit(number: int, commit: NewCommit, settings: CommitSettings) -> Iterable[bytes]:
    message = _data(message_text(commit.message, settings).encode("utf-8", "replace"))
    yield f"reset {_REF}\n\ncommit {_REF}\nmark :{number}\n".encode()
    yield f"author {ident(settings.author)} {commit.when}\n".encode()
    yield f"committer {ident(settings.committer)} {commit.when}\n".encode()
    yield message
    for place, parent in enumerate(commit.parents):
        yield f"{'merge' if place else 'from'} {parent}\n".encode()
    if commit.whole:
        yield b"deleteall\n"
    for path in sorted(commit.files):
        content = commit.files[path]
        if content is None:
            yield b"D " + _quoted(path) + b"\n"
        else:
            yield f"M {commit.modes.get(path, '100644')} inline ".encode() + _quoted(path) + b"\n"
            yield _data(content)
    yield f"\nget-mark :{number}\n".encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    """A path C-quoted for fast-import, which reads octal escapes as bytes."""
    if not path or path.startswith("/") or any(part in {"", ".", "..", ".git"} for part in path.split("/")):
        raise RepositoryError(f"the path {path!r} cannot stand in a commit")
    escaped = b"".join(bytes((byte,)) if byte in _PLAIN else b"\\%03o" % byte for byte in path_bytes(path))
    return b'"' + escaped + b'"'


def clean(person: Person) -> Person:
    """A person without the characters that end a name or an address in Git."""
    return Person(_FORBIDDEN.sub(" ", person.name).strip() or "unknown", _FORBIDDEN.sub("", person.email).strip())


def ident(person: Person) -> str:
    """A person as Git writes it."""
    person = clean(person)
    return f"{person.name} <{person.email}>"


def message_text(message: str, settings: CommitSettings) -> str:
    """The message as it is written: no NUL, one final newline, signed off where the settings say so."""
    text = message.replace("\0", "").rstrip("\n") + "\n"
    if not settings.sign_off:
        return text
    trailer = f"Signed-off-by: {ident(settings.committer)}"
    lines = text.rstrip("\n").split("\n")
    if trailer in lines:
        return text
    apart = not re.match(r"[A-Za-z0-9-]+: ", lines[-1]) or len(lines) == 1
    return "\n".join((*lines, *([""] if apart else []), trailer)) + "\n"
