"""From a Flux Kustomization to the model's words (kustomize-controller v1.9 api/v1/kustomization_types.go)."""

from dataclasses import replace
from typing import Any

from gitops_rollout.cluster import decode
from gitops_rollout.cluster.argo import KSERVE, commit, folder, mapping
from gitops_rollout.cluster.engine_objects import (
    GitRepository,
    GitRepositorySpec,
    GitRepositoryStatus,
    Kustomization,
    KustomizationSpec,
    KustomizationStatus,
)
from gitops_rollout.model.engines import EngineKind, Following, GitSource, LiveEngine, Managed

OWNER_NAME = "kustomize.toolkit.fluxcd.io/name"
OWNER_NAMESPACE = "kustomize.toolkit.fluxcd.io/namespace"


def kustomization(namespace: str, name: str, shown: Kustomization) -> LiveEngine:
    """A Kustomization as it describes itself; nothing in it raises."""
    spec, status = shown.spec or KustomizationSpec(), shown.status or KustomizationStatus()
    conditions = decode.conditions(status.conditions)
    secret = mapping(mapping(spec.kube_config).get("secretRef"))
    kubeconfig = decode.text(secret.get("name"))
    return LiveEngine(
        kind=EngineKind.KUSTOMIZATION,
        namespace=namespace,
        name=name,
        following=(_following(spec, status),),
        destination={"kubeConfig": kubeconfig} if kubeconfig else {},
        target_namespace=decode.text(spec.target_namespace),
        manages=_managed(status.inventory),
        status=next((one.status for one in conditions if one.type == "Ready"), None),
        conditions=conditions,
        heals=True,  # every interval applies everything anew
        stopped="spec.suspend" if spec.suspend is True else None,
        fetched_by=_source(mapping(spec.source_ref), namespace),
        made_by=_parent(decode.strings(shown.metadata.labels), namespace, name),
    )


def git_repository(shown: GitRepository) -> GitSource:
    """A GitRepository as it describes itself; nothing in it raises."""
    spec, status = shown.spec or GitRepositorySpec(), shown.status or GitRepositoryStatus()
    reference = mapping(spec.ref)
    stated = (decode.text(reference.get(key)) for key in ("commit", "name", "semver", "tag", "branch"))
    return GitSource(
        repository=decode.text(spec.url) or "",
        revision=next((text for text in stated if text), ""),
        suspended=spec.suspend is True,
        ready=next((one for one in decode.conditions(status.conditions) if one.type == "Ready"), None),
    )


def fetched(engine: LiveEngine, source: GitSource | None) -> LiveEngine:
    """A Kustomization together with the GitRepository that it has its text from, where that was shown."""
    if source is None:
        return engine
    following = (replace(one, repository=source.repository, revision=source.revision) for one in engine.following)
    return replace(engine, fetching=source, following=tuple(following))


def commit_of(revision: Any) -> str | None:
    """The commit of a revision as Flux writes it: `main@sha1:…`, `sha1:…`, and before v2.0 `main/…`."""
    text = decode.text(revision) or ""
    head, colon, digest = text.rpartition(":")
    if colon:
        return commit(digest) if head.rpartition("@")[2] in ("sha1", "sha256") else None
    return commit(text.rpartition("/")[2])


def _following(spec: KustomizationSpec, status: KustomizationStatus) -> Following:
    """An artifact from a registry names the commit that it was made from apart (`lastAppliedOriginRevision`)."""
    kind = decode.text(mapping(spec.source_ref).get("kind"))
    applied = status.last_applied_origin_revision or (status.last_applied_revision if kind == "GitRepository" else None)
    seen = status.last_attempted_revision if kind == "GitRepository" else None
    return Following(path=folder(spec.path or "."), seen=commit_of(seen), applied=commit_of(applied))


def _managed(inventory: Any) -> dict[tuple[str, str], Managed]:
    """The InferenceServices of an inventory: ids are `<namespace>_<name>_<group>_<kind>`."""
    ids = [decode.text(entry.get("id")) or "" for entry in decode.mappings(mapping(inventory).get("entries"))]
    parts = [one.split("_") for one in ids if one.endswith(f"_{KSERVE}_InferenceService")]
    return {(one[0], one[1]): Managed() for one in parts if len(one) == 4}


def _source(reference: dict[str, Any], namespace: str) -> tuple[str, str, str] | None:
    kind, name = decode.text(reference.get("kind")), decode.text(reference.get("name"))
    return (kind, decode.text(reference.get("namespace")) or namespace, name) if kind and name else None


def _parent(labels: dict[str, str], namespace: str, name: str) -> tuple[str, ...]:
    parent = labels.get(OWNER_NAMESPACE, ""), labels.get(OWNER_NAME, "")
    return (f"Kustomization {parent[0]}/{parent[1]}",) if parent[1] and parent != (namespace, name) else ()
