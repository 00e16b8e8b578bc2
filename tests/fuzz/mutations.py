"""Breaks and mixes files: bytes, lines and pieces that matter to YAML."""

import random
from collections.abc import Callable, Sequence

_PIECES = [
    piece.encode()
    for piece in [
        *"{}[]:,#&*!|>'\"%@`?- \t\n\r~<",
        "---\n", "...\n", "\r\n", "\u0085", "\u2028", "\ufeff", "<<: *a\n", "&a ", "*a", "!!int ", "!x ", "? ",
        ": ", "- ",
        "{{ .Values.x }}", "{% if a %}", "canaryTrafficPercent: 10", '"canaryTrafficPercent": 5,', "predictor:", "10",
        "0", "  # c\n", " #", "|\n", ">-\n", "null", "\\u0041", "\\", "apiVersion: serving.kserve.io/v1beta1\n",
        "items:\n",
        "é", "🚀",
    ]
]  # fmt: skip


def mutated(choose: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A file of the corpus with one to six changes."""
    data = choose.choice(seeds)
    for _ in range(choose.randint(1, 6)):
        data = choose.choice(_CHANGES)(choose, data, seeds)
    return data[:20_000]


def _place(choose: random.Random, data: bytes) -> int:
    at = data.find(b"canaryTrafficPercent")
    if at >= 0 and choose.random() < 0.6:
        return max(0, min(len(data), at + choose.randint(-40, 60)))
    return choose.randint(0, len(data))


def _insert(choose: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = _place(choose, data)
    return data[:at] + choose.choice(_PIECES) + data[at:]


def _replace(choose: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = _place(choose, data)
    return data[:at] + choose.choice(_PIECES) + data[at + choose.randint(1, 4) :]


def _delete(choose: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = _place(choose, data)
    return data[:at] + data[at + choose.randint(1, 12) :]


def _flip(choose: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = min(_place(choose, data), len(data) - 1)
    return data if at < 0 else data[:at] + bytes([choose.randrange(256)]) + data[at + 1 :]


def _lines(choose: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    at, to = choose.randrange(len(lines)), choose.randrange(len(lines))
    kind = choose.random()
    if kind < 0.3:
        lines.insert(to, lines[at])
    elif kind < 0.6:
        lines.insert(to, lines.pop(at))
    elif kind < 0.8:
        lines[at] = b" " * choose.randint(0, 6) + lines[at].lstrip(b" ")
    else:
        del lines[at]
    return b"".join(lines)


def _join(choose: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    return data + b"\n---\n" * choose.randint(0, 1) + choose.choice(seeds)


def _splice(choose: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = choose.choice(seeds)
    begin = choose.randint(0, len(other))
    at = _place(choose, data)
    return data[:at] + other[begin : begin + choose.randint(1, 60)] + data[at:]


Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]
_CHANGES: list[Change] = [_insert, _insert, _replace, _delete, _flip, _lines, _lines, _join, _splice]
