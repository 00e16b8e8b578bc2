"""The exact reader: ruamel.yaml, whose positions are the ones that edits are made at. It reads one document."""

from collections.abc import Iterator
from typing import Any

from gitops_rollout.text.events import MAX_DEPTH, Document, Event, Kind
from gitops_rollout.text.unreadable import Unreadable

MAX_LENGTH = 1_000_000
"""Longest document (characters) that is read: a pure Python reader takes about five seconds for it."""


def document(text: str, known: Document) -> Document:
    """Read again, with ruamel.yaml, the document that libyaml found; raises `Unreadable`.

    ruamel.yaml refuses tabs between tokens, which libyaml and Kubernetes accept. Where it fails, tabs outside of all
    scalars are read as spaces: positions stay, and a scalar that holds a tab is shown as it is.
    """
    if known.end - known.start > MAX_LENGTH:
        raise Unreadable("too-large", f"the document is longer than {MAX_LENGTH} characters")
    part = text[known.start : known.end]
    try:
        return Document(known.number, list(_events(part, known.start)), known.start, known.end)
    except Unreadable:
        if "\t" not in part:
            raise
        part = _without_loose_tabs(part, known)
        return Document(known.number, list(_events(part, known.start)), known.start, known.end)


def _without_loose_tabs(part: str, known: Document) -> str:
    pieces: list[str] = []
    position = 0
    for event in known.events:
        if event.kind is Kind.SCALAR:
            start, end = event.start - known.start, event.end - known.start
            pieces += [part[position:start].replace("\t", " "), part[start:end]]
            position = end
    return "".join([*pieces, part[position:].replace("\t", " ")])


def _events(part: str, offset: int) -> Iterator[Event]:
    from ruamel.yaml import YAML
    from ruamel.yaml import events as kinds
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    depth, documents = 0, 0
    try:
        for event in YAML(typ="safe", pure=True).parse(part):
            begin, end = event.start_mark.index + offset, event.end_mark.index + offset
            if isinstance(event, kinds.ScalarEvent):
                yield Event(Kind.SCALAR, event.value, event.anchor, _tag(event), event.style or "plain", begin, end)
            elif isinstance(event, kinds.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise Unreadable("too-deep", f"nested more than {MAX_DEPTH} deep", event.start_mark.line + 1)
                what = Kind.MAPPING if isinstance(event, kinds.MappingStartEvent) else Kind.SEQUENCE
                style = "flow" if event.flow_style else "block"
                yield Event(what, "", event.anchor, _tag(event), style, begin, end)
            elif isinstance(event, kinds.CollectionEndEvent):
                depth -= 1
                yield Event(Kind.END, "", None, None, "", begin, end)
            elif isinstance(event, kinds.AliasEvent):
                yield Event(Kind.ALIAS, "", event.anchor, None, "", begin, end)
            elif isinstance(event, kinds.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unreadable("readers-disagree", "ruamel.yaml sees more documents here than libyaml")
    except MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise Unreadable("unparsable", f"{error.problem or 'not YAML'}", line) from error
    except (YAMLError, ValueError) as error:
        # ruamel.yaml lets ValueError escape for escapes such as "\UFFFFFFFF" and for version directives
        raise Unreadable("unparsable", "the text holds characters that YAML does not allow") from error


def _tag(event: Any) -> str | None:
    return None if event.tag is None else str(event.tag)
