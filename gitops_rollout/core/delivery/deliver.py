"""The engine's part of arrival: has it applied Git's last change of a target, and what keeps it from that?"""

from collections.abc import Callable
from dataclasses import dataclass

from gitops_rollout.core.delivery.ignoring import ignores_percent
from gitops_rollout.core.delivery.obstacles import InTheWay, obstacle_of
from gitops_rollout.core.delivery.ownership import Fleet, Owner, source_of
from gitops_rollout.core.delivery.words import at, commit_name, short
from gitops_rollout.model.engines import Delivery, EngineKind, Following, LiveEngine, Obstacle, Reached
from gitops_rollout.model.history import History
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Target

# Whether a commit holds a target's last change in Git; None for a commit that is not of this repository and branch.
Holds = Callable[[str], bool | None]


@dataclass(frozen=True, slots=True)
class Deployment:
    """One target as Git has it, as it is live, and the engines of its cluster."""

    target: Target
    live: LiveInferenceService | None
    history: History
    fleet: Fleet


def deliver(deployment: Deployment, holds: Holds) -> Delivery | None:
    """What the engine that owns a target says of it; None where nothing tells of an engine."""
    key, live = deployment.target.key, deployment.live
    paths = deployment.target.roots or (deployment.target.manifest.source.path,)
    origin, owner = deployment.fleet.origin, deployment.fleet.owner(key, paths, live)
    if owner is None:
        return None
    if owner.engine is None:
        message = f"{owner.named} owns it and was not shown: whether it has applied Git's last change is not known"
        return Delivery(message=message, notes=(message,))
    engine = owner.engine
    source = source_of(engine, paths, origin) or (engine.following[0] if _is_single(engine) else None)
    reached = _reached(engine, source, deployment, holds)
    way = obstacle_of(engine, source, key, live, origin)
    ignores = ignores_percent(engine, key, live)
    return Delivery(
        engine=engine.title,
        reached=reached,
        obstacle=way.obstacle,
        message=_message(engine, source, reached, way, deployment.history),
        because=way.because,
        by_hand=way.by_hand,
        heals=engine.heals and way.obstacle is Obstacle.NONE,
        ignores=ignores,
        since=deployment.history.arrivals[0].committed if deployment.history.arrivals else None,
        notes=tuple(_notes(engine, owner, ignores=ignores)),
    )


def _is_single(engine: LiveEngine) -> bool:
    return len(engine.following) == 1


def _reached(engine: LiveEngine, source: Following | None, deployment: Deployment, holds: Holds) -> Reached:
    """Argo CD: applied, or compared and found equal. Flux: applied, or so far that only health checks are missing."""
    if source is None:
        return Reached.UNKNOWN
    applied = None if source.applied is None else holds(source.applied)
    seen = None if source.seen is None else holds(source.seen)
    if applied:
        return Reached.YES
    if seen and (_is_equal(engine, deployment) if engine.kind is EngineKind.APPLICATION else _is_checking(engine)):
        return Reached.YES
    never = source.applied is None and source.seen is not None and seen is not None
    return Reached.NO if applied is False or seen is False or never else Reached.UNKNOWN


def _is_equal(engine: LiveEngine, deployment: Deployment) -> bool:
    """Whether Argo CD's last comparison found the object, or where that is not listed all objects, to be in sync."""
    key = deployment.target.key
    managed = engine.manages.get((key.namespace, key.name))
    return (managed.status if managed and managed.status else engine.status) == "Synced"


def _is_checking(engine: LiveEngine) -> bool:
    """Whether a Kustomization has applied all, and waits for it to become healthy or saw that it does not."""
    return any(
        (one.type == "Healthy" and one.status != "True" and one.reason in ("Progressing", "HealthCheckFailed"))
        or (one.type == "Ready" and one.status != "True" and one.reason == "HealthCheckFailed")
        for one in engine.conditions
    )


def _message(engine: LiveEngine, source: Following | None, reached: Reached, way: InTheWay, history: History) -> str:
    """Where Git's last change stands, in words; run times stay out of it, instants of Git do not."""
    title, newest = _with_maker(engine), history.arrivals[0] if history.arrivals else None
    if reached is Reached.YES:
        return f"{title} has applied Git's last change{_tail(way)}"
    if reached is Reached.UNKNOWN or source is None:
        return f"whether {title} has applied Git's last change is not known{_tail(way)}"
    change = f"{commit_name(newest.commit)}, which came{at(newest.committed)}" if newest else "Git's last change"
    stands = f"it applied {commit_name(source.applied)} last"
    if source.applied is not None and source.applied in engine.previous:
        stands = f"it was rolled back to {commit_name(source.applied)}"
    waits = _waits(engine)
    return f"{title} has not applied {change}: {stands}{waits}{_tail(way)}"


def _with_maker(engine: LiveEngine) -> str:
    """The engine's title, and what made it: that is where its settings are changed."""
    return f"{engine.title} (made by {', '.join(engine.made_by)})" if engine.made_by else engine.title


def _waits(engine: LiveEngine) -> str:
    """What Flux waits for, where it says so; that Argo CD is at it."""
    if engine.operation is not None and engine.operation.phase == "Running":
        return f", and is syncing ({short(engine.operation.message)})" if engine.operation.message else ", and syncs"
    for condition in engine.conditions:
        if condition.type == "Ready" and condition.reason == "DependencyNotReady":
            return f", and waits ({short(condition.message or 'a dependency is not ready')})"
    return ""


def _tail(way: InTheWay) -> str:
    return f"; {way.because}" if way.because else ""


def _notes(engine: LiveEngine, owner: Owner, *, ignores: bool) -> list[str]:
    """Hazards that hold whatever is decided."""
    notes = []
    if ignores:
        does = "a change of it in Git is never applied" if engine.respects_ignored else "auto-sync does not bring it"
        notes.append(f"{_with_maker(engine)} ignores differences of canaryTrafficPercent: {does}; take it out of there")
    if owner.rival:
        notes.append(f"{owner.rival} claims it, too: two engines undo each other's changes")
    return notes
