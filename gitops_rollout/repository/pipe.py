"""One git process that stays and answers for one object after another: small reads cost no process each."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import finalize

from gitops_rollout.repository.command import Command
from gitops_rollout.repository.objects import GITLINK, path_bytes, path_text

if TYPE_CHECKING:
    from git import Git

_TREE = "40000"


class ObjectPipe:
    """Reads objects of one private repository by id. Not for use by several threads at once."""

    def __init__(self, git: Command) -> None:
        self._git = git
        self._running: Git.AutoInterrupt | None = None

    def read(self, oid: str) -> tuple[str, bytes] | None:
        """Type and bytes of an object, None where it is not here; a process that was killed is started again."""
        try:
            return self._ask(oid)
        except (OSError, ValueError, IndexError):
            self._running = None
        try:
            return self._ask(oid)
        except (OSError, ValueError, IndexError):
            self._running = None
            raise self._git.damaged(f"cannot read the object {oid}") from None

    def tree(self, commit: str) -> str | None:
        """The id of a commit's tree, None where the commit is not here."""
        found = self.read(commit)
        if found is None or found[0] != "commit":
            return None
        return found[1][5 : found[1].index(b"\n")].decode("ascii")

    def file(self, commit: str, path: str) -> bytes | None:
        """The bytes of one file at a commit that is here; None where there is no file."""
        oid, mode = self.tree(commit), _TREE
        for part in path_bytes(path).split(b"/"):
            if oid is None or mode != _TREE:
                return None
            mode, oid = self._entries(oid).get(part, ("", None))
        return None if oid is None or mode in {_TREE, GITLINK} else self._content(oid)

    def files(self, commit: str) -> Mapping[str, bytes]:
        """All files of a commit that is here, by path."""
        root = self.tree(commit)
        return {path: self._content(oid) for path, oid in self._walk(root, ())} if root else {}

    def _walk(self, tree: str, above: Sequence[bytes]) -> Iterator[tuple[str, str]]:
        for name, (mode, oid) in self._entries(tree).items():
            if mode == _TREE:
                yield from self._walk(oid, (*above, name))
            elif mode != GITLINK:
                yield path_text(b"/".join((*above, name))), oid

    def _content(self, oid: str) -> bytes:
        found = self.read(oid)
        if found is None:
            raise self._git.damaged(f"cannot read the object {oid}")
        return found[1]

    def _entries(self, tree: str) -> Mapping[bytes, tuple[str, str]]:
        """Mode and object id by name: `<mode> <name> NUL <raw id>`, again and again (git's tree format)."""
        data, width, place = self._content(tree), len(tree) // 2, 0
        entries: dict[bytes, tuple[str, str]] = {}
        while place < len(data):
            end = data.index(b"\0", place)
            mode, _, name = data[place:end].partition(b" ")
            place = end + 1 + width
            entries[name] = (mode.decode("ascii"), data[end + 1 : place].hex())
        return entries

    def _ask(self, oid: str) -> tuple[str, bytes] | None:
        if self._running is None:
            self._running = self._git.serve("cat-file", "--batch")
            # Not left to the collector: it may drop the process before its keeper has ended it.
            finalize(self, _end, self._running)
        running = self._running
        running.stdin.write(f"{oid}\n".encode())
        running.stdin.flush()
        header = running.stdout.readline().split()
        if header[-1] == b"missing":
            return None
        _, kind, size = header
        data = running.stdout.read(int(size))
        if running.stdout.read(1) != b"\n":
            raise ValueError("the answer was cut off")
        return kind.decode("ascii"), data


def _end(running: "Git.AutoInterrupt") -> None:
    """End a process that nobody asks any more."""
    process = running.proc
    if process is None:
        return
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    process.kill()
    process.wait()
