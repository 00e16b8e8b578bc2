"""The simulator's worlds as the cluster objects that a reader would see."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitops_rollout.core.forecast.story import Chapter
from gitops_rollout.core.forecast.world import SimulatedRevision, State
from gitops_rollout.core.runs import MODEL_CONTAINER, Runs
from gitops_rollout.core.tracking import shares, track
from gitops_rollout.model.live import (
    Condition,
    FieldOwner,
    KnativeService,
    LiveComponent,
    LiveInferenceService,
    Revision,
)
from gitops_rollout.model.targets import Component, Manifest, TargetKey

OWNER = "simulated"
_READY = {State.READY: ("True", None), State.PENDING: ("Unknown", "Deploying"), State.FAILED: ("False", "ExitCode1")}


def show(
    key: TargetKey, manifest: Manifest, generation: int, chapters: Mapping[Component, Chapter]
) -> LiveInferenceService:
    """The InferenceService with its Knative objects. Uids are names hashed, so that the same story shows the same."""
    conditions = [condition for chapter in chapters.values() for condition in _component_conditions(chapter)]
    is_ready = all(one.status == "True" for one in conditions)
    return LiveInferenceService(
        namespace=key.namespace,
        name=key.name,
        uid=_uid(key, "InferenceService"),
        generation=generation,
        observed_generation=generation,
        spec=manifest.spec,
        labels=manifest.labels,
        annotations=manifest.annotations,
        conditions=(*conditions, Condition("Ready", "True" if is_ready else "Unknown")),
        deployment_mode="Knative",
        components={component: _component(key, chapter) for component, chapter in chapters.items()},
        owners=tuple(
            FieldOwner(component, OWNER, "Apply", chapter.percent_set)
            for component, chapter in chapters.items()
            if chapter.world.spec.percent is not None
        ),
    )


def _component_conditions(chapter: Chapter) -> list[Condition]:
    world = chapter.world
    if world.service is None:
        return []
    said = dict(track(world.component, world.tracking, world.service.status).conditions)
    first = next(iter(said), None)
    return [
        Condition(kind, "False", "ReconcileFailed", world.refused, chapter.percent_set)
        if kind == first and world.refused
        else Condition(kind, status, last_transition=chapter.routed)
        for kind, status in said.items()
    ]


def _component(key: TargetKey, chapter: Chapter) -> LiveComponent:
    world = chapter.world
    if world.service is None:
        return LiveComponent(tracking=world.tracking)
    changed = max([time for time in (chapter.routed, *chapter.ripened.values()) if time], default=None)
    status = replace(
        world.service.status,
        conditions=tuple(replace(one, last_transition=changed) for one in world.service.status.conditions),
    )
    uid = _uid(key, world.service.uid)
    service = KnativeService(world.name, uid, world.service.generation, world.service.traffic, status)
    revisions = tuple(_revision(key, chapter, one, uid) for one in world.revisions)
    return LiveComponent(world.tracking, service, revisions)


def _revision(key: TargetKey, chapter: Chapter, revision: SimulatedRevision, service_uid: str) -> Revision:
    runs: Runs = chapter.runs.get(revision.template, {})
    status, reason = _READY[revision.state]
    uri = runs.get("storageUri")
    created = chapter.created.get(revision.uid)
    return Revision(
        name=revision.name,
        uid=_uid(key, revision.uid),
        created=created,
        configuration_generation=int(revision.name.rpartition("-")[2]),
        service_uid=service_uid,
        source_uri=uri if isinstance(uri, str) else None,
        containers=tuple(_containers(runs)),
        routing_state="active" if revision.name in shares(chapter.world.traffic) else "reserve",
        conditions=(Condition("Ready", status, reason, None, chapter.ripened.get(revision.uid, created)),),
    )


def _containers(runs: Runs) -> list[dict[str, Any]]:
    """Containers as the manifest states them: a simulated cluster has no serving runtimes to fill in the rest."""
    stated: Mapping[str, Mapping[str, Any]] = runs.get("containers") or {MODEL_CONTAINER: {}}
    return [{"name": name, **container, "env": _env(container.get("env", {}))} for name, container in stated.items()]


def _env(by_name: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "valueFrom" if isinstance(value, Mapping) else "value": value} for name, value in by_name.items()
    ]


def _uid(key: TargetKey, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"simulated:{key}/{what}"))
