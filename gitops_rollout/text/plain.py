"""YAML (and so JSON) as plain data, with the line of each key: for files that are read and never written.

Scalars are read as kubectl reads them (YAML 1.1: `yes` is true), except that dates stay strings. Keys are always the
text that stands in the file. Anchors, aliases and merge keys are followed, up to a bound on what they unfold to.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from gitops_rollout.model.errors import TextError

Path = tuple[str | int, ...]

MOST_VALUES = 5_000_000
DEEPEST = 200
MERGE = "<<"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Document:
    """One document's data. `lines` gives the 1-based line where the value at a path, or its key, begins."""

    value: Any
    lines: Mapping[Path, int]

    def line(self, path: Iterable[str | int]) -> int:
        """The line of a path, or of the nearest thing around it that stands in the file."""
        path = tuple(path)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def load_documents(data: bytes) -> list[Any]:
    """All documents of a YAML stream as plain data; an empty document is None. `TextError` where it does not parse."""
    return [document.value for document in _load(data, _Reader(keep_lines=False))]


def load_with_lines(data: bytes) -> list[Document]:
    """All documents of a YAML stream with their lines. `TextError` where it does not parse."""
    return _load(data, _Reader(keep_lines=True))


def _load(data: bytes, reader: "_Reader") -> list[Document]:
    try:
        for event in yaml.parse(data, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise TextError(f"{f'line {line}: ' if line else ''}{error.problem or 'not YAML'}", line=line) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TextError("not YAML: it holds bytes or characters that are not text") from error
    return reader.documents


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being read; `size` counts the values in it, aliases unfolded."""

    value: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    size: int = 1
    key: str | None = None
    merges: list[Any] = field(default_factory=list)


class _Reader:
    """Builds values from parser events without recursion, so that no nesting can exhaust the stack."""

    def __init__(self, keep_lines: bool) -> None:
        self.documents: list[Document] = []
        self._keep_lines = keep_lines
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._lines: dict[Path, int] = {}
        self._root: Any = None

    def take(self, event: yaml.Event) -> None:
        """One event of the parser."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin({}, event.anchor, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([], event.anchor, line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end(line)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise TextError(f"line {line}: *{event.anchor} names nothing that is complete above it", line=line)
            self._place(*self._anchors[event.anchor], line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors, self._lines, self._root = {}, {(): line}, None
        elif isinstance(event, yaml.DocumentEndEvent):
            self.documents.append(Document(self._root, self._lines))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._take_key(top, event, line)
            return
        value = _scalar_value(event, line)
        if event.anchor:
            self._anchors[event.anchor] = value, 1
        self._place(value, 1, line)

    def _take_key(self, top: _Open, event: yaml.ScalarEvent, line: int) -> None:
        if event.value in top.value and event.value != MERGE:
            raise TextError(f"line {line}: the key {event.value!r} stands twice in one mapping", line=line)
        if event.anchor:
            self._anchors[event.anchor] = event.value, 1
        top.key = event.value
        self._note((*top.path, event.value), line)

    def _begin(self, value: dict[str, Any] | list[Any], anchor: str | None, line: int) -> None:
        if len(self._stack) >= DEEPEST:
            raise TextError(f"line {line}: nested more than {DEEPEST} deep", line=line)
        path = self._path(line)
        self._note(path, line)
        if anchor:
            self._anchors.pop(anchor, None)
        self._stack.append(_Open(value, path, anchor))

    def _end(self, line: int) -> None:
        closed = self._stack.pop()
        for merged in closed.merges:
            for source in merged if isinstance(merged, list) else [merged]:
                if not isinstance(source, dict) or not isinstance(closed.value, dict):
                    raise TextError(f"line {line}: << takes mappings only", line=line)
                for key, value in source.items():
                    closed.value.setdefault(key, value)
        if closed.anchor:
            self._anchors[closed.anchor] = closed.value, closed.size
        self._place(closed.value, closed.size, line)

    def _note(self, path: Path, line: int) -> None:
        if self._keep_lines:
            self._lines.setdefault(path, line)

    def _path(self, line: int) -> Path:
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.value, list):
            return (*top.path, len(top.value))
        if top.key is None:
            raise TextError(f"line {line}: a key must be plain text", line=line)
        return (*top.path, top.key)

    def _place(self, value: Any, size: int, line: int) -> None:
        if not self._stack:
            self._root = value
            return
        path, top = self._path(line), self._stack[-1]
        self._note(path, line)
        top.size += size
        if top.size > MOST_VALUES:
            raise TextError(f"line {line}: unfolds to more than {MOST_VALUES} values", line=line)
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key == MERGE:
            top.merges.append(value)
            top.key = None
        elif top.key is not None:
            top.value[top.key] = value
            top.key = None


def _scalar_value(event: yaml.ScalarEvent, line: int) -> Any:
    """Null, boolean, integer or float where kubectl reads one, else the text."""
    # types-PyYAML leaves the resolver without types
    resolve: Callable[[type[yaml.Node], str, tuple[bool, bool]], str] = _RESOLVER.resolve
    tag = event.tag or resolve(yaml.ScalarNode, event.value, event.implicit)
    kind = tag.removeprefix(_TAG)
    # YAML 1.1 also counts in sixties (1:30 is 90); kubectl does not.
    if kind not in ("null", "bool", "int", "float") or ":" in event.value:
        return event.value
    node = yaml.ScalarNode(_TAG + kind, event.value)
    try:
        return getattr(_CONSTRUCTOR, f"construct_yaml_{kind}")(node)
    except (ValueError, KeyError, yaml.YAMLError) as error:
        raise TextError(f"line {line}: {event.value!r} is no {kind}", line=line) from error
