"""Finds the field to edit in a document, and refuses what cannot be edited with certainty."""

import re
from typing import NamedTuple

from gitops_rollout.manifests.refusals import Refused
from gitops_rollout.text import merges, scalars
from gitops_rollout.text.events import Document, Event, Kind

_COLON = re.compile(r"[ \t]*:")


class Field(NamedTuple):
    """A field that stands in the mapping `parent`; `key` and `value` are nodes.

    `colon` is the position behind its colon; `start` and `end` are the value's own, equal where it is empty.
    """

    parent: int
    name: str
    key: int
    value: int
    colon: int
    start: int
    end: int
    percent: int | None


class Gap(NamedTuple):
    """A field that does not stand in the mapping `parent`, but could."""

    parent: int
    name: str
    percent: None = None


def locate(document: Document, text: str, pointer: tuple[str | int, ...], names: tuple[str, ...]) -> Field | Gap:
    """The field that `names` lead to inside of the object at `pointer`; raises `Refused`."""
    node = descend(document, pointer)
    _sound(document, node, "the object")
    _no_duplicates(document, node)
    for name in names[:-1]:
        node = _enter(document, node, name)
    return _field(document, text, node, names[-1])


def descend(document: Document, pointer: tuple[str | int, ...]) -> int:
    """The node of the object at `pointer`; raises `Refused`."""
    node = 0
    for step in pointer:
        _sound(document, node, "a list")
        found = _item(document, node, step) if isinstance(step, int) else _only(document, node, step)
        if found is None:
            raise Refused("not-found", "the object is no longer where it was")
        node = found[1]
    return node


def _only(document: Document, node: int, name: str) -> tuple[int, int] | None:
    several = [entry for entry in document.entries(node) if document.events[entry[0]].value == name]
    if len(several) > 1:
        raise Refused("duplicate-key", f"the key `{name}` stands twice")
    return several[0] if several else None


def _item(document: Document, node: int, index: int) -> tuple[int, int] | None:
    for number, item in enumerate(document.items(node)):
        if number == index:
            return item, item
    return None


def _enter(document: Document, node: int, name: str) -> int:
    found = document.find(node, name)
    if found is None:
        through = any(merges.is_merge(document.events[key]) for key, _ in document.entries(node))
        raise Refused("merge-key" if through else "no-component", f"there is no `{name}` here")
    _sound(document, found[0], name)
    _sound(document, found[1], name)
    event = document.events[found[1]]
    null = event.kind is Kind.SCALAR and event.style == "plain" and scalars.plain(event.value) is None
    if null or (event.kind is Kind.MAPPING and document.after[found[1]] == found[1] + 2):
        raise Refused("empty", f"`{name}` is empty")
    if event.kind is not Kind.MAPPING:
        raise Refused("invalid-object", f"`{name}` is not a mapping")
    return found[1]


def _sound(document: Document, node: int, what: str) -> None:
    """Refuse nodes whose meaning reaches beyond their place, or is not what it looks like."""
    event = document.events[node]
    if event.kind is Kind.ALIAS:
        raise Refused("alias", f"`{what}` is an alias")
    if event.anchor is not None:
        raise Refused("anchored", f"`{what}` has an anchor")
    if event.tag is not None:
        raise Refused("tag", f"`{what}` has a tag")


def _no_duplicates(document: Document, node: int) -> None:
    for index in range(node, document.after[node]):
        if document.events[index].kind is Kind.MAPPING:
            seen: set[str] = set()
            for key, _ in document.entries(index):
                event = document.events[key]
                if event.kind is Kind.SCALAR and event.value in seen:
                    raise Refused("duplicate-key", f"the key `{event.value[:60]}` stands twice")
                seen.add(event.value)


def _field(document: Document, text: str, parent: int, name: str) -> Field | Gap:
    found = document.find(parent, name)
    if merges.may_bring(document, parent, name):
        raise Refused("merge-key", f"`{name}` may come in through a merge key")
    if found is None:
        return Gap(parent, name)
    key, value = found
    _sound(document, key, name)
    _sound(document, value, name)
    colon = _COLON.match(text, document.events[key].end)
    if colon is None or question_mark(document, text, key):
        raise Refused("complex-key", f"`{name}` is written as a complex key")
    event = document.events[value]
    start, end = event.start, event.end
    if event.style == "plain" and not event.value and event.kind is Kind.SCALAR:
        start = end = colon.end()  # ruamel.yaml places an empty value at the next token
    return Field(parent, name, key, value, colon.end(), start, end, _percent(event))


def question_mark(document: Document, text: str, key: int) -> bool:
    """Whether a key is written with a question mark before it."""
    begin = document.events[key - 1].start if key else 0
    between = text[begin : document.events[key].start]
    return between.rstrip(" \t").endswith("?")


def _percent(event: Event) -> int | None:
    if event.kind is not Kind.SCALAR:
        raise Refused("invalid-percent", "the percent is not a number")
    if event.style in "|>":
        raise Refused("block-scalar", "the percent is a block scalar")
    if event.style != "plain":
        raise Refused("invalid-percent", "the percent is quoted, so it is text and not a number")
    if scalars.plain(event.value) is None:
        return None
    number = scalars.percent(event.value)
    if number is None:
        raise Refused("invalid-percent", f"the percent is {event.value[:20]!r}")
    return number
