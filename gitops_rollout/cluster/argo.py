"""From an Argo CD Application to the model's words (Argo CD v3.4 pkg/apis/application/v1alpha1/types.go)."""

import posixpath
from typing import Any

from gitops_rollout.cluster import decode
from gitops_rollout.cluster.engine_objects import Application, ApplicationSpec, ApplicationStatus, ManagedMetadata
from gitops_rollout.model.engines import EngineKind, Following, IgnoredDifference, LiveEngine, Managed, Operation
from gitops_rollout.model.live import Condition

SKIP = "argocd.argoproj.io/skip-reconcile"
TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "app.kubernetes.io/instance"
KSERVE = "serving.kserve.io"


def application(namespace: str, name: str, shown: Application) -> LiveEngine:
    """An Application as it describes itself; nothing in it raises."""
    spec, status = shown.spec or ApplicationSpec(), shown.status or ApplicationStatus()
    policy, destination = mapping(spec.sync_policy), mapping(spec.destination)
    automated = policy.get("automated")
    wanted = mapping(automated)
    operation = _operation(mapping(status.operation_state))
    return LiveEngine(
        kind=EngineKind.APPLICATION,
        namespace=namespace,
        name=name,
        following=_following(spec, status, operation),
        destination={key: text for key in ("name", "server") if (text := decode.text(destination.get(key)))},
        target_namespace=decode.text(destination.get("namespace")),
        manages=_managed(status, decode.text(destination.get("namespace"))),
        status=decode.text(mapping(status.sync).get("status")),
        conditions=_conditions(status.conditions),
        operation=operation,
        previous=_previous(status.history),
        automated=automated is not None and wanted.get("enabled") is not False,
        heals=automated is not None and wanted.get("enabled") is not False and wanted.get("selfHeal") is True,
        respects_ignored="RespectIgnoreDifferences=true" in texts(policy.get("syncOptions")),
        project=decode.text(spec.project) or "default",
        stopped=_stopped(shown.metadata),
        ignored=_ignored(spec.ignore_differences),
        made_by=_makers(shown.metadata),
    )


def mapping(value: Any) -> dict[str, Any]:
    """A mapping, an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def folder(value: Any) -> str | None:
    """A folder relative to the repository's root; None where none is stated."""
    text = decode.text(value)
    return None if text is None else posixpath.normpath("/" + text).strip("/")


def commit(value: Any) -> str | None:
    """A Git commit's id, None for anything else (a chart's version, a digest)."""
    text = decode.text(value) or ""
    is_commit = len(text) in (40, 64) and all(character in "0123456789abcdef" for character in text)
    return text if is_commit else None


def texts(value: Any) -> tuple[str, ...]:
    """The strings in a list."""
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _revisions(found: dict[str, Any]) -> tuple[str, ...]:
    """`revisions` of several sources, else the one `revision`."""
    several = found.get("revisions")
    return texts(several) if several else tuple(text for text in [decode.text(found.get("revision"))] if text)


def _following(spec: ApplicationSpec, status: ApplicationStatus, operation: Operation | None) -> tuple[Following, ...]:
    """Each source with what it was last compared with, and what of it was last applied.

    `status.sync.revision` is what was compared, applied or not; `status.history` ends with the last sync that
    succeeded, and may be switched off (`revisionHistoryLimit: 0`): then the last operation tells.
    """
    hydrated = mapping(mapping(spec.source_hydrator).get("drySource"))
    sources = decode.mappings(spec.sources) or [mapping(spec.source)]
    if hydrated:  # what is synced is a commit of another branch: nothing tells of ours
        return (Following(decode.text(hydrated.get("repoURL")) or "", decode.text(hydrated.get("targetRevision")) or "",
                          folder(hydrated.get("path"))),)  # fmt: skip
    seen = _revisions(mapping(status.sync))
    history = decode.mappings(status.history)
    applied = _revisions(history[-1]) if history else ()
    if not applied and operation is not None and operation.phase == "Succeeded":
        applied = operation.revisions
    return tuple(
        Following(
            repository=decode.text(source.get("repoURL")) or "",
            revision=decode.text(source.get("targetRevision")) or "",
            path=folder(source.get("path")) if not source.get("chart") else None,
            seen=_at(seen, position, len(sources)),
            applied=_at(applied, position, len(sources)),
        )
        for position, source in enumerate(sources)
    )


def _at(revisions: tuple[str, ...], position: int, sources: int) -> str | None:
    """The commit of one source, where the revisions are those of as many sources."""
    return commit(revisions[position]) if len(revisions) == sources else None


def _previous(value: Any) -> tuple[str, ...]:
    """What was applied before the last sync, of Applications with one source, oldest first."""
    found = [_revisions(entry) for entry in decode.mappings(value)]
    return tuple(revisions[0] for revisions in found[:-1] if len(revisions) == 1 and commit(revisions[0]))


def _operation(found: dict[str, Any]) -> Operation | None:
    phase = decode.text(found.get("phase"))
    if phase is None:
        return None
    result = mapping(found.get("syncResult"))
    return Operation(
        phase=phase,
        message=decode.text(found.get("message")) or "",
        revisions=_revisions(result),
        finished=decode.instant(found.get("finishedAt")) or decode.instant(found.get("startedAt")),
        results=bool(decode.mappings(result.get("resources"))),
    )


def _managed(status: ApplicationStatus, namespace: str | None) -> dict[tuple[str, str], Managed]:
    """The InferenceServices among `status.resources`, and why the last sync failed for each that it failed for."""
    result = mapping(mapping(status.operation_state).get("syncResult")).get("resources")
    failures = {
        _place(entry, namespace): decode.text(entry.get("message")) or "its sync failed"
        for entry in decode.mappings(result)
        if _is_service(entry) and entry.get("status") == "SyncFailed"
    }
    found = {
        _place(entry, namespace): Managed(decode.text(entry.get("status")), failures.get(_place(entry, namespace)))
        for entry in decode.mappings(status.resources)
        if _is_service(entry) and entry.get("requiresPruning") is not True
    }
    return {**{place: Managed(None, failure) for place, failure in failures.items()}, **found}


def _is_service(entry: dict[str, Any]) -> bool:
    return entry.get("kind") == "InferenceService" and entry.get("group") == KSERVE


def _place(entry: dict[str, Any], namespace: str | None) -> tuple[str, str]:
    return decode.text(entry.get("namespace")) or namespace or "", decode.text(entry.get("name")) or ""


def _conditions(value: Any) -> tuple[Condition, ...]:
    """Argo CD's conditions have no status: one that is there is so."""
    return tuple(
        Condition(
            type=entry["type"],
            status="True",
            message=decode.text(entry.get("message")),
            last_transition=decode.instant(entry.get("lastTransitionTime")),
        )
        for entry in decode.mappings(value)
        if decode.text(entry.get("type"))
    )


def _stopped(metadata: ManagedMetadata) -> str | None:
    skips = decode.strings(metadata.annotations).get(SKIP, "").lower() == "true"
    return f"the annotation {SKIP}" if skips else None


def _ignored(value: Any) -> tuple[IgnoredDifference, ...]:
    return tuple(
        IgnoredDifference(
            group=decode.text(entry.get("group")) or "",
            kind=decode.text(entry.get("kind")) or "",
            namespace=decode.text(entry.get("namespace")) or "",
            name=decode.text(entry.get("name")) or "",
            fields=(*texts(entry.get("jsonPointers")), *texts(entry.get("jqPathExpressions"))),
            managers=texts(entry.get("managedFieldsManagers")),
        )
        for entry in decode.mappings(value)
    )


def _makers(metadata: ManagedMetadata) -> tuple[str, ...]:
    """What made the Application: its owner (an ApplicationSet), and the Application that it is tracked by, if any."""
    makers = [
        f"{entry['kind']} {entry['name']}"
        for entry in decode.mappings(metadata.owner_references)
        if decode.text(entry.get("kind")) and decode.text(entry.get("name"))
    ]
    parent = decode.strings(metadata.annotations).get(TRACKING, "").partition(":")[0]
    parent = parent or decode.strings(metadata.labels).get(INSTANCE, "")
    if parent and parent != decode.text(metadata.name):
        makers.append(f"Application {parent}")
    return tuple(makers)
