"""Glob patterns of repository paths: `*` and `?` stay within a folder, `**` crosses folders."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^]/]*\]|.", re.DOTALL)
_SPECIAL = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = []
    for part in _PART.findall(pattern.strip().removeprefix("./").rstrip("/")):
        if len(part) > 1 and part[0] == "[":
            pieces.append("[" + part[1:-1].replace("\\", "\\\\").replace("!", "^", part[1] == "!") + "]")
        else:
            pieces.append(_SPECIAL.get(part) or re.escape(part))
    try:
        return re.compile("".join(pieces) + r"(?:/.*)?", re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern), re.DOTALL)


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern names a path, or a folder that the path lies in."""
    return _compiled(pattern).fullmatch(path) is not None


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test whether any of the patterns matches a path."""
    compiled = [_compiled(pattern) for pattern in patterns]
    return lambda path: any(pattern.fullmatch(path) for pattern in compiled)
