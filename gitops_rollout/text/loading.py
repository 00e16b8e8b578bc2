"""Texts as plain data, as Kubernetes reads them, in one pass over libyaml's events."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gitops_rollout.text.events import MAX_DEPTH, MAX_EVENTS
from gitops_rollout.text.scalars import Scalar, plain
from gitops_rollout.text.unreadable import Unreadable

MAX_GROWTH = 200_000
"""Most values that aliases may add to a document: an alias bomb ends here."""

_STRING_TAGS = {"tag:yaml.org,2002:str", "!"}
_JSON_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null")}


_MERGE: Any = object()
"""The key under which merges wait until their mapping is complete."""


class Span(NamedTuple):
    """Where a scalar stands: positions in characters."""

    start: int
    end: int


class Loaded(NamedTuple):
    """One document: its number, its data (dict, list, str, int, float, bool, None), and where things stand.

    `starts` holds the position of each mapping and sequence by its `id`; `spans` the place of the watched key's scalar
    value by the `id` of the mapping that it stands in.
    """

    number: int
    value: Any
    starts: dict[int, int]
    spans: dict[int, Span]


def load(text: str, watched: str = "") -> Iterator[Loaded]:
    """The documents of a text in order; raises `Unreadable`.

    Aliases share what they name; merge keys are followed. Of keys that stand twice the last counts.
    """
    import yaml

    parser = yaml.CSafeLoader(text)
    try:
        yield from _load(parser, yaml, watched)
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise Unreadable("unparsable", f"{error.problem or 'not YAML'}", line) from error
    except yaml.YAMLError as error:
        raise Unreadable("unparsable", "the text holds characters that YAML does not allow") from error
    finally:
        parser.dispose()


def _load(parser: Any, yaml: Any, watched: str) -> Iterator[Loaded]:
    number = 0
    while True:
        kind = type(parser.get_event())
        if kind is yaml.StreamEndEvent:
            return
        if kind is yaml.DocumentStartEvent:
            yield _document(number, parser.get_event, yaml, watched)
            number += 1


def _document(number: int, get: Callable[[], Any], yaml: Any, watched: str) -> Loaded:
    # One loop over local names: it runs for every value of every file, and calls would double its time.
    scalar, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    alias, end = yaml.AliasEvent, yaml.DocumentEndEvent
    root: list[Any] = []
    container: Any = root
    key: Any = None
    value: Any
    is_mapping = False
    count = grown = 0
    stack: list[tuple[Any, Any, bool, str | None, int]] = []
    anchors: dict[str, tuple[Any, int]] = {}
    starts: dict[int, int] = {}
    spans: dict[int, Span] = {}
    while True:
        event = get()
        kind = type(event)
        if kind is scalar:
            if is_mapping and key is None:
                key = _MERGE if event.value == "<<" and not event.style else event.value
                if event.anchor:
                    anchors[event.anchor] = event.value, 1
                continue
            value = plain(event.value) if event.tag is None and not event.style else _tagged(event)
            if key == watched:
                spans[id(container)] = Span(event.start_mark.index, event.end_mark.index)
            if event.anchor:
                anchors[event.anchor] = value, 1
            count += 1
        elif kind is mapping or kind is sequence:
            if is_mapping and key is None:
                raise Unreadable("unparsable", "a key of a mapping is not text", event.start_mark.line + 1)
            if len(stack) >= MAX_DEPTH:
                raise Unreadable("too-deep", f"nested more than {MAX_DEPTH} deep", event.start_mark.line + 1)
            stack.append((container, key, is_mapping, event.anchor, count))
            is_mapping, key = kind is mapping, None
            container = {} if is_mapping else []
            starts[id(container)] = event.start_mark.index
            spans.pop(id(container), None)
            count += 1
            continue
        elif kind is alias:
            if (is_mapping and key is None) or event.anchor not in anchors:
                raise _bad_alias(event, [frame[3] for frame in stack])
            value, size = anchors[event.anchor]
            grown += size
            count += size
        elif kind is end:
            return Loaded(number, root[0], starts, spans)
        else:
            value = container
            if is_mapping and _MERGE in container:
                value = _merged(container)
                starts[id(value)] = starts[id(container)]
            container, key, is_mapping, anchor, before = stack.pop()
            if anchor:
                anchors[anchor] = value, count - before
        if count > MAX_EVENTS or grown > MAX_GROWTH:
            raise _too_large(grown)
        if not is_mapping:
            container.append(value)
        else:
            if key is _MERGE:
                container.setdefault(_MERGE, []).append(value)
            else:
                container[key] = value
            key = None


def _bad_alias(event: Any, unfinished: list[str | None]) -> Unreadable:
    line = event.start_mark.line + 1
    if event.anchor in unfinished:
        return Unreadable("alias", "an alias stands inside of what it names", line)
    return Unreadable("unparsable", "an alias names nothing that stands before it, or is used as a key", line)


def _merged(mapping: dict[str, Any]) -> dict[str, Any]:
    """A mapping with what its merge keys bring; its own keys come first, then earlier sources before later ones."""
    sources = [source for one in mapping.pop(_MERGE) for source in (one if isinstance(one, list) else [one])]
    result: dict[str, Any] = {}
    for source in reversed(sources):
        if not isinstance(source, dict):
            raise Unreadable("merge-key", "a merge key (<<) names something that is not a mapping")
        result.update(source)
    return {**result, **mapping}


def _tagged(event: Any) -> Scalar:
    text: str = event.value
    if event.tag is None or event.tag in _STRING_TAGS:
        return text
    return plain(text) if event.tag in _JSON_TAGS else text


def _too_large(grown: int) -> Unreadable:
    if grown > MAX_GROWTH:
        return Unreadable("alias", f"aliases would add more than {MAX_GROWTH} values to the document")
    return Unreadable("too-large", f"one document holds more than {MAX_EVENTS} values")
