"""Events to plain data, as Kubernetes would read them: aliases and merge keys followed, within limits."""

from typing import Any

from gitops_rollout.text import scalars
from gitops_rollout.text.events import MAX_DEPTH, Document, Event, Kind
from gitops_rollout.text.unreadable import Unreadable

MAX_VALUES = 200_000
"""Most values that one node may come to once aliases are followed: an alias bomb ends here."""

_STRING_TAGS = {"tag:yaml.org,2002:str", "!"}
_JSON_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null")}


def data(document: Document, node: int = 0) -> Any:
    """The plain data (dict, list, str, int, float, bool, None) of a node; raises `Unreadable`.

    Of keys that stand twice the last one counts; keys are text.
    """
    return _Reader(document).read(node)


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.events = document.events
        self.count = 0
        self.depth = 0

    def read(self, node: int) -> Any:
        """Read one node. Recursion is safe: depth is bound, aliases included."""
        event = self.events[node]
        self.count += 1
        if self.count > MAX_VALUES:
            raise Unreadable("alias", f"aliases would grow the document beyond {MAX_VALUES} values")
        if event.kind is Kind.SCALAR:
            return scalars.plain(event.value) if event.tag is None and event.style == "plain" else _tagged(event)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("too-deep", f"nested more than {MAX_DEPTH} deep, aliases included")
        try:
            if event.kind is Kind.ALIAS:
                return self.read(anchored(self.document, node))
            if event.kind is Kind.SEQUENCE:
                return [self.read(item) for item in self.document.items(node)]
            return self._mapping(node)
        finally:
            self.depth -= 1

    def _mapping(self, node: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in self.document.entries(node):
            event = self.events[key]
            if event.kind is not Kind.SCALAR:
                raise Unreadable("unparsable", "a key of a mapping is not text")
            if is_merge(event):
                merged = self._merge(value) | merged
            else:
                result[event.value] = self.read(value)
        return merged | result if merged else result

    def _merge(self, value: int) -> dict[str, Any]:
        several = self.events[value].kind is Kind.SEQUENCE
        result: dict[str, Any] = {}
        for source in self.document.items(value) if several else [value]:
            mapping = self.read(source)
            if not isinstance(mapping, dict):
                raise Unreadable("merge-key", "a merge key (<<) names something that is not a mapping")
            result = mapping | result
        return result


def is_merge(key: Event) -> bool:
    """Whether a key of a mapping is the merge key."""
    return key.value == "<<" and key.style == "plain"


def anchored(document: Document, alias: int) -> int:
    """The node that an alias names: the last one with that anchor before it; raises `Unreadable`."""
    name = document.events[alias].anchor
    for index in range(alias - 1, -1, -1):
        event = document.events[index]
        if event.anchor == name and event.kind is not Kind.ALIAS:
            if alias < document.after[index]:
                raise Unreadable("alias", "an alias stands inside of what it names")
            return index
    raise Unreadable("unparsable", "an alias names an anchor that does not exist")


def _tagged(event: Event) -> scalars.Scalar:
    if event.tag is None or event.tag in _STRING_TAGS:
        return event.value
    return scalars.plain(event.value) if event.tag in _JSON_TAGS else event.value
