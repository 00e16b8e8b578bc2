"""The simulator against the real controllers: every recorded step of every serverless scenario."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

import pytest

from gitops_rollout.core.forecast.simulate import settle, simulate
from gitops_rollout.core.forecast.world import World
from gitops_rollout.model.live import TrafficTarget
from gitops_rollout.model.targets import Component
from tests.core.forecast.recorded import Story, stories
from tests.traces import SERVERLESS

STORIES = [
    pytest.param(story, id=f"{scenario}-{component}-{story.step.title}")
    for scenario in SERVERLESS
    for component in Component
    for story in stories(scenario, component)
]


def plain(traffic: tuple[TrafficTarget, ...]) -> list[TrafficTarget]:
    """Traffic without the URLs of tags, which the cluster's domain decides."""
    return [replace(target, url=None) for target in traffic]


def seen(world: World) -> dict[str, object]:
    """What a recording and a forecast must agree on."""
    status = world.service.status if world.service else None
    return {
        "tracked": (world.tracking.latest_ready, world.tracking.latest_created),
        "rolled out": (world.tracking.latest_rolledout, world.tracking.previous_rolledout),
        "traffic": plain(world.traffic),
        "asked": plain(world.service.traffic) if world.service else [],
        "revisions": [(revision.name, revision.state) for revision in world.revisions],
        "conditions": sorted((c.type, c.status, c.reason) for c in status.conditions) if status else [],
    }


def expected(story: Story) -> dict[str, object]:
    """What was recorded, but for what no spec decides."""
    world = story.ended
    if story.step.title == "v1 restored at 0":
        # B: the canary that stayed pending met its progress deadline meanwhile. Only the newest one's end is forecast.
        states = {one.name: one.state for one in story.rested.revisions}
        older = tuple(replace(one, state=states.get(one.name, one.state)) for one in world.revisions)
        world = replace(world, revisions=older)
    return seen(world)


@pytest.mark.parametrize("story", STORIES)
def test_from_where_the_step_before_came_to_rest(story: Story) -> None:
    rested = story.rested
    if story.step.by_hand and "delete" in story.step.by_hand["kubectl"]:
        # K: a person deleted a Revision, and asked for nothing else.
        names = {one.name for one in story.began.revisions}
        rested = replace(rested, revisions=tuple(one for one in rested.revisions if one.name in names))
    assert seen(settle(rested, story.ended.spec, story.outcome)) == expected(story)


@pytest.mark.parametrize("story", STORIES)
def test_from_the_first_snapshot_of_the_step(story: Story) -> None:
    assert seen(settle(story.began, story.ended.spec, story.outcome)) == expected(story)


def course(worlds: Iterable[World]) -> list[object]:
    """What traffic and tracking went through, without repetitions."""
    moments = [
        (plain(world.traffic), world.tracking.latest_rolledout, world.tracking.previous_rolledout) for world in worlds
    ]
    return [moment for moment, _ in groupby(moments)]


# Left out: a gradual rollout, whose stages depend on time, and the stop, where two kinds are changed by one reconcile
# and the Knative Service's end is seen before that of the tracking.
AT_ONCE = [one for one in STORIES if not (one.values[0].ended.spec.gradual or one.values[0].ended.spec.stopped)]


@pytest.mark.parametrize("story", AT_ONCE)
def test_traffic_and_tracking_pass_through_the_same_moments(story: Story) -> None:
    began = story.between[0]
    passes = simulate(story.began, story.ended.spec, story.outcome)
    assert course([began, *(one.world for one in passes)]) == course(story.between)


def test_a_gradual_rollout_goes_on_in_stages() -> None:
    story = next(one for one in stories("O", Component.PREDICTOR) if one.step.title == "v2 at 40")
    passes = simulate(story.began, story.ended.spec, story.outcome)
    stages = [[(t.revision_name, t.percent) for t in one.world.traffic if t.latest_revision] for one in passes]
    old, new = "iris-predictor-00001", "iris-predictor-00002"
    recorded = [[(t.revision_name, t.percent) for t in world.traffic if t.latest_revision] for world in story.between]
    assert [stage for stage, _ in groupby(stages)][-3:] == [[(old, 39), (new, 1)], [(old, 20), (new, 20)], [(new, 40)]]
    assert [(old, 39), (new, 1)] in recorded


def test_all_steps_are_there() -> None:
    assert len(STORIES) > 90
