"""The recorded scenarios as seen by one component: what KServe wrote, and what its Knative Service said, over time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from gitops_rollout.cluster import statuses
from gitops_rollout.model.live import ComponentStatus, KnativeStatus, TrafficTarget
from gitops_rollout.model.targets import Component
from tests.traces import Step, load


@dataclass(frozen=True)
class Moment:
    """One component in one snapshot; `written` is what KServe wrote and `service` what Knative did, None if absent."""

    position: int
    step: Step
    percent: int | None
    annotations: Mapping[str, str]
    conditions: Mapping[str, str]
    observed_generation: int | None
    written: ComponentStatus | None
    service: KnativeStatus | None
    asked: tuple[TrafficTarget, ...]

    @property
    def resting(self) -> bool:
        """Whether the step came to rest here."""
        return self.position == self.step.last


def moments(scenario: str, component: Component) -> Iterator[Moment]:
    """Every snapshot of a serverless scenario in which the InferenceService is there, in order."""
    recorded = load(scenario)
    for step in recorded.steps:
        for position in range(step.first, step.last + 1):
            snapshot = recorded.snapshots[position]
            for served in snapshot.of_kind("InferenceService"):
                service = next(
                    (s for s in snapshot.of_kind("Service") if s["metadata"]["labels"]["component"] == component), None
                )
                yield moment(position, step, component, served, service)


def moment(
    position: int, step: Step, component: Component, served: Mapping[str, Any], service: Mapping[str, Any] | None
) -> Moment:
    """One component of one InferenceService, read strictly."""
    status = served.get("status", {})
    written = status.get("components", {}).get(component)
    return Moment(
        position=position,
        step=step,
        percent=served["spec"].get(component, {}).get("canaryTrafficPercent"),
        annotations=served["metadata"].get("annotations", {}),
        conditions={entry["type"]: entry["status"] for entry in status.get("conditions", ())},
        observed_generation=status.get("observedGeneration"),
        written=None if written is None else component_status(written),
        service=None if service is None else knative_status(service.get("status", {})),
        asked=() if service is None else targets(service["spec"].get("traffic", ())),
    )


def targets(entries: Any) -> tuple[TrafficTarget, ...]:
    return tuple(target.model() for target in msgspec.convert(entries, list[statuses.TrafficTarget]))


def component_status(raw: Mapping[str, Any]) -> ComponentStatus:
    return replace(msgspec.convert(raw, statuses.ComponentStatus).model(), traffic=targets(raw.get("traffic", ())))


def knative_status(raw: Mapping[str, Any]) -> KnativeStatus:
    return msgspec.convert(raw, statuses.KnativeStatus).model()
