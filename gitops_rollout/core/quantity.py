"""Kubernetes quantities such as `500m`, `2Gi` or `1` (apimachinery resource.Quantity): read, added, written again."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

_NUMBER = r"([+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+)"
_TEXT = re.compile(_NUMBER + r"(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,2})?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def parse(text: object) -> Decimal | None:
    """The number that a quantity means; None where it is none."""
    found = _TEXT.fullmatch(str(text)) if isinstance(text, str | int | float) and len(str(text)) < 40 else None
    if found is None:
        return None
    number, suffix = Decimal(found[1]), found[2] or ""
    if suffix in _BINARY:
        return number * Decimal(1024) ** _BINARY[suffix]
    if suffix in _DECIMAL:
        return number.scaleb(_DECIMAL[suffix])
    return number.scaleb(int(suffix[1:]))


def write(number: Decimal) -> str:
    """A number in the shortest suffix that loses nothing: binary ones from 1Ki on, else a decimal number."""
    for suffix, power in reversed(_BINARY.items()):
        scaled = number / Decimal(1024) ** power
        if scaled >= 1 and scaled == scaled.to_integral_value():
            return f"{scaled:.0f}{suffix}"
    return f"{number.normalize():f}"


def total(parts: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """The sum of several `resources.requests`, by name, sorted; what is no quantity, or nothing, is left out."""
    sums: dict[str, Decimal] = {}
    for part in parts:
        for name, text in part.items():
            amount = parse(text)
            if amount:
                sums[name] = sums.get(name, Decimal()) + amount
    return {name: write(amount) for name, amount in sorted(sums.items())}


def times(requests: Mapping[str, str], count: int) -> dict[str, str]:
    """The same for `count` pods, however many a status claims."""
    amounts = ((name, parse(text)) for name, text in sorted(requests.items()))
    return {name: write(amount * count) for name, amount in amounts if amount and count}


def words(requests: Mapping[str, str]) -> str:
    """`cpu 1, memory 2Gi, nvidia.com/gpu 1`: accelerators last, where they are seen."""
    plain = ("cpu", "memory", "ephemeral-storage")
    ordered = sorted(requests, key=lambda name: (plain.index(name) if name in plain else len(plain), name))
    return ", ".join(f"{name} {requests[name]}" for name in ordered)
