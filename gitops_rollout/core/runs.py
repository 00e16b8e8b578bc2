"""What a component runs, whichever way its manifest writes it, and the digest of that.

`sklearn: {storageUri: …}` and `model: {modelFormat: {name: sklearn}, storageUri: …}` come to the same: KServe's
defaulting webhook rewrites the first to the second (KServe v0.20 predictor.go, `AssignSKLearnRuntime` and siblings).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gitops_rollout.model.history import RunningModels
from gitops_rollout.model.targets import Component

Runs = Mapping[str, Any]
MODEL_CONTAINER = "kserve-container"
# Predictors of KServe's v1beta1 API, and explainers: each names a model format by its key.
_FORMATS = (
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "lightgbm",
    "paddle",
    "pmml",
    "mlflow",
    "art",
    "alibi",
    "aix",
)
_MODEL_FIELDS = {
    "storageUri": "storageUri",
    "storage": "storage",
    "storageUris": "storageUris",
    "runtime": "runtime",
    "runtimeVersion": "runtimeVersion",
    "protocolVersion": "protocol",
    "type": "type",
}


def running_models(spec: Mapping[str, Any]) -> RunningModels:
    """The digests of an InferenceService's `spec`: 12 hex digits each, percents left out.

    A target with a single component has that component's digest, so that one number is shown for both.
    """
    components = {component: digest(runs) for component, runs in all_runs(spec).items()}
    if len(components) == 1:
        return RunningModels(next(iter(components.values())), components)
    return RunningModels(digest({str(component): one for component, one in components.items()}), components)


def all_runs(spec: Mapping[str, Any]) -> dict[Component, Runs]:
    """What each component that a spec has runs; a component is there when it is a mapping."""
    return {component: runs_of(spec[component]) for component in Component if isinstance(spec.get(component), Mapping)}


def runs_of(component: Mapping[str, Any]) -> Runs:
    """What one component's part of a spec runs, in one form for all styles; absent things are left out.

    Keys: `format`, `storageUri`, `storage`, `storageUris`, `runtime`, `runtimeVersion`, `protocol`, `containers`
    (by name: `image`, `command`, `args`, `env` by name) and `worker` (the containers of a worker).
    """
    runs: dict[str, Any] = {}
    containers: dict[str, Any] = _containers(component.get("containers"))
    style, model = _model(component)
    if model is not None:
        runs["format"] = _format(style, model)
        for field, name in _MODEL_FIELDS.items():
            runs[name] = model.get(field)
        containers.setdefault(MODEL_CONTAINER, {}).update(_container(model))
    worker = component.get("workerSpec")
    if isinstance(worker, Mapping):
        runs["worker"] = _containers(worker.get("containers"))
    runs["containers"] = _without_empty(containers)
    return _without_empty(runs)


def digest(value: Any) -> str:
    """SHA-256, 12 hex digits, of sorted JSON."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _model(component: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any] | None]:
    model = component.get("model")
    if isinstance(model, Mapping):
        return None, model
    for style in _FORMATS:
        if style in component and component[style] is not None:
            found = component[style]
            return style, found if isinstance(found, Mapping) else {}
    return None, None


def _format(style: str | None, model: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if style is not None:
        return {"name": style}
    found = model.get("modelFormat")
    return found if isinstance(found, Mapping) else None


def _containers(listed: Any) -> dict[str, Any]:
    if not isinstance(listed, list | tuple):
        return {}
    return {str(one.get("name") or MODEL_CONTAINER): _container(one) for one in listed if isinstance(one, Mapping)}


def _container(stated: Mapping[str, Any]) -> dict[str, Any]:
    found = {field: stated.get(field) for field in ("image", "command", "args")}
    return _without_empty({**found, "env": env_by_name(stated.get("env"))})


def env_by_name(listed: Any) -> dict[str, Any]:
    """A container's `env` by name: the value, or what `valueFrom` says; of a repeated name the last counts."""
    if not isinstance(listed, list | tuple):
        return {}
    found: dict[str, Any] = {}
    for one in listed:
        if isinstance(one, Mapping) and one.get("name") is not None:
            source = one.get("valueFrom")
            value = one.get("value")
            found[str(one["name"])] = source if source is not None else ("" if value is None else value)
    return found


def _without_empty(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value is not None and value != {} and value != []}


def _plain(value: Any) -> Any:
    """The same as data that JSON can hold: keys as text, whatever YAML made of them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
