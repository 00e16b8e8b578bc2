"""The few bytes to change: spans of the source text and what takes their place."""

import re
from typing import NamedTuple

from gitops_rollout.manifests.comments import MARKER, Tail, line_end, line_start, tail
from gitops_rollout.manifests.locate import Field, Gap, question_mark
from gitops_rollout.manifests.refusals import Refused
from gitops_rollout.text.events import Document

_BLANK = " \t"
_SPACE = re.compile(r"[ \t]*")
_COMMA = re.compile(r"\s*,")
_ODD_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")


class Splice(NamedTuple):
    """Characters from `start` to `end` that `text` replaces."""

    start: int
    end: int
    text: str


def apply(text: str, splices: list[Splice]) -> str:
    """The text with all splices made; they must not overlap. Of two at the same place the first comes first."""
    in_order = sorted(enumerate(splices), key=lambda pair: (pair[1].start, pair[0]), reverse=True)
    for _, splice in in_order:
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def end_of_line(text: str, end: int) -> str:
    """The line end that stands at a position: CRLF, LF, CR, or nothing."""
    return text[end : end + 2] if text.startswith("\r\n", end) else text[end : end + 1]


def replace(document: Document, text: str, field: Field, percent: int, marker: str | None) -> list[Splice]:
    """Write another percent, and the marker or, where there is none to write, no marker of ours."""
    written = f"{percent}" if field.end > field.start else f" {percent}"
    splices = [Splice(field.start, field.end, written)] if field.percent != percent else []
    found = tail(document, text, field.value, field.end)
    if marker is not None:
        splices += _write_marker(text, found, marker)
    elif percent != 0:
        splices += _drop_marker(text, found)
    return splices


def insert(document: Document, text: str, field: Gap, percent: int, marker: str | None) -> list[Splice]:
    """Write the field before the first key of its mapping, in that key's manner."""
    first, value = next(document.entries(field.parent))
    key = document.events[first]
    if question_mark(document, text, first):
        raise Refused("complex-key", "the first key of the component is written as a complex key")
    start = line_start(text, key.start)
    indent, alone = text[start : key.start], not text[start : key.start].strip(_BLANK)
    if document.events[field.parent].style == "block":
        if not alone:
            raise Refused("layout", "the first key of the component does not begin its line")
        end = line_end(text, key.start)
        eol = end_of_line(text, end) or end_of_line(text, _before(text, start))
        comment = f"  # {marker}" if marker else ""
        return [Splice(start, start, f"{indent}{field.name}: {percent}{comment}{eol}")]
    quote = '"' if key.style == '"' else ""
    between = text[key.end : document.events[value].start]
    colon = between if re.fullmatch(r":[ \t]*", between) and (quote or " " in between) else ": "
    entry = f"{quote}{field.name}{quote}{colon}{percent}"
    if alone:
        eol = end_of_line(text, line_end(text, key.start))
        comment = f"  # {marker}" if marker else ""
        return [Splice(start, start, f"{indent}{entry},{comment}{eol}")]
    gap = "" if colon == ":" else " "
    splices = [Splice(key.start, key.start, f"{entry},{gap}")]
    if marker:
        splices += _write_marker(text, tail(document, text, field.parent, key.start), marker)
    return splices


def _before(text: str, start: int) -> int:
    return start - 2 if text.startswith("\r\n", start - 2) else start - 1


def remove(document: Document, text: str, field: Field, *, json: bool) -> list[Splice]:
    """Take the field out, with its line and the comment on it."""
    entries = list(document.entries(field.parent))
    if len(entries) == 1:
        raise Refused("only-key", f"`{field.name}` is the only key of its mapping")
    key = document.events[field.key]
    start = line_start(text, key.start)
    alone = not text[start : key.start].strip(_BLANK)
    if document.events[field.parent].style == "block":
        if not alone or text[field.colon : field.start].strip():
            raise Refused("layout", f"`{field.name}` shares its line with something else")
        return [_line(document, text, field, start, field.end)]
    comma = _COMMA.match(text, field.end)
    if comma is not None:
        return _remove_before_comma(document, text, field, comma.end(), start if alone else None)
    return _remove_last(document, text, field, entries, start if alone else None, json=json)


def _line(document: Document, text: str, field: Field, start: int, content: int) -> Splice:
    found = tail(document, text, field.value, content)
    if found is None or found.content > content or _ODD_BREAKS.search(text, start, found.end):
        raise Refused("layout", f"`{field.name}` shares its line with something else")
    return Splice(start, found.end + len(end_of_line(text, found.end)), "")


def _remove_before_comma(document: Document, text: str, field: Field, comma: int, line: int | None) -> list[Splice]:
    rest = tail(document, text, field.value, comma)
    if line is not None and rest is not None and rest.content == comma:
        return [_line(document, text, field, line, comma)]
    key = document.events[field.key]
    behind = _SPACE.match(text, comma)
    end = behind.end() if behind else comma
    start = key.start
    if end == line_end(text, end):
        start -= len(text[:start]) - len(text[:start].rstrip(_BLANK)) if line is None else 0
    return [Splice(start, end, ""), *_drop_marker(text, rest)]


def _remove_last(
    document: Document, text: str, field: Field, entries: list[tuple[int, int]], line: int | None, *, json: bool
) -> list[Splice]:
    key = document.events[field.key]
    before = document.events[document.after[entries[-2][1]] - 1].end
    rest = tail(document, text, field.value, field.end)
    between = _COMMA.match(text, before)
    if between is not None and not text[between.end() : key.start].strip():
        if line is not None and rest is not None and rest.content == field.end:
            return [Splice(before, rest.end, "")]
        return [Splice(before, field.end, ""), *_drop_marker(text, rest)]
    if line is None or json or rest is None or rest.content > field.end:
        raise Refused("layout", f"a comment stands between `{field.name}` and the entry before it")
    return [_line(document, text, field, line, field.end)]


def _write_marker(text: str, found: Tail | None, marker: str) -> list[Splice]:
    if found is None:
        raise Refused("comment-impossible", "no comment fits on the line of the percent")
    if found.comment is None:
        return [Splice(found.content, found.content, f"  # {marker}")]
    old = MARKER.search(text, found.comment, found.end)
    if old is None:
        return [Splice(found.comment, found.comment, f"# {marker} ")]
    return [Splice(old.start(), old.end(), marker)] if old.group() != marker else []


def _drop_marker(text: str, found: Tail | None) -> list[Splice]:
    old = None if found is None or found.comment is None else MARKER.search(text, found.comment, found.end)
    if found is None or found.comment is None or old is None:
        return []
    if text[old.end() : found.end].strip():
        behind = re.compile(r"[ \t]*(?=#)").match(text, old.end())
        return [Splice(found.comment, behind.end(), "")] if behind else [Splice(old.start(), old.end(), "")]
    if text[found.comment : old.start()].strip("# \t"):
        return [Splice(old.start(), old.end(), "")]
    before = len(text[: found.comment].rstrip(_BLANK))
    return [Splice(max(before, found.content), old.end(), "")]  # blanks behind it were there before
