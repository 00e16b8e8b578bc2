"""What keeps an engine from applying what is merged: a pause, or a failure of the engine itself.

Sources: Argo CD v3.4 controller/appcontroller.go (`autoSync` acts only on OutOfSync, and not again on a commit whose
sync failed) and pkg/apis/application/v1alpha1/types.go; kustomize-controller v1.9 and fluxcd/pkg apis/meta (reasons).
"""

from dataclasses import dataclass

from gitops_rollout.core.delivery.words import short
from gitops_rollout.model.engines import EngineKind, Following, LiveEngine, Obstacle
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Origin, TargetKey

# Conditions of an Application without which it applies nothing; `SyncError` repeats what the operation says.
_BROKEN = ("InvalidSpecError", "ComparisonError", "UnknownError")
# Flux: everything was applied, or will be once another one is ready.
_HARMLESS = frozenset({"HealthCheckFailed", "DependencyNotReady", "Progressing", "ProgressingWithRetry"})
_FLUX_RECONCILE = "kustomize.toolkit.fluxcd.io/reconcile"
_FLUX_APPLY = "kustomize.toolkit.fluxcd.io/ssa"


@dataclass(frozen=True, slots=True)
class InTheWay:
    """An obstacle, why in words, and whether a person may still sync by hand."""

    obstacle: Obstacle = Obstacle.NONE
    because: str = ""
    by_hand: bool = False


def obstacle_of(
    engine: LiveEngine,
    source: Following | None,
    key: TargetKey,
    live: LiveInferenceService | None,
    origin: Origin | None,
) -> InTheWay:
    """What is in the way of a target's next change; the first that counts of: stopped, pinned, failed, no auto-sync."""
    stopped = _stopped(engine, source, live, origin)
    if stopped is not None:
        return InTheWay(Obstacle.PAUSED, stopped)
    is_argo = engine.kind is EngineKind.APPLICATION
    failure = _argo_failure(engine, source, key) if is_argo else _flux_failure(engine)
    if failure is not None:
        return InTheWay(Obstacle.FAILED, failure)
    if not engine.automated:
        return InTheWay(Obstacle.PAUSED, "auto-sync is off", by_hand=True)
    return InTheWay()


def _stopped(
    engine: LiveEngine, source: Following | None, live: LiveInferenceService | None, origin: Origin | None
) -> str | None:
    if engine.stopped is not None:
        return f"it is stopped ({engine.stopped})"
    if engine.fetching is not None and engine.fetching.suspended:
        return f"{_fetcher(engine)} is stopped (spec.suspend)"
    if live is not None and engine.kind is EngineKind.KUSTOMIZATION:
        if live.annotations.get(_FLUX_RECONCILE) == "disabled":
            return f"the InferenceService has the annotation {_FLUX_RECONCILE}: disabled"
        if live.annotations.get(_FLUX_APPLY) in ("Ignore", "IfNotPresent"):
            return f"the InferenceService has the annotation {_FLUX_APPLY}: {live.annotations[_FLUX_APPLY]}"
    if source is not None and origin is not None and not _follows(source.revision, origin.branch):
        return f"it follows {short(source.revision)}, not {origin.branch}"
    return None


def _follows(revision: str, branch: str) -> bool:
    return revision in ("", "HEAD") or revision.removeprefix("refs/heads/") == branch


def _argo_failure(engine: LiveEngine, source: Following | None, key: TargetKey) -> str | None:
    """Why Argo CD does not apply a target: it cannot compare, or its sync failed for this object or before any."""
    for broken in _BROKEN:
        for condition in engine.conditions:
            if condition.type == broken:
                return f"{broken}: {short(condition.message or 'no message')}"
    operation = engine.operation
    if operation is None or operation.phase not in ("Failed", "Error"):
        return None
    is_old = source is not None and source.seen is not None and source.seen not in operation.revisions
    if is_old and operation.revisions:  # a newer commit was seen since: auto-sync tries that one
        return None
    managed = engine.manages.get((key.namespace, key.name))
    if managed is not None and managed.failure is not None:
        return short(managed.failure)
    return None if operation.results else short(operation.message or "no message")


def _fetcher(engine: LiveEngine) -> str:
    return "its source" if engine.fetched_by is None else "its {} {}/{}".format(*engine.fetched_by)


def _flux_failure(engine: LiveEngine) -> str | None:
    fetch = None if engine.fetching is None else engine.fetching.ready
    if fetch is not None and fetch.status == "False":
        return short(f"{_fetcher(engine)} is not fetched: {fetch.message or fetch.reason or 'no message'}")
    for condition in engine.conditions:
        broken = condition.type == "Ready" and condition.status == "False" and condition.reason not in _HARMLESS
        stalled = condition.type == "Stalled" and condition.status == "True"
        if broken or stalled:
            return short(": ".join(part for part in (condition.reason, condition.message) if part) or "no message")
    return None
