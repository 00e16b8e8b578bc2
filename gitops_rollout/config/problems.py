"""Says what is wrong in a policy file so that a person can mend it: the key, what is allowed, the nearest word."""

import difflib
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gitops_rollout.config.models import PolicyFile
from gitops_rollout.text.plain import Document

KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
}


def describe(error: ValidationError, document: Document) -> list[tuple[int, str]]:
    """Each problem as (1-based line, `key: sentence`), in the order of the lines."""
    found = []
    for detail in error.errors(include_url=False):
        place = tuple(part for part in detail["loc"] if isinstance(part, int) or not part.startswith("function-"))
        found.append((document.line(place), f"{_name(place)}: {_sentence(detail, place)}"))
    return sorted(dict.fromkeys(found))


def _sentence(detail: ErrorDetails, place: tuple[int | str, ...]) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "extra_forbidden":
        allowed = sorted(allowed_keys(place[:-1]))
        return f"unknown key{_suggestion(place[-1], allowed)}; allowed here: {', '.join(allowed)}"
    if kind == "missing":
        return "is required"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        allowed = [word.strip().strip("'") for word in str(context["expected"]).replace(" or ", ",").split(",")]
        return f"must be {' or '.join(allowed)}{_suggestion(value, allowed)}"
    if kind == "string_pattern_mismatch":
        return "must be lower-case letters, digits and hyphens, at most 63, first and last a letter or digit"
    if kind == "model_type":
        return f"must be a mapping with keys out of: {', '.join(sorted(allowed_keys(place)))}"
    if kind in KINDS:
        quotes = kind == "string_type" and isinstance(value, bool | int | float)
        return f"must be {KINDS[kind]}{': put it in quotes' if quotes else ''}"
    return detail["msg"].replace("Input should", "must").replace("List should", "must")


def allowed_keys(place: tuple[int | str, ...]) -> list[str]:
    """The keys that a mapping at this place of the file may have."""
    model: type[BaseModel] = PolicyFile
    for part in place:
        if isinstance(part, str):
            inner = {field.alias: field.annotation for field in model.model_fields.values()}.get(part)
            model = next(_models(inner), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _suggestion(word: Any, allowed: list[str]) -> str:
    near = difflib.get_close_matches(str(word), allowed, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _name(place: tuple[int | str, ...]) -> str:
    """The place as people read it: `rules[0].match.namespace`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the file"
