"""The parts of Argo CD and Flux objects that are read, as narrow structs, like those of `objects`."""

from typing import Any

import msgspec

from gitops_rollout.cluster.objects import Metadata


class ManagedMetadata(Metadata, rename="camel"):
    """Metadata of an engine's object: the names of its owners count, not their uids."""

    owner_references: Any = None


class ApplicationSpec(msgspec.Struct, rename="camel"):
    """What is read of an Application's spec."""

    source: Any = None
    sources: Any = None
    source_hydrator: Any = None
    destination: Any = None
    sync_policy: Any = None
    ignore_differences: Any = None
    project: Any = None


class ApplicationStatus(msgspec.Struct, rename="camel"):
    """What is read of an Application's status."""

    sync: Any = None
    resources: Any = None
    conditions: Any = None
    operation_state: Any = None
    history: Any = None


class Application(msgspec.Struct, rename="camel"):
    """An Argo CD Application."""

    metadata: ManagedMetadata
    spec: ApplicationSpec | None = None
    status: ApplicationStatus | None = None


class AppProject(msgspec.Struct, rename="camel"):
    """An Argo CD project: it holds the sync windows of its Applications."""

    metadata: ManagedMetadata
    spec: Any = None


class GitRepositorySpec(msgspec.Struct, rename="camel"):
    """What is read of a Flux GitRepository's spec."""

    url: Any = None
    ref: Any = None
    suspend: Any = None


class GitRepositoryStatus(msgspec.Struct, rename="camel"):
    """What is read of a Flux GitRepository's status."""

    conditions: Any = None


class GitRepository(msgspec.Struct, rename="camel"):
    """A Flux GitRepository: where Kustomizations have their text from."""

    metadata: ManagedMetadata
    spec: GitRepositorySpec | None = None
    status: GitRepositoryStatus | None = None


class KustomizationSpec(msgspec.Struct, rename="camel"):
    """What is read of a Flux Kustomization's spec."""

    source_ref: Any = None
    path: Any = None
    suspend: Any = None
    kube_config: Any = None
    target_namespace: Any = None


class KustomizationStatus(msgspec.Struct, rename="camel"):
    """What is read of a Flux Kustomization's status."""

    observed_generation: Any = None
    conditions: Any = None
    inventory: Any = None
    last_applied_revision: Any = None
    last_applied_origin_revision: Any = None
    last_attempted_revision: Any = None


class Kustomization(msgspec.Struct, rename="camel"):
    """A Flux Kustomization."""

    metadata: ManagedMetadata
    spec: KustomizationSpec | None = None
    status: KustomizationStatus | None = None
