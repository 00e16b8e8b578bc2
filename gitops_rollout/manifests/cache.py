"""What the last scan of a repository found, on disk: safe to delete, to share between runs, and to find damaged."""

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from gitops_rollout import __version__
from gitops_rollout.model.targets import Skipped

_LAYOUT = 1
_DIGEST = 32


@dataclass
class Memory:
    """One commit's tree as it was scanned: what each file held, by path and blob id.

    `held` has only files that hold something, as stored scans; `nothing` the blob ids of those that were found to hold
    nothing, between spaces; `noted` the paths that are passed over unread; `charts` the paths of `Chart.yaml` files.
    """

    commit: str = ""
    held: dict[str, tuple[str, bytes | msgspec.Raw]] = field(default_factory=dict)
    nothing: bytes = b""
    noted: dict[str, Skipped] = field(default_factory=dict)
    charts: set[str] = field(default_factory=set)


class _Stored(msgspec.Struct, array_like=True):
    commit: str
    held: dict[str, tuple[str, msgspec.Raw]]
    nothing: bytes
    noted: list[Skipped]
    charts: list[str]


class Cache:
    """A folder with a file for each way of scanning; `settings` is all that a scan depends on but the blobs."""

    def __init__(self, folder: Path, settings: object) -> None:
        key = repr((_LAYOUT, __version__, settings)).encode("utf-8", "backslashreplace")
        self._path = folder / f"scan-{hashlib.sha256(key).hexdigest()[:16]}"

    def load(self) -> Memory | None:
        """The last scan; None where there is none, or it is damaged."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        body = memoryview(data)[_DIGEST:]
        if hashlib.sha256(body).digest() != data[:_DIGEST]:
            return None
        try:
            stored = msgspec.msgpack.decode(body, type=_Stored)
        except msgspec.MsgspecError:
            return None
        held: dict[str, tuple[str, bytes | msgspec.Raw]] = dict(stored.held)
        return Memory(stored.commit, held, stored.nothing, {one.path: one for one in stored.noted}, set(stored.charts))

    def save(self, memory: Memory) -> None:
        """Replace the last scan as a whole; a folder that cannot be written is no reason to fail."""
        held = {path: (oid, msgspec.Raw(scan)) for path, (oid, scan) in memory.held.items()}
        stored = _Stored(memory.commit, held, memory.nothing, list(memory.noted.values()), sorted(memory.charts))
        body = msgspec.msgpack.encode(stored)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".scan-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(body).digest())
                    file.write(body)
                Path(name).replace(self._path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError:
            return
