"""Finds the hazards in people's own changes: every InferenceService that the merge would change, against its world."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from gitops_rollout.core.forecast.live import world_of
from gitops_rollout.core.forecast.story import tell
from gitops_rollout.core.forecast.world import Outcome, Spec, World
from gitops_rollout.core.hazards import Hazard, SpecChange, hazards
from gitops_rollout.core.history import timelines
from gitops_rollout.core.runs import all_runs
from gitops_rollout.core.settings import settings_for
from gitops_rollout.core.steps import first_step
from gitops_rollout.manifests.diff import unified
from gitops_rollout.manifests.edit import edit
from gitops_rollout.manifests.paths import matcher
from gitops_rollout.model.change import Edit
from gitops_rollout.model.doors import CommitInfo
from gitops_rollout.model.findings import Finding
from gitops_rollout.model.history import History
from gitops_rollout.model.live import LiveInferenceService, LiveView
from gitops_rollout.model.targets import Component, Manifest, TargetKey
from gitops_rollout.reconcile.checks.changes import Changed, find_changes
from gitops_rollout.reconcile.checks.ground import Ground, key_of
from gitops_rollout.reconcile.checks.rollout_commits import RolloutCommit

# The trailer that silences a finding on purpose: `Rollout-Allow: straight-to-all`, or with ` namespace/name` after it.
_ALLOW = re.compile(r"^Rollout-Allow: *([a-z-]+)(?: +(\S+))? *$", re.MULTILINE)


def find_hazards(ground: Ground, ahead: Iterable[CommitInfo], ours: Sequence[RolloutCommit]) -> Iterator[Finding]:
    """Findings about every InferenceService that the merge changes, those that our own commits edit left out.

    `ahead` are the commits that the merge would bring: their messages may silence a finding.
    """
    changes, unseen = find_changes(ground)
    allowed = _allowed(ahead)
    names = {(edit.path, edit.before.name) for rollout in ours for edit in rollout.edits}
    paths = {path for rollout in ours for path in rollout.paths}
    yield from unseen
    for change in sorted(changes, key=lambda one: (one.after.source, key_of(one.after), one.after.built or "")):
        after = change.after
        path = after.source.path
        if (path, after.name) not in names and not (after.built and path in paths):
            yield from _of_change(ground, change, allowed)


def _of_change(ground: Ground, changed: Changed, allowed: Mapping[str, set[str]]) -> Iterator[Finding]:
    after, key = changed.after, key_of(changed.after)
    name = f"{after.namespace}/{after.name}" if after.namespace else after.name
    shown = [view for view in ground.views if key in view.services and _goes_to(ground, after, view.cluster)]
    worlds: Sequence[LiveView | None] = shown or [None]
    for view in worlds:
        live = None if view is None else view.services[key]
        target = name if view is None else f"{view.cluster}/{name}"
        step = first_step(settings_for(ground.policy, TargetKey("" if view is None else view.cluster, *key)).steps)
        for component in all_runs(after.spec):
            for hazard in hazards(_change(component, changed.before, after, changed.history, live, step)):
                found = _finding(ground, changed, target, hazard)
                says = allowed.get(hazard.code, set()) & {"", name, target}
                yield replace(found, allowed="Rollout-Allow") if says else found


def _goes_to(ground: Ground, manifest: Manifest, cluster: str) -> bool:
    """Whether the policy sends a kustomization to a cluster; where its `paths` do not say, any may have it."""
    stated = next((one.paths for one in ground.policy.clusters if one.name == cluster), ())
    return manifest.built is None or not stated or matcher(stated)(manifest.built)


def _change(
    component: Component,
    before: Manifest | None,
    after: Manifest,
    history: History,
    live: LiveInferenceService | None,
    step: int | None,
) -> SpecChange:
    line = None if before is None else timelines(history, before).get(component)
    world = world_of(live, component) if live is not None else _as_told(component, after.name, history)
    return SpecChange(component, before, after, line, world, live, step)


def _as_told(component: Component, name: str, history: History) -> World:
    """The world as it would be had the cluster followed Git, every revision ready and everything settled."""
    arrivals = tuple(reversed(history.arrivals))
    nothing = World(f"{name}-{component.value}", Spec(template=""), component)
    if not arrivals:
        return nothing
    settled = max(arrival.committed for arrival in arrivals) + timedelta(days=1)
    chapter = tell(name, component, arrivals, settled, lambda runs: Outcome.READY)
    return chapter.world if chapter else nothing


def _finding(ground: Ground, changed: Changed, target: str, hazard: Hazard) -> Finding:
    after = changed.after
    rendered = f" (rendered from {after.built})" if after.built else ""
    return Finding(
        code=hazard.code,
        level=hazard.level,
        targets=(target,),
        message=f"{hazard.component}: {hazard.message}{rendered}",
        path=after.source.path,
        line=after.source.line,
        evidence=hazard.evidence,
        patch=_patch(ground, changed, hazard) if hazard.mendable else None,
    )


def _patch(ground: Ground, changed: Changed, hazard: Hazard) -> str | None:
    """The one line that would be safe to write instead; None where the file cannot be edited with certainty.

    Where kustomizations stand between, rendering has to prove that it changes this and nothing else.
    """
    after, source = changed.after, changed.after.source
    data = ground.repository.read_file(ground.merged, source.path)
    if data is None:
        return None
    field = after.fields.get(hazard.component)
    wanted = Edit(source.document, source.pointer, hazard.component, hazard.better, field=field)
    edited = edit(data, [wanted], source.path)
    if edited.data == data:
        return None
    if ground.builds is not None and changed.siblings:
        percents = {hazard.component: hazard.better}
        if ground.builds[1].problem(source.path, edited.data, changed.siblings, percents) is not None:
            return None
    return unified(source.path, data, edited.data)


def _allowed(ahead: Iterable[CommitInfo]) -> Mapping[str, set[str]]:
    """What the commits' messages silence: codes, and the names that they are silenced for (empty: all)."""
    found: dict[str, set[str]] = {}
    for info in ahead:
        for code, name in _ALLOW.findall(info.message):
            found.setdefault(code, set()).add(name)
    return found
