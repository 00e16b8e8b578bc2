"""One document as a flat list of events with positions: no tree, no expansion of aliases, no recursion."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

MAX_DEPTH = 100
"""Deepest nesting that is read. Kubernetes objects stay below 40; deeper text is an attack or an accident."""

MAX_EVENTS = 500_000
"""Most events in one document: about 8 MB of ordinary YAML."""


class Kind(StrEnum):
    """What an event begins or ends."""

    MAPPING = "mapping"
    SEQUENCE = "sequence"
    END = "end"
    SCALAR = "scalar"
    ALIAS = "alias"


class Event(NamedTuple):
    """One event. `style` is `plain`, `'`, `"`, `|` or `>` of a scalar, `block` or `flow` of a collection.

    `start` and `end` count characters of the whole text. `value` is the scalar's text before any reading as a number.
    """

    kind: Kind
    value: str
    anchor: str | None
    tag: str | None
    style: str
    start: int
    end: int

    @property
    def meaning(self) -> tuple[Kind, str, str | None, str | None, str]:
        """Everything but the place: what two readers, or two versions of a file, must agree on."""
        return self.kind, self.value, self.anchor, self.tag, self.style


class Document:
    """One document of a text: its events, and the way through them. Nodes are named by the index of their event."""

    def __init__(self, number: int, events: Sequence[Event], start: int, end: int) -> None:
        self.number = number
        self.events = events
        self.start = start
        self.end = end

    @cached_property
    def after(self) -> Sequence[int]:
        """For each event that begins a node, the index of the event behind that node."""
        after = list(range(1, len(self.events) + 1))
        open_nodes: list[int] = []
        for index, event in enumerate(self.events):
            if event.kind in (Kind.MAPPING, Kind.SEQUENCE):
                open_nodes.append(index)
            elif event.kind is Kind.END:
                after[open_nodes.pop()] = index + 1
        return after

    @property
    def empty(self) -> bool:
        """Whether there is nothing but white space and comments, or a null."""
        return len(self.events) == 1 and self.events[0].kind is Kind.SCALAR and not self.events[0].value

    def entries(self, node: int) -> Iterator[tuple[int, int]]:
        """Key and value nodes of a mapping; nothing for any other node."""
        if self.events[node].kind is Kind.MAPPING:
            key = node + 1
            while self.events[key].kind is not Kind.END:
                value = self.after[key]
                yield key, value
                key = self.after[value]

    def items(self, node: int) -> Iterator[int]:
        """The nodes of a sequence; nothing for any other node."""
        if self.events[node].kind is Kind.SEQUENCE:
            item = node + 1
            while self.events[item].kind is not Kind.END:
                yield item
                item = self.after[item]

    def find(self, node: int, name: str) -> tuple[int, int] | None:
        """Key and value nodes of the last entry that is called `name`, as readers of duplicate keys see it."""
        found = None
        for key, value in self.entries(node):
            if self.events[key].kind is Kind.SCALAR and self.events[key].value == name:
                found = key, value
        return found

    def text_of(self, node: int, name: str) -> str | None:
        """The text of a scalar entry of a mapping, None where there is none."""
        found = self.find(node, name)
        if found is None or self.events[found[1]].kind is not Kind.SCALAR:
            return None
        return self.events[found[1]].value
