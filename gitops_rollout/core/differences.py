"""Whether an object holds what Git states: only what Git states counts, so that filled-in defaults do not."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

Path = tuple[str, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every stated value with its path; a list counts as one value, an empty mapping as none."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from leaves(one, (*path, str(key)))
    else:
        yield path, list(value) if isinstance(value, tuple) else value


def differing(stated: Mapping[str, Any], held: Mapping[str, Any], ignored: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Dotted paths of what is stated and not held with the same value, sorted; `ignored` are patterns of such paths."""
    paths = {".".join(path) for path, value in leaves(stated) if at(held, path) != value}
    return tuple(sorted(path for path in paths if not any(fnmatchcase(path, pattern) for pattern in ignored)))


def left_over(
    once: Mapping[str, Any], stated: Mapping[str, Any], held: Mapping[str, Any], ignored: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Dotted paths of what Git stated once, states no longer, and the object still holds with that value, sorted."""
    found = [
        ".".join(path)
        for path, value in leaves(once)
        if path[0] not in _FILLED_IN and at(stated, path) is None and at(held, path) == value
    ]
    return tuple(sorted(path for path in found if not any(fnmatchcase(path, pattern) for pattern in ignored)))


def at(held: Any, path: Path) -> Any:
    """The value at a path, None where there is none."""
    for key in path:
        if not isinstance(held, Mapping):
            return None
        held = held.get(key)
    return list(held) if isinstance(held, tuple) else held


# What KServe's defaulting may write where Git is silent: that it stands there proves nothing.
_FILLED_IN = frozenset({"protocol", "runtime", "runtimeVersion"})


def without(stated: Mapping[str, Any], ignored: tuple[str, ...]) -> dict[str, Any]:
    """The same without the leaves whose dotted path matches a pattern."""
    return _without(stated, (), ignored)


def _without(stated: Mapping[str, Any], path: Path, ignored: tuple[str, ...]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in stated.items():
        here = (*path, str(key))
        if any(fnmatchcase(".".join(here), pattern) for pattern in ignored):
            continue
        kept[key] = _without(value, here, ignored) if isinstance(value, Mapping) else value
    return kept
