"""Objects of a cluster kept as they came, and written as a snapshot file that reads back to the same view."""

from collections import defaultdict
from datetime import datetime
from typing import Any, BinaryIO, Protocol

import msgspec

from gitops_rollout.cluster.limits import Limits

# Stands in the list's metadata, where kubectl prints nothing of the kind and passes it over.
SEEN_AT = "seenAt"


class Collector(Protocol):
    """Takes the objects of a listing, and how far it went."""

    limits: Limits

    def add(self, kind: str, source: bytes | msgspec.Raw | dict[str, Any]) -> None:
        """One object of a kind."""

    def forget(self, kind: str) -> None:
        """Drop all objects of a kind: its listing begins anew."""

    def count(self, kind: str) -> int:
        """How many objects of a kind there are by now."""


class Recording:
    """A collector that keeps the text of each object."""

    def __init__(self) -> None:
        self.seen_at: datetime | None = None
        self.limits = Limits()
        self._items: dict[str, list[bytes]] = defaultdict(list)

    def __len__(self) -> int:
        return sum(len(items) for items in self._items.values())

    def add(self, kind: str, source: bytes | msgspec.Raw | dict[str, Any]) -> None:
        """Keep one object."""
        self._items[kind].append(msgspec.json.encode(source) if isinstance(source, dict) else bytes(source))

    def forget(self, kind: str) -> None:
        """Drop all objects of a kind: its listing begins anew."""
        self._items[kind].clear()

    def count(self, kind: str) -> int:
        """How many objects of a kind there are by now."""
        return len(self._items[kind])

    def write(self, stream: BinaryIO) -> None:
        """Write the snapshot: a `List` as kubectl prints it, one object a line, with the instant it was seen at."""
        stream.write(b'{"apiVersion": "v1", "kind": "List", "items": [\n')
        separator = b""
        for items in self._items.values():
            for item in items:
                stream.write(separator + item)
                separator = b",\n"
        seen_at = self.seen_at.isoformat() if self.seen_at else None
        metadata = {"resourceVersion": "", SEEN_AT: seen_at, **self.limits.metadata()}
        stream.write(b'\n], "metadata": ' + msgspec.json.encode(metadata) + b"}\n")
