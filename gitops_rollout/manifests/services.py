"""One InferenceService of a document as a manifest."""

import re
from collections.abc import Mapping
from typing import Any

from gitops_rollout.manifests import comments
from gitops_rollout.manifests.objects import Object
from gitops_rollout.manifests.templates import is_placeholder
from gitops_rollout.model.targets import Component, Manifest, Source
from gitops_rollout.text.loading import Loaded
from gitops_rollout.text.unreadable import Unreadable

FIELD = "canaryTrafficPercent"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?")
"""A DNS label as Kubernetes and KServe ask for it; the length is left to them."""


def read(path: str, text: str, loaded: Loaded, found: Object, line: int) -> Manifest:
    """The manifest of an InferenceService; `Unreadable` with code `template`, `invalid-name` or `invalid-object`."""
    metadata, spec = found.value.get("metadata"), found.value.get("spec")
    if not isinstance(metadata, Mapping) or not isinstance(spec, Mapping):
        raise Unreadable("invalid-object", "an InferenceService has no metadata or no spec", line)
    name = _identifier(metadata.get("name"), "name", line)
    if name is None:
        raise Unreadable("invalid-name", "an InferenceService has no metadata.name", line)
    return Manifest(
        Source(path, loaded.number, line, found.pointer),
        name,
        _identifier(metadata.get("namespace"), "namespace", line),
        spec,
        _texts(metadata.get("labels")),
        _texts(metadata.get("annotations")),
        _comments(text, loaded, spec),
    )


def _identifier(value: Any, what: str, line: int) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and is_placeholder(value):
        raise Unreadable("template", f"the {what} of an InferenceService is a placeholder", line)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Unreadable("invalid-name", f"the {what} of an InferenceService is not one that Kubernetes takes", line)
    return value


def _texts(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str)}


def _comments(text: str, loaded: Loaded, spec: Mapping[str, Any]) -> Mapping[Component, str]:
    result: dict[Component, str] = {}
    for component in Component:
        span = loaded.spans.get(id(spec.get(component)))
        if span is not None and "#" in text[span.end : comments.line_end(text, span.end)]:
            said = comments.comment_at(text, loaded.number, span.start)
            if said is not None:
                result[component] = said
    return result
