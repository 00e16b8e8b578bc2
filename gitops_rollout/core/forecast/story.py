"""A cluster as it would be had it followed Git: every arrival on the base branch applied in turn, at its own time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from gitops_rollout.core.forecast.live import spec_of
from gitops_rollout.core.forecast.simulate import simulate
from gitops_rollout.core.forecast.world import Outcome, SimulatedRevision, Spec, State, World
from gitops_rollout.core.runs import Runs, runs_of
from gitops_rollout.model.history import Arrival
from gitops_rollout.model.targets import Component, Manifest

START_UP = timedelta(minutes=1)

Decide = Callable[[Runs], Outcome]
"""What becomes of a revision, from what it runs."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One component after one arrival: its world, and since when what is so.

    `created` and `ripened` (ready or failed) are by revision uid, `runs` by template; `routed` is when the traffic
    changed last, `percent_set` when Git last set or removed the percent.
    """

    world: World
    routed: datetime | None = None
    percent_set: datetime | None = None
    created: Mapping[str, datetime] = field(default_factory=dict)
    ripened: Mapping[str, datetime] = field(default_factory=dict)
    runs: Mapping[str, Runs] = field(default_factory=dict)


def tell(name: str, component: Component, arrivals: Iterable[Arrival], now: datetime, decide: Decide) -> Chapter | None:
    """One component at `now`, None where Git has none; `arrivals` come oldest first and may lie after `now`.

    A revision takes `START_UP` to become what `decide` says of it; one that is replaced sooner stays pending. Where
    committer dates run backwards the later arrival counts from the earlier one's time.
    """
    past = [arrival for arrival in arrivals if arrival.committed <= now]
    times = list(accumulate((arrival.committed for arrival in past), max))
    chapter: Chapter | None = None
    services = 0
    for arrival, (time, until) in zip(past, pairwise([*times, now]), strict=True):
        manifest = arrival.manifest
        if manifest is None or not isinstance(manifest.spec.get(component.value), Mapping):
            chapter = None
            continue
        begun = chapter or Chapter(World(f"{name}-{component.value}", Spec(template=""), component, services=services))
        chapter = _turn(begun, manifest, time, until, decide)
        services = chapter.world.services
    return chapter


def _turn(chapter: Chapter, manifest: Manifest, time: datetime, until: datetime, decide: Decide) -> Chapter:
    """What one arrival does until the next one."""
    component = chapter.world.component
    spec = spec_of(component, manifest.spec, manifest.labels, manifest.annotations)
    runs = runs_of(manifest.spec[component.value])
    chapter = replace(
        chapter,
        runs={**chapter.runs, spec.template: runs},
        percent_set=chapter.percent_set if chapter.world.spec.percent == spec.percent else time,
    )
    chapter = _passes(chapter, spec, Outcome.PENDING, time)
    newest = _newest(chapter.world)
    if newest is None or newest.state is not State.PENDING:
        return chapter
    ripe = max(time, chapter.created.get(newest.uid, time) + START_UP)
    outcome = decide(chapter.runs.get(newest.template, runs))
    return _passes(chapter, spec, outcome, ripe) if ripe <= until else chapter


def _passes(chapter: Chapter, spec: Spec, outcome: Outcome, time: datetime) -> Chapter:
    """Let the controllers come to rest, and note the time of what changed."""
    passes = simulate(chapter.world, spec, outcome)
    before, after = chapter.world, passes[-1].world if passes else replace(chapter.world, spec=spec)
    states = {revision.uid: revision.state for revision in before.revisions}
    created = {one.uid: time for one in after.revisions if one.uid not in states}
    ripened = {one.uid: time for one in after.revisions if states.get(one.uid, State.PENDING) is not one.state}
    routed = time if after.traffic != before.traffic else chapter.routed
    return replace(
        chapter,
        world=after,
        routed=routed,
        created={**chapter.created, **created},
        ripened={**chapter.ripened, **ripened},
    )


def _newest(world: World) -> SimulatedRevision | None:
    return world.revision(world.service.status.latest_created) if world.service else None
