"""Our own commits where a kustomization stands between the edited line and the cluster: fresh and bound as rendered."""

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_rollout.core.freshness import staleness
from gitops_rollout.core.percent import read_percent
from gitops_rollout.core.runs import running_models
from gitops_rollout.model.findings import Finding, Level
from gitops_rollout.model.targets import Component, Kustomization, Manifest
from gitops_rollout.reconcile.checks.changes import histories_of, shown
from gitops_rollout.reconcile.checks.ground import Ground
from gitops_rollout.reconcile.checks.rollout_commits import RolloutCommit
from gitops_rollout.reconcile.observation.builds import NO_RENDERER, Builds


def built_problems(ground: Ground, rollout: RolloutCommit) -> Iterator[Finding]:
    """What speaks against a commit of ours whose edit goes through kustomizations that change it.

    Fresh: nothing that any of those builds is made of was touched since it was decided. Bound: what would be rendered
    from the merge runs what the commit itself renders, at the same percents.
    """
    if ground.builds is None:
        return
    base, merged = ground.builds
    own = ground.builds_at(rollout.id)
    for root in own.graph.builds():
        if rollout.paths & own.graph.files(root):
            yield from _not_fresh(ground, base, rollout, root)
            yield from _not_bound(own, merged, rollout, root)


def _not_fresh(ground: Ground, base: Builds, rollout: RolloutCommit, root: Kustomization) -> Iterator[Finding]:
    there, _ = shown(base, root.path)
    edited = [(root.path, one) for one in there.values() if one.source.path in rollout.paths]
    histories = histories_of(base, edited)
    newest = [history.arrivals[0].commit if history.arrivals else None for history in histories.values()]
    for touched in newest or [None]:
        paths = base.graph.files(root) if root.path in {one.path for one in base.graph.roots} else {root.path}
        stale = staleness(rollout.said.base, ground.base, touched, paths, ground.repository.touched_since)
        if stale:
            message = f"{stale}: close it, the next run decides anew"
            yield Finding("not-fresh", Level.ERROR, rollout.said.targets, message, path=root.path, line=1)
            return


def _not_bound(own: Builds, merged: Builds, rollout: RolloutCommit, root: Kustomization) -> Iterator[Finding]:
    mine, why = shown(own, root.path)
    theirs, why_not = shown(merged, root.path)
    problem = why or why_not
    if problem is not None:
        level = Level.WARNING if problem == NO_RENDERER else Level.ERROR
        message = f"what it would deploy was not compared with what was decided: {problem}"
        yield Finding("not-rendered", level, rollout.said.targets, message, path=root.path, line=1)
        return
    for key, decided in mine.items():
        if decided.source.path in rollout.paths:
            found = _difference(decided, theirs.get(key))
            if found is not None:
                message = f"rendered from {root.path}, {decided.name} {found}"
                yield Finding("not-bound", Level.ERROR, rollout.said.targets, message, path=root.path, line=1)


def _difference(decided: Manifest, there: Manifest | None) -> str | None:
    if there is None:
        return "would not be there any more"
    if running_models(there.spec).target != running_models(decided.spec).target:
        return "would run another model than the one that was decided on"
    if _percents(there.spec) != _percents(decided.spec):
        return "would get another percent than the one that was decided"
    return None


def _percents(spec: Mapping[str, Any]) -> dict[Component, object]:
    return {component: read_percent(spec.get(component)) for component in Component}
