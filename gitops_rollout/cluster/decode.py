"""From what a cluster shows to the model's types. Nothing here raises on content: what does not fit becomes None."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gitops_rollout.cluster import objects
from gitops_rollout.model.live import (
    ComponentStatus,
    Condition,
    FieldOwner,
    KnativeService,
    KnativeStatus,
    LiveComponent,
    LiveInferenceService,
    Revision,
    TrafficTarget,
)
from gitops_rollout.model.targets import Component

SOURCE_URI = "internal.serving.kserve.io/storage-initializer-sourceuri"
MODE_ANNOTATION = "serving.kserve.io/deploymentMode"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CANARY_FIELD = "f:canaryTrafficPercent"
# What is read of a container: what it runs, and what it asks of a node.
CONTAINER_FIELDS = ("name", "image", "command", "args", "env", "resources")


def text(value: Any) -> str | None:
    """A string that says something, else None."""
    return value if isinstance(value, str) and value else None


def whole(value: Any) -> int | None:
    """A whole number, also one written as 10.0; True and False are none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def instant(value: Any) -> datetime | None:
    """An RFC 3339 time with its offset, else None."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def strings(value: Any) -> dict[str, str]:
    """The string entries of a mapping such as labels or annotations."""
    if not isinstance(value, dict):
        return {}
    return {k: v for k, v in value.items() if isinstance(k, str) and isinstance(v, str)}


def mappings(value: Any) -> list[dict[str, Any]]:
    """The mappings in a list, in order."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def conditions(value: Any) -> tuple[Condition, ...]:
    """`status.conditions`, in order; entries without type or status say nothing and are left out."""
    return tuple(
        Condition(
            type=entry["type"],
            status=entry["status"],
            reason=text(entry.get("reason")),
            message=text(entry.get("message")),
            last_transition=instant(entry.get("lastTransitionTime")),
        )
        for entry in mappings(value)
        if text(entry.get("type")) and text(entry.get("status"))
    )


def traffic(value: Any) -> tuple[TrafficTarget, ...]:
    """A Knative traffic list, in order."""
    return tuple(
        TrafficTarget(
            revision_name=text(entry.get("revisionName")),
            latest_revision=entry["latestRevision"] if isinstance(entry.get("latestRevision"), bool) else None,
            percent=whole(entry.get("percent")),
            tag=text(entry.get("tag")),
            url=text(entry.get("url")),
        )
        for entry in mappings(value)
    )


def inference_service(namespace: str, name: str, shown: objects.InferenceService) -> LiveInferenceService:
    """An InferenceService as it describes itself: its components have their tracking, and no Knative objects yet.

    kubectl's copy of the last applied manifest is left out: it repeats the spec.
    """
    metadata, status = shown.metadata, shown.status or objects.InferenceServiceStatus()
    spec = shown.spec or {}
    annotations = strings(metadata.annotations)
    annotations.pop(LAST_APPLIED, None)
    tracked = status.components if isinstance(status.components, dict) else {}
    return LiveInferenceService(
        namespace=namespace,
        name=name,
        uid=text(metadata.uid) or "",
        generation=whole(metadata.generation) or 0,
        spec=spec,
        annotations=annotations,
        labels=strings(metadata.labels),
        conditions=conditions(status.conditions),
        deployment_mode=text(status.deployment_mode) or annotations.get(MODE_ANNOTATION),
        observed_generation=whole(status.observed_generation),
        components={
            component: LiveComponent(tracking=component_status(tracked.get(component.value)))
            for component in Component
            if spec.get(component.value) is not None or component.value in tracked
        },
        owners=field_owners(metadata),
    )


def component_status(value: Any) -> ComponentStatus:
    """`status.components.<component>` of an InferenceService; empty where it is absent."""
    if not isinstance(value, dict):
        return ComponentStatus()
    return ComponentStatus(
        latest_ready=text(value.get("latestReadyRevision")),
        latest_created=text(value.get("latestCreatedRevision")),
        latest_rolledout=text(value.get("latestRolledoutRevision")),
        previous_rolledout=text(value.get("previousRolledoutRevision")),
        traffic=traffic(value.get("traffic")),
        url=text(value.get("url")),
        address=_mapping(value.get("address")),
    )


def knative_status(status: objects.KnativeStatus) -> KnativeStatus:
    """`status` of a Knative Service."""
    return KnativeStatus(
        latest_ready=text(status.latest_ready_revision_name),
        latest_created=text(status.latest_created_revision_name),
        traffic=traffic(status.traffic),
        conditions=conditions(status.conditions),
        observed_generation=whole(status.observed_generation),
        url=text(status.url),
        address=_mapping(status.address),
    )


def knative_service(service: objects.KnativeService) -> KnativeService:
    """A Knative Service; without a status it is one that no controller has seen yet."""
    return KnativeService(
        name=text(service.metadata.name) or "",
        uid=text(service.metadata.uid) or "",
        generation=whole(service.metadata.generation) or 0,
        traffic=traffic(service.spec.traffic if service.spec else None),
        status=knative_status(service.status or objects.KnativeStatus()),
    )


def revision(shown: objects.Revision) -> Revision:
    """A Revision with what it says of the model it runs and of the pods it has."""
    status = shown.status or objects.RevisionStatus()
    labels, annotations = strings(shown.metadata.labels), strings(shown.metadata.annotations)
    generation = labels.get("serving.knative.dev/configurationGeneration", "")
    return Revision(
        name=text(shown.metadata.name) or "",
        uid=text(shown.metadata.uid) or "",
        created=instant(shown.metadata.creation_timestamp),
        configuration_generation=int(generation) if generation.isascii() and generation.isdigit() else None,
        service_uid=labels.get("serving.knative.dev/serviceUID"),
        source_uri=text(annotations.get(SOURCE_URI)),
        containers=tuple(_container(entry) for entry in mappings(shown.spec.containers if shown.spec else None)),
        routing_state=labels.get("serving.knative.dev/routingState"),
        conditions=conditions(status.conditions),
        routing_state_modified=instant(annotations.get("serving.knative.dev/routingStateModified")),
        preserved=annotations.get("serving.knative.dev/no-gc", "").lower() == "true",
        min_scale=_min_scale(annotations),
        desired_replicas=whole(status.desired_replicas),
        actual_replicas=whole(status.actual_replicas),
    )


def field_owners(metadata: objects.OwnedMetadata) -> tuple[FieldOwner, ...] | None:
    """Who manages `canaryTrafficPercent` of which component; None where managed fields were not shown.

    A real API server always keeps managed fields, so an empty list means that they were left out.
    """
    if not metadata.managed_fields:
        return None
    owners = []
    for entry in metadata.managed_fields:
        spec = entry.fields.spec if entry.fields else None
        if spec is None or text(entry.subresource):
            continue
        for component in Component:
            if CANARY_FIELD in (getattr(spec, component.value) or {}):
                manager, operation = text(entry.manager) or "unknown", text(entry.operation) or "Update"
                owners.append(FieldOwner(component, manager, operation, instant(entry.time)))
    return tuple(owners)


def _min_scale(annotations: Mapping[str, str]) -> int | None:
    """The pods that are kept while a route names the revision; both spellings of the annotation count (v0.48)."""
    stated = annotations.get("autoscaling.knative.dev/min-scale") or annotations.get(
        "autoscaling.knative.dev/minScale", ""
    )
    return int(stated) if stated.isascii() and stated.isdigit() else None


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _container(entry: dict[str, Any]) -> dict[str, Any]:
    return {field: entry[field] for field in CONTAINER_FIELDS if field in entry}
