"""A cluster that follows its own pace: the simulator's controllers make their passes when they are told to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gitops_rollout.core.forecast import knative, kserve
from gitops_rollout.core.forecast.live import spec_of
from gitops_rollout.core.forecast.shown import show
from gitops_rollout.core.forecast.simulate import simulate
from gitops_rollout.core.forecast.story import Chapter
from gitops_rollout.core.forecast.world import Outcome, State, World
from gitops_rollout.core.percent import FIELD
from gitops_rollout.core.runs import runs_of
from gitops_rollout.core.tracking import shares
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Component, Manifest, TargetKey


@dataclass
class Cluster:
    """One InferenceService. `applied` is the live spec, None while it is not there."""

    key: TargetKey
    applied: Manifest | None = None
    generation: int = 0
    chapters: dict[Component, Chapter] = field(default_factory=dict)

    def copy(self) -> "Cluster":
        return replace(self, chapters=dict(self.chapters))

    def apply(self, manifest: Manifest, now: datetime) -> None:
        """What a GitOps engine does: the live spec becomes Git's."""
        self.generation += manifest != self.applied
        self.applied = manifest
        for component in Component:
            if isinstance(manifest.spec.get(component), Mapping):
                self._want(component, manifest, now)
            else:
                self.chapters.pop(component, None)

    def patch(self, component: Component, percent: int | None, now: datetime) -> None:
        """A hand on the live percent."""
        if self.applied is None or component not in self.chapters:
            return
        part = {key: value for key, value in self.applied.spec[component].items() if key != FIELD}
        changed = part if percent is None else {**part, FIELD: percent}
        self.apply(replace(self.applied, spec={**self.applied.spec, component: changed}), now)

    def kserve(self, component: Component, now: datetime) -> None:
        """One pass of KServe."""
        if component in self.chapters:
            self._become(component, kserve.reconcile(self.chapters[component].world), now)

    def knative(self, component: Component, outcome: Outcome, now: datetime) -> None:
        """One pass of Knative; `outcome` is what becomes of the newest revision."""
        if component in self.chapters:
            self._become(component, knative.reconcile(self.chapters[component].world, outcome), now)

    def settle(self, outcome: Outcome, now: datetime) -> None:
        """All passes, until nothing moves."""
        for component, chapter in list(self.chapters.items()):
            for one in simulate(chapter.world, chapter.world.spec, outcome):
                self._become(component, one.world, now)

    def crash(self, component: Component, number: int, now: datetime) -> None:
        """A revision that was ready stops being so."""
        if component not in self.chapters:
            return
        world = self.chapters[component].world
        revisions = tuple(
            replace(one, state=State.FAILED) if index == number and one.state is State.READY else one
            for index, one in enumerate(world.revisions)
        )
        self._become(component, replace(world, revisions=revisions), now)

    def collect(self, component: Component, number: int, now: datetime) -> None:
        """A revision is deleted, by a person or by Knative's garbage collector; never the newest."""
        if component not in self.chapters:
            return
        world = self.chapters[component].world
        kept = tuple(one for index, one in enumerate(world.revisions[:-1]) if index != number)
        self._become(component, replace(world, revisions=(*kept, *world.revisions[-1:])), now)

    def look(self) -> LiveInferenceService | None:
        """What a reader sees now."""
        if self.applied is None:
            return None
        return show(self.key, self.applied, self.generation, self.chapters)

    def traffic(self, component: Component) -> dict[str, int]:
        """Percent by what the revisions run (their template)."""
        return traffic_of(self.chapters[component].world)

    def _want(self, component: Component, manifest: Manifest, now: datetime) -> None:
        spec = spec_of(component, manifest.spec, manifest.labels, manifest.annotations)
        chapter = self.chapters.get(component) or Chapter(World(f"{self.key.name}-{component}", spec, component))
        self.chapters[component] = replace(
            chapter,
            world=replace(chapter.world, spec=spec),
            percent_set=now,
            runs={**chapter.runs, spec.template: runs_of(manifest.spec[component])},
        )

    def _become(self, component: Component, after: World, now: datetime) -> None:
        chapter = self.chapters[component]
        before = chapter.world
        states = {one.uid: one.state for one in before.revisions}
        created = {one.uid: now for one in after.revisions if one.uid not in states}
        ripened = {one.uid: now for one in after.revisions if states.get(one.uid, State.PENDING) is not one.state}
        self.chapters[component] = replace(
            chapter,
            world=after,
            routed=now if after.traffic != before.traffic else chapter.routed,
            created={**chapter.created, **created},
            ripened={**chapter.ripened, **ripened},
        )


def traffic_of(world: World) -> dict[str, int]:
    """Percent by revision uid of what a world serves."""
    found: dict[str, int] = {}
    for name, share in shares(world.traffic).items():
        revision = world.revision(name)
        if revision is not None:
            found[revision.uid] = found.get(revision.uid, 0) + share
    return found


def with_percent(part: Mapping[str, Any], percent: int | None) -> dict[str, Any]:
    """A component's part of a spec with another percent."""
    rest = {key: value for key, value in part.items() if key != FIELD}
    return rest if percent is None else {**rest, FIELD: percent}
