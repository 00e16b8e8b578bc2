"""The comment on a line, and in it the marker that a rollback leaves beside its 0."""

import re
from typing import NamedTuple

from gitops_rollout.text import libyaml
from gitops_rollout.text.events import Document, Kind

MARKER = re.compile(r"rolled back: \S+ \(model [^\s()]+\)")
"""What a rollback writes: the revision's name and the digest of the model that it ran."""

_SIMPLE = re.compile(r"[0-9]+[ \t]+#+(?P<comment>[^\r\n]*)")
"""A number and a comment: the comment of nearly every percent that has one."""

_TAIL = re.compile(r"[ \t,:]*")


class Tail(NamedTuple):
    """The end of a line: where its last token ends, commas included, where its comment begins, where the line ends."""

    content: int
    comment: int | None
    end: int


def line_end(text: str, position: int) -> int:
    """The position of the line end at or behind a position (the text's end where there is none)."""
    ends = [end for end in (text.find("\n", position), text.find("\r", position)) if end >= 0]
    return min(ends, default=len(text))


def line_start(text: str, position: int) -> int:
    """The position where the line of a position begins."""
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1


def tail(document: Document, text: str, node: int, position: int) -> Tail | None:
    """The end of the line that `position` (where the scalar of `node` ends) stands on; None where a scalar spans it."""
    end = line_end(text, position)
    last = position
    for index in range(node + 1, len(document.events)):
        event = document.events[index]
        if event.start >= end:
            break
        if event.end > end:
            return None
        last = max(last, event.end)
    match = _TAIL.match(text, last, end)
    behind = match.end() if match else last
    content = last + len(text[last:behind].rstrip(" \t"))
    if behind == end:
        return Tail(content, None, end)
    return Tail(content, behind, end) if text[behind] == "#" else None


def comment_at(text: str, number: int, position: int) -> str | None:
    """The comment behind the scalar at a position of a document of a text that libyaml reads."""
    simple = _SIMPLE.match(text, position)
    if simple is not None:
        return simple["comment"].strip()
    for document in libyaml.documents(text):
        if document.number == number:
            for node, event in enumerate(document.events):
                if event.start == position and event.kind is Kind.SCALAR:
                    return comment(document, text, node, event.end)
    return None


def comment(document: Document, text: str, node: int, position: int) -> str | None:
    """The comment behind a scalar on its line, without `#` and surrounding white space."""
    found = tail(document, text, node, position)
    if found is None or found.comment is None:
        return None
    return text[found.comment : found.end].lstrip("#").strip()
