"""Strategies that write InferenceServices as people and tools do: in every style, with everything around."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

FIELD = "canaryTrafficPercent"

_WORDS = st.sampled_from(
    ["a", "b-c", "10", "010", "yes", "gs://models/x", "it's", 'say "x"', "größe", "x: y", "# no", "- a", "", "🚀"]
)
_COMMENTS = st.sampled_from(["", "  # note", " # canaryTrafficPercent: 5", "   ", "  # ünïcode: 'q' \"d\"", "  #"])
_PERCENTS = st.integers(0, 100)


@dataclass(frozen=True)
class Sample:
    """A file's text, and the document of the InferenceService whose predictor `percent` stands in (None: absent)."""

    text: str
    document: int
    percent: int | None


def _neighbours(draw: Any) -> dict[str, Any]:
    known = st.sampled_from(["minReplicas", "timeout", "model", "env", "labels"])
    names = draw(st.lists(known, unique=True, min_size=1))
    values = st.one_of(
        _WORDS,
        st.integers(-5, 2000),
        st.booleans(),
        st.none(),
        st.lists(_WORDS, max_size=3),
        st.dictionaries(st.sampled_from(["name", "value", "storageUri", FIELD]), _WORDS, max_size=3),
    )
    return {name: draw(values) for name in names}


def _body(draw: Any, percent: int | None) -> dict[str, Any]:
    entries = list(_neighbours(draw).items())
    if percent is not None:
        entries.insert(draw(st.integers(0, len(entries))), (FIELD, percent))
    return dict(entries)


def _object(predictor: Any, draw: Any) -> dict[str, Any]:
    metadata = {"name": "score", "annotations": {f"serving.kserve.io/{FIELD}": "7"}}
    spec = {"predictor": predictor}
    if draw(st.booleans()):
        spec["transformer"] = {"minReplicas": 1, FIELD: 3}
    return {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": metadata, "spec": spec}


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class _Writer:
    """Writes block style with comments, odd indentation and quoting drawn along the way."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.step = draw(st.integers(1, 5))

    def mapping(self, value: dict[str, Any], depth: int) -> list[str]:
        lines = []
        for key, item in value.items():
            indent = " " * self.step * depth
            if self.draw(st.integers(0, 9)) == 0:
                lines.append(self.draw(st.sampled_from(["", f"{indent}# above", "# far left", f"{indent} "])))
            written = self.draw(st.sampled_from([key, key, key, f'"{key}"', f"'{key}'"]))
            comment = self.draw(_COMMENTS)
            if isinstance(item, dict) and item and (depth < 2 or self.draw(st.integers(0, 3))):
                lines.append(f"{indent}{written}:{comment}")
                lines += self.mapping(item, depth + 1)
            elif isinstance(item, str) and depth > 1 and self.draw(st.integers(0, 4)) == 0:
                deeper = " " * self.step * (depth + 1)
                lines += [f"{indent}{written}: |", f"{deeper}text of {key}", f"{deeper}{FIELD}: 50", ""]
            elif isinstance(item, list) and item and self.draw(st.booleans()):
                lines.append(f"{indent}{written}:{comment}")
                lines += [f"{indent}- {_flow(one)}{self.draw(_COMMENTS)}" for one in item]
            else:
                gap = self.draw(st.sampled_from([" ", " ", "  ", "     "]))
                lines.append(f"{indent}{written}:{gap}{_flow(item)}{comment}")
        return lines


@st.composite
def samples(draw: Any) -> Sample:
    """Files with one InferenceService that is edited, and other documents around it."""
    percent = draw(st.one_of(st.none(), _PERCENTS))
    predictor = _body(draw, percent)
    found = _object(predictor, draw)
    style = draw(st.sampled_from(["block", "block", "block", "flow", "json", "compact", "tabs"]))
    if style in ("json", "compact", "tabs"):
        indent: Any = {"json": draw(st.integers(1, 4)), "compact": None, "tabs": "\t"}[style]
        tight = style == "compact" and draw(st.booleans())
        separators = (",", ":") if tight else None
        escaped = draw(st.booleans()) and "🚀" not in repr(found)  # YAML has no pairs of surrogate escapes
        text = json.dumps(found, indent=indent, separators=separators, ensure_ascii=escaped)
        return Sample(_finished(draw, text + "\n"), 0, percent)
    writer = _Writer(draw)
    if style == "flow":
        spec = found.pop("spec")
        lines = [*writer.mapping(found, 0), "spec:", f"  predictor: {_flow(predictor)}{draw(_COMMENTS)}"]
        if "transformer" in spec:
            lines.append(f"  transformer: {_flow(spec['transformer'])}")
    else:
        lines = writer.mapping(found, 0)
    before = draw(st.integers(0, 2))
    others = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: x}", f"data: {{{FIELD}: '10'}}  # data"]
    top = [*others, "---"] * before + draw(st.sampled_from([[], ["# top"], ["%YAML 1.1", "---"] if not before else []]))
    bottom = ["---", *others] * draw(st.integers(0, 1)) + draw(st.sampled_from([[], ["..."], ["# end"], ["", ""]]))
    return Sample(_finished(draw, "\n".join([*top, *lines, *bottom]) + "\n"), before, percent)


def _finished(draw: Any, text: str) -> str:
    if draw(st.integers(0, 4)) == 0:
        text = text.removesuffix("\n")
    if draw(st.integers(0, 3)) == 0:
        text = text.replace("\n", "\r\n")
    return ("\ufeff" if draw(st.integers(0, 5)) == 0 else "") + text
