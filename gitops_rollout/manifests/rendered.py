"""What came out of a kustomization, before and after an edit: exactly the intended percents may differ."""

from collections.abc import Mapping
from typing import Any

from gitops_rollout.manifests.objects import is_inference_service, objects
from gitops_rollout.manifests.services import FIELD
from gitops_rollout.model.targets import Component
from gitops_rollout.text.loading import load
from gitops_rollout.text.unreadable import Unreadable

Percents = Mapping[Component, int | None]
Name = tuple[str | None, str]
"""Namespace (None where the object states none) and name of a rendered InferenceService."""


def difference(before: bytes, after: bytes, expected: Mapping[Name, Percents]) -> str | None:
    """What the edit changed beyond `expected`, or did not change; None where it is exactly that.

    `expected` holds, for each InferenceService that is to change, the percents that it has afterwards (None: none).
    """
    try:
        old, new = _objects(before), _objects(after)
    except (Unreadable, UnicodeDecodeError):
        return "what was rendered cannot be read"
    if list(old) != list(new):
        return "objects would come or go"
    for key, value in old.items():
        version, kind, *name = key
        wanted = expected.get((name[0], str(name[1]))) if is_inference_service(version, kind) else None
        intended = value if wanted is None else {**value, "spec": with_percents(value.get("spec") or {}, wanted)}
        if new[key] != intended:
            change = "not as intended" if wanted is not None else "too"
            return f"the {kind} `{name[1]}` would change {change}"
    return None


def _objects(data: bytes) -> dict[tuple[str, str, str | None, str], Any]:
    found: dict[tuple[str, str, str | None, str], Any] = {}
    for document in load(data.decode()):
        for one in objects(document.value):
            metadata = one.value.get("metadata")
            named = metadata if isinstance(metadata, Mapping) else {}
            found[(one.version, one.kind, named.get("namespace"), str(named.get("name")))] = one.value
    return found


def with_percents(spec: Mapping[str, Any], percents: Percents) -> dict[str, Any]:
    """A spec with other percents (None: without), and nothing else changed."""
    spec = dict(spec)
    for component, percent in percents.items():
        part = {key: one for key, one in (spec.get(component) or {}).items() if key != FIELD}
        spec[component.value] = part if percent is None else {**part, FIELD: percent}
    return spec
