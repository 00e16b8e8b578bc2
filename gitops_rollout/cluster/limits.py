"""How far a reading went: what was asked for at all, and what of it was refused; kept with a snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops_rollout.cluster import decode


@dataclass(slots=True)
class Limits:
    """`namespaces` None are all of them; `labels` those that InferenceServices had to have.

    `unread` says of namespaces why they could not be read.
    """

    namespaces: frozenset[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """What goes into a snapshot's metadata: nothing where nothing was limited."""
        stated: dict[str, Any] = {}
        if self.namespaces is not None:
            stated["namespaces"] = sorted(self.namespaces)
        if self.labels:
            stated["labels"] = dict(sorted(self.labels.items()))
        if self.unread:
            stated["unread"] = dict(sorted(self.unread.items()))
        return stated


def read_limits(metadata: Mapping[str, Any]) -> Limits:
    """The limits that a snapshot's metadata states."""
    namespaces = metadata.get("namespaces")
    stated = [name for name in namespaces if decode.text(name)] if isinstance(namespaces, list) else None
    return Limits(
        namespaces=None if stated is None else frozenset(stated),
        labels=decode.strings(metadata.get("labels")),
        unread=decode.strings(metadata.get("unread")),
    )
