"""Unified diffs that `git apply` takes."""

from difflib import SequenceMatcher
from itertools import takewhile

CONTEXT = 3
_ESCAPES = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}


def unified(path: str, before: bytes, after: bytes) -> str:
    """The difference of two versions of a UTF-8 file, empty where there is none.

    Lines end at LF, as for Git; paths are quoted as Git quotes them. Bytes that are not UTF-8 are shown as `\ufffd`.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    limit = min(len(old), len(new)) - head
    same = takewhile(lambda pair: pair[0] == pair[1], zip(reversed(old), reversed(new), strict=False))
    tail = min(limit, sum(1 for _ in same))
    first, last = max(0, head - CONTEXT), len(old) - max(0, tail - CONTEXT)
    matcher = SequenceMatcher(None, old[first:last], new[first : len(new) - max(0, tail - CONTEXT)], autojunk=False)
    out = [f"--- {quoted('a/' + path)}\n", f"+++ {quoted('b/' + path)}\n"]
    for group in matcher.get_grouped_opcodes(CONTEXT):
        out.append(_header(group, first))
        for kind, a, b, c, d in group:
            if kind == "equal":
                out += [_line(" ", line) for line in old[first + a : first + b]]
            else:
                out += [_line("-", line) for line in old[first + a : first + b]]
                out += [_line("+", line) for line in new[first + c : first + d]]
    return "".join(out)


def quoted(path: str) -> str:
    """A path as it stands in a diff: quoted where it is unusual, with a tab behind where it has spaces."""
    if all(char.isascii() and char.isprintable() and char not in '"\\' for char in path):
        return f"{path}\t" if " " in path else path
    return '"' + "".join(_escaped(char) for char in path) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return f"\\{_ESCAPES[char]}"
    if char.isascii() and char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


def _lines(data: bytes) -> list[str]:
    lines = data.decode("utf-8", "replace").split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _header(group: list[tuple[str, int, int, int, int]], first: int) -> str:
    return f"@@ -{_range(group[0][1], group[-1][2], first)} +{_range(group[0][3], group[-1][4], first)} @@\n"


def _range(start: int, end: int, first: int) -> str:
    length = end - start
    begin = first + start + (1 if length else 0)
    return f"{begin}" if length == 1 else f"{begin},{length}"
