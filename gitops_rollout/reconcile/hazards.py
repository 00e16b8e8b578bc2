"""Finds the hazards in people's own changes: every InferenceService that the merge would change, against its world."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.manifests.tree import is_manifest_name
from gitops_rollout.model.change import Edit
from gitops_rollout.model.doors import CommitInfo, Repository
from gitops_rollout.model.findings import Finding
from gitops_rollout.model.history import History
from gitops_rollout.model.live import LiveInferenceService, LiveView
from gitops_rollout.model.policy import Policy
from gitops_rollout.model.targets import Component, Manifest, TargetKey
from gitops_rollout.reconcile.history import document_history

# The trailer that silences a finding on purpose: `Rollout-Allow: straight-to-all`, or with ` namespace/name` after it.
_ALLOW = re.compile(r"^Rollout-Allow: *([a-z-]+)(?: +(\S+))? *$", re.MULTILINE)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """What changes are held against: the repository, the base commit, the policy, and what clusters show, if any."""

    repository: Repository
    base: str
    policy: Policy
    views: Sequence[LiveView] = ()


def find_hazards(ground: Ground, merged: str, ahead: Iterable[CommitInfo], ours: frozenset[Key]) -> Iterator[Finding]:
    """Findings about every InferenceService that `merged` changes on the base, those in `ours` left out.

    `ahead` are the commits that the merge would bring: their messages may silence a finding.
    """
    before, after = _changed(ground, merged)
    allowed = _allowed(ahead)
    for key, manifest in sorted(after.items(), key=lambda item: (item[1].source, item[0])):
        if key not in ours and before.get(key) != manifest:
            yield from _of_manifest(ground, merged, before.get(key), manifest, allowed)


def _changed(ground: Ground, merged: str) -> tuple[Mapping[Key, Manifest], Mapping[Key, Manifest]]:
    """The InferenceServices of all files that differ, as the base has them and as the merge would."""
    found = ground.repository.differences(ground.base, merged)
    changed, gone = found if found is not None else ((), ())
    paths = {entry.path for entry in changed if entry.mode.startswith("100")} | set(gone)
    wanted = sorted(path for path in paths if is_manifest_name(path.rpartition("/")[2]))
    return _manifests(ground, ground.base, wanted), _manifests(ground, merged, wanted)


def _manifests(ground: Ground, commit: str, paths: Iterable[str]) -> Mapping[Key, Manifest]:
    found: dict[Key, Manifest] = {}
    for path in paths:
        data = ground.repository.read_file(commit, path)
        for manifest in () if data is None else _read(ground, path, data):
            found[(manifest.namespace or "", manifest.name)] = manifest
    return found


def _read(ground: Ground, path: str, data: bytes) -> Sequence[Manifest]:
    return scan_file(path, data, limit=ground.policy.limits.file_size).manifests


def _of_manifest(
    ground: Ground, merged: str, before: Manifest | None, after: Manifest, allowed: Mapping[str, set[str]]
) -> Iterator[Finding]:
    history = _history(ground, before)
    name = f"{after.namespace}/{after.name}" if after.namespace else after.name
    shown = [view for view in ground.views if (after.namespace or "", after.name) in view.services]
    worlds: Sequence[LiveView | None] = shown or [None]
    for view in worlds:
        live = None if view is None else view.services[(after.namespace or "", after.name)]
        target = name if view is None else f"{view.cluster}/{name}"
        key = TargetKey("" if view is None else view.cluster, after.namespace or "", after.name)
        step = first_step(settings_for(ground.policy, key).steps)
        for component in all_runs(after.spec):
            for hazard in hazards(_change(component, before, after, history, live, step)):
                found = _finding(ground, merged, after, target, hazard)
                says = allowed.get(hazard.code, set()) & {"", name, target}
                yield replace(found, allowed="Rollout-Allow") if says else found


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


def _history(ground: Ground, before: Manifest | None) -> History:
    if before is None:
        return History()
    file = ground.repository.histories(ground.base, [before.source.path]).get(before.source.path)
    if file is None:
        return History(complete=False)
    return document_history(file, before, lambda path, data: _read(ground, path, data))


def _finding(ground: Ground, merged: str, after: Manifest, target: str, hazard: Hazard) -> Finding:
    return Finding(
        code=hazard.code,
        level=hazard.level,
        targets=(target,),
        message=f"{hazard.component}: {hazard.message}",
        path=after.source.path,
        line=after.source.line,
        evidence=hazard.evidence,
        patch=_patch(ground, merged, after, hazard) if hazard.mendable else None,
    )


def _patch(ground: Ground, merged: str, after: Manifest, hazard: Hazard) -> str | None:
    """The one line that would be safe to write instead; None where the file cannot be edited with certainty."""
    source = after.source
    data = ground.repository.read_file(merged, source.path)
    if data is None:
        return None
    edited = edit(data, [Edit(source.document, source.pointer, hazard.component, hazard.better)], source.path)
    return unified(source.path, data, edited.data) if edited.data != data else None


def _allowed(ahead: Iterable[CommitInfo]) -> Mapping[str, set[str]]:
    """What the commits' messages silence: codes, and the names that they are silenced for (empty: all)."""
    found: dict[str, set[str]] = {}
    for info in ahead:
        for code, name in _ALLOW.findall(info.message):
            found.setdefault(code, set()).add(name)
    return found
