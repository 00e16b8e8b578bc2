"""Small worlds for tests of the assessment: a document's history, and a live InferenceService with its Revisions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gitops_rollout.core.history import Timeline, timelines
from gitops_rollout.core.runs import running_models
from gitops_rollout.model.history import Arrival, History
from gitops_rollout.model.live import (
    ComponentStatus,
    Condition,
    KnativeService,
    KnativeStatus,
    LiveComponent,
    LiveInferenceService,
    Revision,
    TrafficTarget,
)
from gitops_rollout.model.observation import TargetFacts
from gitops_rollout.model.policy import Settings
from gitops_rollout.model.targets import Component, Manifest, Source, Target, TargetKey

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PREDICTOR = Component.PREDICTOR
V1, V2, V3 = "s3://models/iris/v1", "s3://models/iris/v2", "s3://models/iris/v3"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def spec(uri: str, percent: Any = None, **model: Any) -> dict[str, Any]:
    stated: dict[str, Any] = {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": uri, **model}}
    return {"predictor": stated if percent is None else {**stated, "canaryTrafficPercent": percent}}


def model_of(stated: Mapping[str, Any]) -> str:
    return running_models(stated).target


def manifest(
    stated: Mapping[str, Any], comment: str | None = None, annotations: Mapping[str, str] | None = None
) -> Manifest:
    comments = {} if comment is None else {PREDICTOR: comment}
    return Manifest(
        Source("iris.yaml", 0, 1), "iris", "models", stated, annotations=annotations or {}, comments=comments
    )


def history(*stated: Mapping[str, Any] | tuple[Mapping[str, Any], str] | None, complete: bool = True) -> History:
    """Commits c0, c1, … ten minutes apart, oldest first: a spec, a spec with a comment, or None for no document."""
    arrivals: list[Arrival] = []
    for number, one in enumerate(stated):
        text = None if one is None else manifest(*one) if isinstance(one, tuple) else manifest(one)
        arrivals.insert(0, Arrival(f"c{number}", at(10 * number), "a person", "", text))
    return History(tuple(arrivals), complete)


def line(*stated: Mapping[str, Any] | tuple[Mapping[str, Any], str] | None, complete: bool = True) -> Timeline:
    told = history(*stated, complete=complete)
    current = told.arrivals[0].manifest
    assert current is not None
    return timelines(told, current)[PREDICTOR]


def condition(kind: str, status: str, minutes: float | None = 0, reason: str = "", message: str = "") -> Condition:
    when = None if minutes is None else at(minutes)
    return Condition(kind, status, reason or None, message or None, when)


def revision(number: int, uri: str, minutes: float = 0, *conditions: Condition, **changes: Any) -> Revision:
    """A Revision made at an instant, ready then unless its conditions say otherwise."""
    container = {
        "name": "kserve-container",
        "image": "kserve/sklearnserver:v0.20.0",
        "args": ["--model_name=iris", "--model_dir=/mnt/models"],
        "env": [{"name": "INFERENCE_SERVICE_NAME", "value": "iris"}],
    }
    made = Revision(
        name=f"iris-predictor-{number:05d}",
        uid=f"uid-{number}",
        created=at(minutes),
        service_uid="ksvc",
        source_uri=uri,
        containers=(container,),
        conditions=conditions or (condition("Ready", "True", minutes),),
    )
    return replace(made, **changes)


def name(number: int | None) -> str | None:
    return None if number is None else f"iris-predictor-{number:05d}"


def split(percent: int | None, latest: int, baseline: int | None) -> tuple[TrafficTarget, ...]:
    """Knative's status traffic for a percent."""
    if percent is None or baseline is None or percent == 100:
        return (TrafficTarget(name(latest), True, 100),)
    return TrafficTarget(name(latest), True, percent), TrafficTarget(name(baseline), False, 100 - percent, "prev")


def live(
    stated: Mapping[str, Any],
    revisions: Sequence[Revision],
    *,
    ready: int | None = None,
    created: int | None = None,
    rolled: int | None = None,
    previous: int | None = None,
    traffic: tuple[TrafficTarget, ...] | None = None,
    asked: tuple[TrafficTarget, ...] | None = None,
    conditions: Sequence[Condition] = (),
    moved: float = 0,
    observed: int | None = 3,
) -> LiveInferenceService:
    """A live InferenceService whose Knative Service has settled, unless told otherwise."""
    percent = stated["predictor"].get("canaryTrafficPercent")
    served = split(percent, ready or 1, rolled) if traffic is None else traffic
    wanted = asked or tuple(replace(one, revision_name=None) if one.latest_revision else one for one in served)
    routes = condition("RoutesReady", "True", moved)
    status = KnativeStatus(
        latest_ready=name(ready),
        latest_created=name(created or ready),
        traffic=served,
        conditions=tuple(conditions) or (condition("ConfigurationsReady", "True"), routes),
        observed_generation=observed,
    )
    tracking = ComponentStatus(name(ready), name(created or ready), name(rolled), name(previous), served)
    component = LiveComponent(tracking, KnativeService("iris-predictor", "ksvc", 3, wanted, status), tuple(revisions))
    return LiveInferenceService("models", "iris", "isvc", 3, stated, components={PREDICTOR: component})


def facts(told: History, seen: LiveInferenceService | None, minutes: float = 600, **changes: Any) -> TargetFacts:
    current = told.arrivals[0].manifest
    assert current is not None
    target = Target(TargetKey("prod", "models", "iris"), current)
    made = TargetFacts(target, Settings(), seen, told, at(minutes), at(minutes))
    return replace(made, **changes)
