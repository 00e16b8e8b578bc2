"""The parts of Kubernetes objects that are read, as narrow structs: what is not named here never becomes an object.

Leaves are `Any` on purpose: a status is untrusted, and one odd value must not cost the whole object. `decode` turns
leaves into the model's types, and what does not fit into None.
"""

from typing import Any

import msgspec

INFERENCE_SERVICE = "InferenceService"
KNATIVE_SERVICE = "Service"
REVISION = "Revision"
APPLICATION = "Application"
APP_PROJECT = "AppProject"
CONFIG_MAP = "ConfigMap"
KUSTOMIZATION = "Kustomization"
GIT_REPOSITORY = "GitRepository"

# The API groups of the kinds that are read; a core `v1` Service is another thing than Knative's, and kustomize has a
# `Kustomization` of its own.
GROUPS = {
    INFERENCE_SERVICE: "serving.kserve.io/",
    KNATIVE_SERVICE: "serving.knative.dev/",
    REVISION: "serving.knative.dev/",
    APPLICATION: "argoproj.io/",
    APP_PROJECT: "argoproj.io/",
    CONFIG_MAP: "v1",
    KUSTOMIZATION: "kustomize.toolkit.fluxcd.io/",
    GIT_REPOSITORY: "source.toolkit.fluxcd.io/",
}


class Head(msgspec.Struct, rename="camel"):
    """What any object says of itself first."""

    api_version: Any = None
    kind: Any = None

    def wanted(self) -> bool:
        """Whether this is one of the kinds that are read."""
        group = GROUPS.get(self.kind) if isinstance(self.kind, str) else None
        return group is not None and isinstance(self.api_version, str) and self.api_version.startswith(group)


class OwnedSpec(msgspec.Struct):
    """`f:spec` of one manager's fields; each component maps the fields that the manager owns."""

    predictor: dict[str, Any] | None = msgspec.field(default=None, name="f:predictor")
    transformer: dict[str, Any] | None = msgspec.field(default=None, name="f:transformer")
    explainer: dict[str, Any] | None = msgspec.field(default=None, name="f:explainer")


class OwnedFields(msgspec.Struct):
    """`fieldsV1` of one manager: only what lies below `f:spec`."""

    spec: OwnedSpec | None = msgspec.field(default=None, name="f:spec")


class ManagedFields(msgspec.Struct):
    """One entry of `metadata.managedFields`."""

    manager: Any = None
    operation: Any = None
    subresource: Any = None
    time: Any = None
    fields: OwnedFields | None = msgspec.field(default=None, name="fieldsV1")


class OwnerReference(msgspec.Struct):
    """One entry of `metadata.ownerReferences`."""

    kind: Any = None
    uid: Any = None


class Metadata(msgspec.Struct, rename="camel"):
    """What is read of `metadata`."""

    name: Any = None
    namespace: Any = None
    uid: Any = None
    generation: Any = None
    creation_timestamp: Any = None
    labels: Any = None
    annotations: Any = None
    owner_references: list[OwnerReference] | None = None


class OwnedMetadata(Metadata, rename="camel"):
    """Metadata together with who owns which field."""

    managed_fields: list[ManagedFields] | None = None


class InferenceServiceStatus(msgspec.Struct, rename="camel"):
    """What is read of an InferenceService's status."""

    observed_generation: Any = None
    deployment_mode: Any = None
    conditions: Any = None
    components: Any = None


class InferenceService(msgspec.Struct, rename="camel"):
    """An InferenceService; its spec is kept whole, to be compared with Git."""

    metadata: OwnedMetadata
    spec: dict[str, Any] | None = None
    status: InferenceServiceStatus | None = None


class KnativeSpec(msgspec.Struct):
    """What is read of a Knative Service's spec."""

    traffic: Any = None


class KnativeStatus(msgspec.Struct, rename="camel"):
    """What is read of a Knative Service's status."""

    observed_generation: Any = None
    latest_ready_revision_name: Any = None
    latest_created_revision_name: Any = None
    traffic: Any = None
    conditions: Any = None
    url: Any = None
    address: Any = None


class KnativeService(msgspec.Struct, rename="camel"):
    """A Knative Service."""

    metadata: Metadata
    spec: KnativeSpec | None = None
    status: KnativeStatus | None = None


class RevisionSpec(msgspec.Struct):
    """What is read of a Revision's spec."""

    containers: Any = None


class RevisionStatus(msgspec.Struct, rename="camel"):
    """What is read of a Revision's status."""

    conditions: Any = None
    actual_replicas: Any = None
    desired_replicas: Any = None


class Revision(msgspec.Struct, rename="camel"):
    """A Knative Revision."""

    metadata: Metadata
    spec: RevisionSpec | None = None
    status: RevisionStatus | None = None


class ConfigMap(msgspec.Struct):
    """A ConfigMap of the cluster's own settings."""

    metadata: Metadata
    data: Any = None
