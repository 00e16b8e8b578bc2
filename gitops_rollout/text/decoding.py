"""Bytes to text and back, without losing a byte."""

import re
from bisect import bisect_right
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from gitops_rollout.text.unreadable import Unreadable

_LINE_END = re.compile(r"\r\n|\n|\r")


class Decoded(NamedTuple):
    """The text of a file without its byte order mark; `encode` gives the bytes back."""

    text: str
    bom: bool

    def encode(self, text: str) -> bytes:
        """The bytes of another text, with the byte order mark that the file had."""
        return (BOM_UTF8 if self.bom else b"") + text.encode()


def decode(data: bytes) -> Decoded:
    """The text of a file; `Unreadable` (`not-utf-8`) where it is anything but UTF-8."""
    bom = data.startswith(BOM_UTF8)
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise Unreadable("not-utf-8", "the file is UTF-16, not UTF-8")
    try:
        return Decoded(data[len(BOM_UTF8) if bom else 0 :].decode(), bom)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable("not-utf-8", f"line {line} holds bytes that are not UTF-8", line) from error


class Lines:
    """Line numbers of character positions: lines end with LF, CRLF or CR, as editors and diffs count them."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self._text))]

    def number(self, position: int) -> int:
        """The 1-based line of a character position."""
        if position < 1000:  # most files hold one object, near their beginning
            return sum(1 for _ in _LINE_END.finditer(self._text, 0, position)) + 1
        return bisect_right(self._starts, position)
