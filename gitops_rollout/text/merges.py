"""Merge keys and aliases in the events of a document, looked at one by one and never expanded."""

from gitops_rollout.text.events import Document, Event, Kind

_MOST_STEPS = 1_000


def is_merge(key: Event) -> bool:
    """Whether a key of a mapping is the merge key."""
    return key.value == "<<" and key.style == "plain"


def may_bring(document: Document, mapping: int, name: str) -> bool:
    """Whether an entry may come into a mapping through its merge keys; True where that cannot be told."""
    waiting = [value for key, value in document.entries(mapping) if is_merge(document.events[key])]
    steps = 0
    while waiting:
        node, steps = waiting.pop(), steps + 1
        kind = document.events[node].kind
        if kind is Kind.ALIAS:
            node = anchored(document, node)
            kind = Kind.SCALAR if node < 0 else document.events[node].kind
        if kind is Kind.SEQUENCE:
            waiting += document.items(node)
        elif kind is not Kind.MAPPING or document.find(node, name) or steps > _MOST_STEPS:
            return True
        else:
            waiting += [value for key, value in document.entries(node) if is_merge(document.events[key])]
    return False


def anchored(document: Document, alias: int) -> int:
    """The node that an alias names: the last one with that anchor before it; -1 where there is none."""
    name = document.events[alias].anchor
    for index in range(alias - 1, -1, -1):
        event = document.events[index]
        if event.anchor == name and event.kind is not Kind.ALIAS:
            return index if document.after[index] <= alias else -1
    return -1
