"""Stories that were not recorded, and what holds for every story."""

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.forecast.kserve import refused
from gitops_rollout.core.forecast.rollout import spread
from gitops_rollout.core.forecast.simulate import LIMIT, settle, simulate
from gitops_rollout.core.forecast.world import Outcome, Service, Spec, State, World, condition
from gitops_rollout.core.tracking import shares
from gitops_rollout.core.traffic import expected_traffic
from gitops_rollout.model.live import KnativeStatus, TrafficTarget

EMPTY = World("iris-predictor", Spec(template="none"))


def told(*applied: tuple[Spec, Outcome], start: World = EMPTY) -> World:
    """The world after each spec was applied and came to rest."""
    for spec, outcome in applied:
        start = settle(start, spec, outcome)
    return start


V1 = (Spec("v1"), Outcome.READY)
V2_AT_10 = (Spec("v2", 10), Outcome.READY)
PROMOTED = (Spec("v2"), Outcome.READY)


def traffic(world: World) -> dict[str, int]:
    return {(name or "")[-2:]: percent for name, percent in shares(world.traffic).items()}


def rolled(world: World) -> tuple[str, str]:
    tracking = world.tracking
    return (tracking.latest_rolledout or "")[-2:], (tracking.previous_rolledout or "")[-2:]


def test_a_canary_that_cannot_be_created_moves_traffic_back() -> None:
    """Created and ready are still the promoted revision, so that KServe takes the percent for a rollback."""
    world = told(V1, V2_AT_10, PROMOTED, (Spec("v3", 10), Outcome.NOT_CREATED))
    assert traffic(world) == {"02": 10, "01": 90}
    assert rolled(world) == ("01", "01")
    assert world.service
    assert condition(world.service.status, "ConfigurationsReady") == ("False", "RevisionFailed")


def test_an_inert_service_stays_as_it_is() -> None:
    before = told(V1)
    assert simulate(before, Spec("v2", 10, inert=True), Outcome.READY) == ()


def test_auto_update_goes_on_while_it_is_not_ready() -> None:
    waiting = told(V1, (Spec("v2", 10), Outcome.PENDING))
    assert traffic(settle(waiting, Spec("v2", 20, inert=True), Outcome.READY)) == {"01": 80, "02": 20}


def test_a_next_canary_over_a_zeroed_one_sends_its_share_to_the_bad_revision() -> None:
    zeroed = told(V1, V2_AT_10, (Spec("v2", 0), Outcome.READY))
    assert traffic(settle(zeroed, Spec("v3", 10), Outcome.FAILED)) == {"02": 10, "01": 90}


def test_git_revert_of_a_ready_canary_serves_it_until_the_old_spec_is_ready() -> None:
    canary = told(V1, V2_AT_10)
    assert traffic(settle(canary, Spec("v1"), Outcome.PENDING)) == {"02": 100}
    assert rolled(settle(canary, Spec("v1"), Outcome.READY)) == ("03", "02")


def test_only_the_newest_revision_ripens() -> None:
    world = told(V1, (Spec("v2", 10), Outcome.PENDING), (Spec("v3", 10), Outcome.READY))
    assert [revision.state.value for revision in world.revisions] == ["ready", "pending", "ready"]


def test_a_first_revision_that_fails_has_no_route() -> None:
    failed = told((Spec("v1"), Outcome.FAILED))
    waiting = told((Spec("v1"), Outcome.PENDING))
    assert failed.service
    assert waiting.service
    assert condition(failed.service.status, "RoutesReady") == ("False", "RevisionMissing")
    assert condition(waiting.service.status, "RoutesReady") == ("Unknown", "RevisionMissing")
    assert failed.traffic == waiting.traffic == ()


def test_names_are_used_again_after_a_stop_and_uids_are_not() -> None:
    running = told(V1)
    resumed = told((Spec("v1", stopped=True), Outcome.READY), V1, start=running)
    assert [one.name for one in resumed.revisions] == [one.name for one in running.revisions]
    assert {one.uid for one in resumed.revisions}.isdisjoint(one.uid for one in running.revisions)
    assert rolled(resumed) == ("01", "")


def test_a_gradual_rollout_passes_100_only_at_its_end() -> None:
    passes = simulate(told(V1), Spec("v2", gradual=True), Outcome.READY)
    stages = [split for split, _ in groupby(traffic(one.world) for one in passes)]
    assert stages == [{"01": 100}, {"01": 99, "02": 1}, {"01": 50, "02": 50}, {"02": 100}]
    assert [rolled(one.world) for one in passes if traffic(one.world) == {"01": 50, "02": 50}][-1] == ("01", "")


def test_a_gradual_rollout_says_that_it_is_in_progress() -> None:
    passes = simulate(told(V1), Spec("v2", gradual=True), Outcome.READY)
    midway = next(one.world.service for one in passes if traffic(one.world) == {"01": 50, "02": 50})
    assert midway
    assert condition(midway.status, "RoutesReady") == ("Unknown", "RolloutInProgress")
    assert condition(midway.status, "Ready") == ("Unknown", "RolloutInProgress")


def test_a_third_revision_joins_a_gradual_rollout_and_the_oldest_gives_first() -> None:
    split = tuple(TrafficTarget(name, True, percent) for name, percent in (("r1", 30), ("r2", 50)))
    status = KnativeStatus(latest_ready="r3", traffic=split)
    asked = (TrafficTarget(latest_revision=True, percent=80),)
    stages = []
    for _ in range(3):
        routed = spread(Service("uid", "v3", asked, gradual=True, status=status))
        stages.append([(target.revision_name, target.percent) for target in routed])
        status = replace(status, traffic=routed)
    assert stages == [[("r1", 29), ("r2", 50), ("r3", 1)], [("r2", 40), ("r3", 40)], [("r3", 80)]]


def test_every_write_is_a_generation_and_status_follows_it() -> None:
    generations = []
    for one in simulate(told(V1, V2_AT_10, PROMOTED), Spec("v2", 0), Outcome.READY):
        assert one.world.service
        generations.append((one.world.service.generation, one.world.service.status.observed_generation))
    written = [generation for generation, _ in groupby(now for now, _ in generations)]
    assert written == [written[0], written[0] + 1]
    assert generations[-1] == (written[-1], written[-1])


def test_a_latest_ready_revision_that_was_deleted_leaves_the_route_as_it_was() -> None:
    canary = told(V1, V2_AT_10)
    gone = replace(canary, revisions=canary.revisions[:1])
    after = settle(gone, Spec("v2", 20), Outcome.READY)
    assert traffic(after) == {"01": 90, "02": 10}
    assert after.service
    assert condition(after.service.status, "RoutesReady") == ("False", "RevisionMissing")


def test_a_pending_revision_by_name_is_waited_for() -> None:
    canary = told(V1, V2_AT_10)
    one, two = canary.revisions
    after = settle(replace(canary, revisions=(replace(one, state=State.PENDING), two)), Spec("v2", 20), Outcome.READY)
    assert traffic(after) == {"01": 90, "02": 10}
    assert after.service
    assert condition(after.service.status, "RoutesReady") == ("Unknown", "RevisionMissing")


def test_zero_during_a_gradual_rollout_goes_back_at_once() -> None:
    passes = simulate(told(V1), Spec("v2", 40, gradual=True), Outcome.READY)
    midway = next(one.world for one in passes if traffic(one.world) == {"01": 80, "02": 20})
    shown = [traffic(one.world) for one in simulate(midway, Spec("v2", 0, gradual=True), Outcome.READY)]
    assert shown[-1] == {"02": 0, "01": 100}
    assert {"01": 99, "02": 1} not in shown


@pytest.mark.parametrize(("percent", "reason"), [(150, "150 is not"), (-5, "-5 is not"), (101, "101 is not")])
def test_a_percent_out_of_range_changes_nothing(percent: int, reason: str) -> None:
    canary = told(V1, V2_AT_10)
    world = settle(canary, Spec("v3", percent), Outcome.READY)
    assert world.refused is not None
    assert reason in world.refused
    assert (world.service, world.tracking, world.revisions) == (canary.service, canary.tracking, canary.revisions)
    assert settle(world, Spec("v2", 20), Outcome.READY).refused is None


def test_knative_takes_every_percent_in_range() -> None:
    baseline = replace(EMPTY.tracking, latest_rolledout="r1")
    assert not any(refused(expected_traffic(percent, baseline, {})) for percent in range(101))


specs = st.builds(
    Spec,
    template=st.sampled_from(["v1", "v2", "v3"]),
    percent=st.sampled_from([None, None, 0, 1, 10, 50, 99, 100, 150, -5]),
    tag_routing=st.booleans(),
    stopped=st.sampled_from([False] * 7 + [True]),
    inert=st.sampled_from([False] * 7 + [True]),
    gradual=st.booleans(),
)
histories = st.lists(st.tuples(specs, st.sampled_from(Outcome)), max_size=8)


@given(histories, specs, st.sampled_from(Outcome))
def test_every_story_comes_to_rest(history: list[tuple[Spec, Outcome]], spec: Spec, outcome: Outcome) -> None:
    world = told(*history)
    passes = simulate(world, spec, outcome)
    assert len(passes) < LIMIT
    ended = settle(world, spec, outcome)
    assert simulate(ended, spec, outcome) == ()
    uids = [revision.uid for revision in ended.revisions]
    assert len(uids) == len(set(uids))


@given(histories, specs, st.sampled_from(Outcome))
def test_traffic_always_adds_up_and_only_revisions_that_were_ready_serve(
    history: list[tuple[Spec, Outcome]], spec: Spec, outcome: Outcome
) -> None:
    world = told(*history)
    for one in simulate(world, spec, outcome):
        split = shares(one.world.traffic)
        assert not split or sum(split.values()) == 100
        states = {revision.name: revision.state.value for revision in one.world.revisions}
        assert {states[name or ""] for name in split} <= {"ready"}


@given(histories, st.sampled_from(Outcome))
def test_at_rest_knative_was_asked_for_what_kserve_asks(history: list[tuple[Spec, Outcome]], outcome: Outcome) -> None:
    world = told(*history, (Spec("v9", 10), outcome))
    assert world.service
    assert world.service.traffic == expected_traffic(10, world.tracking, {})
