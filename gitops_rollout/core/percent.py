"""Where a manifest states a canary percent, and whether KServe reads it there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_rollout.model.targets import Component

FIELD = "canaryTrafficPercent"
MODE_ANNOTATION = "serving.kserve.io/deploymentMode"
PERCENT_ANNOTATION = "serving.kserve.io/canaryTrafficPercent"
# Modes in which KServe makes no Knative Service and ignores the percent (KServe v0.20 pkg/constants).
MODES_WITHOUT_TRAFFIC = frozenset({"Standard", "RawDeployment", "ModelMesh"})
MODEL_MESH = "ModelMesh"
_MODES = MODES_WITHOUT_TRAFFIC | {"Knative", "Serverless"}
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Percent:
    """The percent of one component: `value` (0 to 100, None where absent), or `invalid`, the text that stands there."""

    value: int | None = None
    invalid: str | None = None

    @property
    def stated(self) -> bool:
        """Whether the field is there at all, valid or not."""
        return self.value is not None or self.invalid is not None


def read_percent(component: Any) -> Percent:
    """The percent of a component's part of a spec; null counts as absent, as for the API server."""
    raw = component.get(FIELD) if isinstance(component, Mapping) else None
    if raw is None:
        return Percent()
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= 100:
        return Percent(value=raw)
    return Percent(invalid=str(raw)[:40])


def misplaced(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths (`spec.predictor.model`) of mappings that hold a percent where KServe does not read it, sorted."""
    return tuple(sorted(path for path in _holders(spec, "spec", 0) if path not in _READ_AT))


def without_traffic(mode: str | None, *annotations: Mapping[str, str], default: str | None = None) -> str | None:
    """The deployment mode in which percents do nothing; None where a Knative Service is made.

    The live status (`mode`) goes before annotations, those before the cluster's `default`; what is no mode is passed
    over (KServe v0.20 pkg/controller/v1beta1/inferenceservice/utils/utils.go).
    """
    stated = [mode, *(found.get(MODE_ANNOTATION) for found in annotations), default]
    found = next((one for one in stated if one in _MODES), None)
    return found if found in MODES_WITHOUT_TRAFFIC else None


_READ_AT = frozenset(f"spec.{component}" for component in Component)


def _holders(node: Any, path: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(node, Mapping):
        if node.get(FIELD) is not None:
            yield path
        for key, value in node.items():
            yield from _holders(value, f"{path}.{key}", depth + 1)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _holders(value, f"{path}[{index}]", depth + 1)
