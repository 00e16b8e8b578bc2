"""The live source that is a file: what `kubectl get isvc,ksvc,revisions -A --show-managed-fields -o json` printed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gitops_rollout.cluster import decode, objects
from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.cluster.limits import read_limits
from gitops_rollout.cluster.recording import SEEN_AT
from gitops_rollout.cluster.view import make_view
from gitops_rollout.model.errors import RolloutError, SourceError
from gitops_rollout.model.live import LiveView
from gitops_rollout.text.plain import load_documents

TAKE = "take it anew with: kubectl get isvc,ksvc,revisions -A --show-managed-fields -o json"


class _List(objects.Head, rename="camel"):
    """A `kubectl` List of any kind, its items still text."""

    metadata: Any = None
    items: list[msgspec.Raw] | None = None


class SnapshotSource:
    """Reads one file each time it is asked; `seen_at` goes before the instant that the file states."""

    def __init__(self, name: str, path: Path, seen_at: datetime | None = None) -> None:
        self.name = name
        self.path = path
        self.seen_at = seen_at

    def read(self) -> LiveView:
        """The view in the file; `SourceError` where it cannot be read or holds no objects."""
        try:
            data = self.path.read_bytes()
            written = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except OSError as error:
            raise SourceError(f"snapshot {self.path}: {error.strerror or error}", TAKE) from error
        assembly = read_snapshot(data, str(self.path))
        return make_view(self.name, assembly, self.seen_at or assembly.seen_at, file_time=written)


def read_snapshot(data: bytes, path: str) -> Assembly:
    """The objects of a snapshot: Lists, single objects, several one after another, JSON lines or a YAML stream.

    Kinds that are not needed are passed over. `SourceError` names `path` where the text is cut off or is no such text.
    """
    data = _as_utf8(data)
    if not data.strip():
        raise SourceError(f"snapshot {path} is empty", TAKE)
    assembly = Assembly()
    if not _read_list(data, assembly, path):
        documents = _json_values(data, path) if data.lstrip()[:1] in b"{[" else _yaml_values(data, path)
        if not sum(_add_plain(document, assembly, path) for document in documents):
            raise SourceError(f"snapshot {path} holds no Kubernetes object", TAKE)
    return assembly


def _read_list(data: bytes, assembly: Assembly, path: str) -> bool:
    """The usual file, one JSON List: decoded without making objects of what is not needed."""
    try:
        whole = msgspec.json.decode(data, type=_List)
        if whole.items is None:
            return False
        heads = [(msgspec.json.decode(item, type=objects.Head), item) for item in whole.items]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    _take_metadata(whole.metadata, assembly, path)
    for head, item in heads:
        if head.wanted():
            assembly.add(head.kind, item)
    return True


def _add_plain(value: Any, assembly: Assembly, path: str) -> int:
    """Add an object, or all of a list; how many objects there were."""
    if isinstance(value, list):
        return sum(_add_plain(item, assembly, path) for item in value)
    if not isinstance(value, dict):
        assembly.unreadable.append("an entry that is no object")
        return 0
    if isinstance(value.get("items"), list):
        _take_metadata(value.get("metadata"), assembly, path)
        _add_plain(value["items"], assembly, path)
    elif objects.Head(value.get("apiVersion"), value.get("kind")).wanted():
        assembly.add(value["kind"], value)
    return int(isinstance(value.get("kind"), str))


def _take_metadata(metadata: Any, assembly: Assembly, path: str) -> None:
    """A list's instant, if it has one: the earliest of several counts. One page alone would make the rest missing."""
    if not isinstance(metadata, dict):
        return
    if metadata.get("continue"):
        raise SourceError(f"snapshot {path} is one page of a longer list", TAKE)
    stated = [time for time in (assembly.seen_at, decode.instant(metadata.get(SEEN_AT))) if time is not None]
    assembly.seen_at = min(stated, default=None)
    if {"namespaces", "labels", "unread"} & metadata.keys():
        assembly.limits = read_limits(metadata)


def _json_values(data: bytes, path: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    try:
        text = data.decode()
        position = 0
        while position < len(text):
            value, position = decoder.raw_decode(text, position)
            yield value
            while position < len(text) and text[position].isspace():
                position += 1
    except json.JSONDecodeError as error:
        end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        what = "is cut off" if end else "is not JSON"
        raise SourceError(f"snapshot {path} {what}: line {error.lineno}, column {error.colno}", TAKE) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"snapshot {path} is not JSON", TAKE) from error


def _yaml_values(data: bytes, path: str) -> Iterator[Any]:
    try:
        documents = load_documents(data)
    except RolloutError as error:
        raise SourceError(f"snapshot {path}: {error.message}", TAKE) from error
    yield from (document for document in documents if document is not None)


def _as_utf8(data: bytes) -> bytes:
    """The same text as UTF-8 without a mark: shells on Windows redirect as UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")
