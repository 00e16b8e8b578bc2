"""Reads one object into the narrow struct of its kind, whatever odd things stand in it."""

from typing import Any

import msgspec

from gitops_rollout.cluster import objects
from gitops_rollout.cluster.engine_objects import Application, AppProject, GitRepository, Kustomization

Readable = (
    objects.InferenceService
    | objects.KnativeService
    | objects.Revision
    | objects.ConfigMap
    | Application
    | AppProject
    | Kustomization
    | GitRepository
)
STRUCTS: dict[str, type[Readable]] = {
    objects.INFERENCE_SERVICE: objects.InferenceService,
    objects.KNATIVE_SERVICE: objects.KnativeService,
    objects.REVISION: objects.Revision,
    objects.CONFIG_MAP: objects.ConfigMap,
    objects.APPLICATION: Application,
    objects.APP_PROJECT: AppProject,
    objects.KUSTOMIZATION: Kustomization,
    objects.GIT_REPOSITORY: GitRepository,
}


def read_object(kind: str, source: bytes | msgspec.Raw | dict[str, Any]) -> Readable | None:
    """One object of a wanted kind, from JSON text or plain data; None where its outline is not an object's.

    Odd managed fields or owner references cost only themselves.
    """
    struct = STRUCTS[kind]
    try:
        if isinstance(source, dict):
            return msgspec.convert(source, struct)
        return msgspec.json.decode(source, type=struct)
    except msgspec.ValidationError:
        return _read_trimmed(struct, source)


def _read_trimmed(struct: type[Readable], source: bytes | msgspec.Raw | dict[str, Any]) -> Readable | None:
    plain = source if isinstance(source, dict) else msgspec.json.decode(source)
    if not isinstance(plain, dict) or not isinstance(plain.get("metadata"), dict):
        return None
    metadata = {k: v for k, v in plain["metadata"].items() if k not in ("managedFields", "ownerReferences")}
    parts = {part: plain[part] for part in ("spec", "status", "data") if isinstance(plain.get(part), dict)}
    try:
        return msgspec.convert({"metadata": metadata, **parts}, struct)
    except msgspec.ValidationError:
        return None
