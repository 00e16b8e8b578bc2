"""The fast reader: libyaml, as it comes with PyYAML. It reads whole files, one document at a time."""

from collections.abc import Iterator
from typing import Any

from gitops_rollout.text.events import MAX_DEPTH, MAX_EVENTS, Document, Event, Kind
from gitops_rollout.text.unreadable import Unreadable


def documents(text: str) -> Iterator[Document]:
    """The documents of a text in order; `Unreadable` at the first thing that libyaml refuses."""
    import yaml

    parser = yaml.CSafeLoader(text)
    try:
        yield from _documents(parser, yaml)
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise Unreadable("unparsable", f"{error.problem or 'not YAML'}", line) from error
    except yaml.YAMLError as error:
        raise Unreadable("unparsable", "the text holds characters that YAML does not allow") from error
    finally:
        parser.dispose()


def _documents(parser: Any, yaml: Any) -> Iterator[Document]:
    mapping, sequence, scalar = yaml.MappingStartEvent, yaml.SequenceStartEvent, yaml.ScalarEvent
    alias, document_start, document_end = yaml.AliasEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent
    stream_end = yaml.StreamEndEvent
    number, start, depth = 0, 0, 0
    events: list[Event] = []
    while True:
        event = parser.get_event()
        kind = type(event)
        if kind is scalar:
            begin, end = event.start_mark.index, event.end_mark.index
            events.append(Event(Kind.SCALAR, event.value, event.anchor, event.tag, event.style or "plain", begin, end))
        elif kind is mapping or kind is sequence:
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable("too-deep", f"nested more than {MAX_DEPTH} deep", event.start_mark.line + 1)
            style = "flow" if event.flow_style else "block"
            what = Kind.MAPPING if kind is mapping else Kind.SEQUENCE
            begin, end = event.start_mark.index, event.end_mark.index
            events.append(Event(what, "", event.anchor, event.tag, style, begin, end))
        elif kind is alias:
            begin, end = event.start_mark.index, event.end_mark.index
            events.append(Event(Kind.ALIAS, "", event.anchor, None, "", begin, end))
        elif kind is document_start:
            events = []
        elif kind is document_end:
            end = event.end_mark.index
            yield Document(number, events, start, end)
            number, start = number + 1, end
        elif kind is stream_end:
            return
        elif kind is not yaml.StreamStartEvent:
            depth -= 1
            events.append(Event(Kind.END, "", None, None, "", event.start_mark.index, event.end_mark.index))
        if len(events) > MAX_EVENTS:
            raise Unreadable("too-large", f"one document holds more than {MAX_EVENTS} values")
