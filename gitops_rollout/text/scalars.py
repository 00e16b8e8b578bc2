"""What a plain scalar means to Kubernetes, whose reader (sigs.k8s.io/yaml v1.4 on go-yaml v2) is YAML 1.1 in part."""

import re
from functools import lru_cache

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
}
_INTEGER = re.compile(r"[-+]?(0b[01_]+|0o[0-7_]+|0[0-7_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASES = {"0b": 2, "0o": 8, "0x": 16}
_LONGEST = 64
"""Longer digits are no number that Kubernetes could hold, and costly to convert."""


@lru_cache(maxsize=10_000)
def plain(text: str) -> Scalar:
    """The value of an unquoted scalar without a tag.

    Times stay text, as they do in Kubernetes; infinities and NaN stay text because JSON has no such numbers.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if abs(value) != float("inf") else text
    return text


def _integer(text: str) -> int | float | str:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").replace("_", "")
    base = _BASES.get(digits[:2], 8 if len(digits) > 1 and digits[0] == "0" else 10)
    try:
        value = sign * int(digits[2:] if digits[:2] in _BASES else digits, base)
    except ValueError:
        return text
    return value if -(2**63) <= value < 2**64 else float(value)  # as Go does with what no integer of its holds


PLAIN_PERCENT = re.compile(r"0|[1-9][0-9]?|100")


def percent(text: str) -> int | None:
    """The percent that a plain scalar states: 0 to 100 in plain decimals, None for anything else."""
    return int(text) if PLAIN_PERCENT.fullmatch(text) else None
