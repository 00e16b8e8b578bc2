"""What a checkup finds about GitOps engines: those that would not bring what is merged, and those that look away."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from gitops_rollout.core.delivery import ignores_percent, obstacle_of
from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.engines import ENGINE_NAMES, LiveEngine, Obstacle
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.targets import TargetKey
from gitops_rollout.reconcile.engines.windows import engines_at

CHECK = "engines"


def engine_findings(view: LiveView, now: datetime) -> list[Finding]:
    """Findings about the engines that stand in a cluster; only those that manage InferenceServices are judged."""
    counts = Counter(engine.kind for engine in view.engines)
    if not counts:
        return []
    told = ", ".join(f"{count} {ENGINE_NAMES[kind]}{'' if count == 1 else 's'}" for kind, count in counts.items())
    found = [finding for engine in engines_at(view, now) for finding in _of_engine(view.cluster, engine)]
    return [Finding(CHECK, Level.OK, f"{view.cluster}: {told} seen"), *found]


def _of_engine(cluster: str, engine: LiveEngine) -> Iterator[Finding]:
    keys = [TargetKey(cluster, namespace, name) for namespace, name in sorted(engine.manages)]
    if not keys:
        return
    ways = [obstacle_of(engine, None, key, None, None) for key in keys]
    way = next((one for one in ways if one.obstacle is not Obstacle.NONE), None)
    what = f"{cluster}: {engine.title}, which manages {len(keys)} InferenceService{'' if len(keys) == 1 else 's'},"
    if way is not None and way.by_hand:
        hint = "sync it after each merge, or switch auto-sync on"
        yield Finding(CHECK, Level.WARN, f"{what} has auto-sync off: what is merged does not arrive by itself", hint)
    elif way is not None and way.obstacle is Obstacle.PAUSED:
        yield Finding(CHECK, Level.WARN, f"{what} is paused: {way.because}", "resume it, or nothing goes forward there")
    elif way is not None:
        yield Finding(
            CHECK, Level.WARN, f"{what} fails: {way.because}", "nothing that is merged arrives until it syncs"
        )
    if any(ignores_percent(engine, key, None) for key in keys):
        hint = "take canaryTrafficPercent out of its ignoreDifferences: auto-sync does not bring a change of it"
        yield Finding(CHECK, Level.WARN, f"{what} ignores differences of canaryTrafficPercent", hint)
