"""What a cluster shows: InferenceService, Knative Service and Revisions, decoded to what decisions need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gitops_rollout.model.cluster import ClusterSettings
from gitops_rollout.model.conditions import Condition as Condition
from gitops_rollout.model.engines import LiveEngine
from gitops_rollout.model.targets import Component


@dataclass(frozen=True, slots=True)
class TrafficTarget:
    """One entry of a Knative traffic list (spec or status); an absent percent adds nothing."""

    revision_name: str | None = None
    latest_revision: bool | None = None
    percent: int | None = None
    tag: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """`status.components.<component>` of an InferenceService: KServe's revision tracking."""

    latest_ready: str | None = None
    latest_created: str | None = None
    latest_rolledout: str | None = None
    previous_rolledout: str | None = None
    traffic: tuple[TrafficTarget, ...] = ()
    url: str | None = None
    address: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KnativeStatus:
    """`status` of a Knative Service."""

    latest_ready: str | None = None
    latest_created: str | None = None
    traffic: tuple[TrafficTarget, ...] = ()
    conditions: tuple[Condition, ...] = ()
    observed_generation: int | None = None
    url: str | None = None
    address: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KnativeService:
    """A Knative Service that KServe made for one component."""

    name: str
    uid: str
    generation: int
    traffic: tuple[TrafficTarget, ...] = ()
    status: KnativeStatus = field(default_factory=KnativeStatus)


@dataclass(frozen=True, slots=True)
class Revision:
    """A Knative Revision. Identity is name and uid: names are used again after a Knative Service was deleted.

    `source_uri` is the annotation `internal.serving.kserve.io/storage-initializer-sourceuri`; `containers` are plain
    data as in `spec.containers`; `configuration_generation` grows with each template. `routing_state_modified` is when
    a route last took it up or let it go; `preserved` that it says `no-gc`; `min_scale` pods are kept while routed.
    """

    name: str
    uid: str
    created: datetime | None = None
    configuration_generation: int | None = None
    service_uid: str | None = None
    source_uri: str | None = None
    containers: tuple[Mapping[str, Any], ...] = ()
    routing_state: str | None = None
    conditions: tuple[Condition, ...] = ()
    routing_state_modified: datetime | None = None
    preserved: bool = False
    min_scale: int | None = None
    desired_replicas: int | None = None
    actual_replicas: int | None = None


@dataclass(frozen=True, slots=True)
class FieldOwner:
    """A manager of `spec.<component>.canaryTrafficPercent`, from `metadata.managedFields`."""

    component: Component
    manager: str
    operation: str
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveComponent:
    """What the cluster holds for one component; `tracking` is KServe's own status of it."""

    tracking: ComponentStatus = field(default_factory=ComponentStatus)
    service: KnativeService | None = None
    revisions: tuple[Revision, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveInferenceService:
    """A live InferenceService with its Knative objects. `owners` is None where managed fields were not shown."""

    namespace: str
    name: str
    uid: str
    generation: int
    spec: Mapping[str, Any]
    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    deployment_mode: str | None = None
    observed_generation: int | None = None
    components: Mapping[Component, LiveComponent] = field(default_factory=dict)
    owners: tuple[FieldOwner, ...] | None = None


@dataclass(frozen=True, slots=True)
class LiveView:
    """What one source showed of one cluster at one instant.

    `services` is keyed by (namespace, name). `seen_at` is None where the source has no time of its own; a file then
    has at least the time it was written, `file_time`. `notes` says what was not shown and what that costs.
    `unreachable` is set, with the reason, when the source gave no answer: nothing in it then counts as missing.
    `engines` are the Argo CD and Flux objects that stand in this cluster, wherever they deploy to.
    `settings` are the cluster's own. Where `namespaces` is not None only those were asked for, and where `labels` is
    not empty only InferenceServices with them; `unread` says of namespaces why they could not be read.
    """

    cluster: str
    seen_at: datetime | None
    services: Mapping[tuple[str, str], LiveInferenceService] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unreachable: str | None = None
    file_time: datetime | None = None
    engines: tuple[LiveEngine, ...] = ()
    settings: ClusterSettings = field(default_factory=ClusterSettings)
    namespaces: frozenset[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    def out_of_reach(self, namespace: str, labels: Mapping[str, str]) -> str | None:
        """Why an InferenceService that is not shown may be there all the same; None where it would have been shown.

        `labels` are those that Git states for it.
        """
        if namespace in self.unread:
            return f"namespace {namespace} could not be read: {self.unread[namespace]}"
        if self.namespaces is not None and namespace not in self.namespaces:
            return f"namespace {namespace} is not among those that are read ({', '.join(sorted(self.namespaces))})"
        wanted = [f"{name}={value}" for name, value in sorted(self.labels.items()) if labels.get(name) != value]
        return (
            f"only InferenceServices with {', '.join(wanted)} are read, and Git states it without" if wanted else None
        )
