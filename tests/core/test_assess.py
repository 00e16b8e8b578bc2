"""The observation of small worlds: each term as it is put together from Git, its history and the cluster."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gitops_rollout.core.assess import Subject, assess, subjects
from gitops_rollout.core.decide import decide_target
from gitops_rollout.model.history import History
from gitops_rollout.model.live import ComponentStatus, Condition, FieldOwner, LiveComponent, LiveInferenceService
from gitops_rollout.model.observation import (
    Bake,
    Measurement,
    Observation,
    Readiness,
    RollbackRecord,
    TargetFacts,
    Verdict,
)
from gitops_rollout.model.policy import Analysis, Settings
from gitops_rollout.model.targets import Component
from tests.core.builders import (
    PREDICTOR,
    START,
    V1,
    V2,
    V3,
    at,
    condition,
    facts,
    history,
    live,
    manifest,
    model_of,
    name,
    revision,
    spec,
    split,
)

M1, M2 = model_of(spec(V1)), model_of(spec(V2))
ONE, TWO = revision(1, V1, 0), revision(2, V2, 15)
CRASH = condition("Ready", "False", 16, "ExitCode1", "Container failed")
CHECK = Settings(analysis=(Analysis("error-rate", "prometheus", fail_above=0.01),))
# v1 ran, v2 came at 10 % ten minutes later and was ready at 15
ACTIVE = facts(history(spec(V1), spec(V2, 10)), live(spec(V2, 10), [ONE, TWO], ready=2, rolled=1, moved=16))


def seen(given: TargetFacts) -> Observation:
    return assess(given).components[PREDICTOR]


def measured(number: int, value: float) -> Measurement:
    return Measurement("error-rate", PREDICTOR, str(name(number)), value)


def outcome(given: TargetFacts) -> str:
    decision = decide_target(assess(given))
    return f"{'alarm' if decision.alarm else decision.action} {decision.reason}"


def test_revisions_are_known_by_name_uid_and_model() -> None:
    found = seen(ACTIVE)
    assert (found.created, found.ready) == (found.ready, found.created)
    assert found.created is not None
    assert found.rolled is not None
    assert (found.created.name, found.created.uid, found.created.model) == (name(2), "uid-2", M2)
    assert (found.rolled.name, found.rolled.uid, found.rolled.model) == (name(1), "uid-1", M1)
    assert found.previous is None
    assert found.model == M2
    assert (found.created_readiness, found.baseline_ready, found.canary_takes_traffic) == (Readiness.READY, True, True)
    assert (found.settled, found.in_sync, found.present) == (True, True, True)


def test_what_is_not_in_the_cluster_is_missing() -> None:
    found = seen(replace(ACTIVE, live=None))
    assert not found.present
    assert found.desired == 10
    assert outcome(replace(ACTIVE, live=None)) == "hold missing"


@pytest.mark.parametrize(("minutes", "soaked"), [(45, False), (45.9, False), (46, True), (600, True)])
def test_soak_counts_from_the_latest_of_readiness_traffic_and_arrival(minutes: float, soaked: bool) -> None:
    found = seen(replace(ACTIVE, now=at(minutes), seen_at=at(minutes)))
    assert found.soaked is soaked
    assert found.soaked_at == at(46)  # the traffic moved last, at 16


def test_each_of_the_three_can_be_the_latest() -> None:
    late_ready = live(spec(V2, 10), [ONE, revision(2, V2, 30)], ready=2, rolled=1, moved=16)
    assert seen(replace(ACTIVE, live=late_ready)).soaked_at == at(60)
    told = history(spec(V1), spec(V2, 5), spec(V2, 10))
    assert seen(replace(ACTIVE, history=told)).soaked_at == at(50)


def test_soak_counts_to_the_view_and_never_past_the_decision() -> None:
    assert not seen(replace(ACTIVE, now=at(600), seen_at=at(20))).soaked
    assert not seen(replace(ACTIVE, now=at(20), seen_at=at(600))).soaked
    assert not seen(replace(ACTIVE, now=at(-600), seen_at=at(-600))).soaked


def test_nothing_soaks_whose_beginning_is_unknown() -> None:
    no_time = revision(2, V2, 15, condition("Ready", "True", None))
    for shown in (
        live(spec(V2, 10), [ONE, no_time], ready=2, rolled=1),
        live(spec(V2, 10), [ONE, TWO], ready=2, rolled=1, conditions=[condition("RoutesReady", "True", None)]),
        live(spec(V2, 10), [ONE], ready=2, rolled=1),
    ):
        found = seen(replace(ACTIVE, live=shown))
        assert (found.soaked, found.soaked_at) == (False, None)
    cut = seen(replace(ACTIVE, history=history(spec(V2, 10), complete=False)))
    assert (cut.soaked, cut.history_complete) == (False, False)


def test_steps_windows_and_percents_come_from_the_policy() -> None:
    found = seen(ACTIVE)
    assert (found.desired, found.live, found.first_step, found.next_step) == (10, 10, 10, 25)
    assert found.window_open


def test_a_failing_measurement_of_the_candidate_is_harm() -> None:
    given = replace(ACTIVE, settings=CHECK, measurements=(measured(2, 0.5), measured(1, 0.001)))
    found = seen(given)
    assert found.verdict is Verdict.FAIL
    assert found.harmful is not None
    assert found.harmful.name == name(2)
    assert found.worse_than_baseline
    assert outcome(given) == "rollback analysis-failed"
    both = replace(given, measurements=(measured(2, 0.5), measured(1, 0.5)))
    assert not seen(both).worse_than_baseline
    assert not seen(replace(given, measurements=(measured(2, 0.5),))).worse_than_baseline


def test_a_failing_baseline_is_no_harm() -> None:
    given = replace(ACTIVE, settings=CHECK, measurements=(measured(2, 0.001), measured(1, 0.5)))
    assert seen(given).harmful is None
    assert outcome(given) == "step soaked"


def test_a_revision_with_traffic_that_is_not_ready_is_harm_whatever_the_cause() -> None:
    full = condition("Ready", "False", 16, "Unschedulable")
    given = replace(ACTIVE, live=live(spec(V2, 10), [ONE, revision(2, V2, 15, full)], ready=2, rolled=1))
    assert outcome(given) == "rollback analysis-failed"
    assert "Unschedulable" in seen(given).harm_message


def test_harm_is_seen_before_anything_has_settled() -> None:
    """v3 is on its way, v2 still takes 10 % and fails."""
    told = history(spec(V1), spec(V2, 10), spec(V3, 10))
    shown = live(spec(V2, 10), [ONE, TWO], ready=2, rolled=1)
    given = replace(ACTIVE, history=told, target=replace(ACTIVE.target, manifest=manifest(spec(V3, 10))), live=shown)
    failing = replace(given, settings=CHECK, measurements=(measured(2, 0.5),))
    assert outcome(given) == "alarm out-of-sync"
    assert outcome(failing) == "rollback harm"
    decision = decide_target(assess(failing))
    assert decision.marker_models == {PREDICTOR: M2}
    assert decision.candidate[PREDICTOR].model == M2


def test_a_revision_of_which_nothing_is_known_yet_is_no_harm() -> None:
    unknown = revision(2, V2, 15, condition("Ready", "Unknown", 16))
    assert seen(replace(ACTIVE, live=live(spec(V2, 10), [ONE, unknown], ready=2, rolled=1))).harmful is None


def test_what_served_everything_and_was_zeroed_is_not_good_for_a_pending_ones_share() -> None:
    told = history(spec(V1), spec(V2), spec(V2, 0), spec(V3, 10))
    slow = revision(3, V3, 31, condition("Ready", "Unknown", 31))
    given = facts(told, live(spec(V3, 10), [ONE, TWO, slow], ready=2, created=3, rolled=1, previous=1), 40)
    assert not seen(given).known_bad
    assert outcome(given) == "rollback wrong-revision-served"


def test_the_largest_share_is_looked_at_first() -> None:
    three = revision(3, V3, 20, CRASH)
    traffic = (*split(10, 2, 1)[:1], *split(30, 3, 1))
    shown = live(spec(V2, 10), [ONE, revision(2, V2, 15, CRASH), three], ready=2, rolled=1, traffic=traffic)
    found = seen(replace(ACTIVE, live=shown)).harmful
    assert found is not None
    assert found.name == name(3)


def test_what_failed_to_become_ready() -> None:
    shown = live(spec(V2, 10), [ONE, revision(2, V2, 15, CRASH)], ready=1, created=2, rolled=1)
    found = seen(replace(ACTIVE, live=shown))
    assert (found.created_readiness, found.harmful) == (Readiness.FAILED, None)
    assert "ExitCode1" in found.readiness_message
    assert outcome(replace(ACTIVE, live=shown)) == "rollback canary-failed"


@pytest.mark.parametrize(("minutes", "expected"), [(74, "hold pending"), (75, "rollback deadline-exceeded")])
def test_the_deadline_counts_from_the_revision_or_the_commit(minutes: float, expected: str) -> None:
    slow = revision(2, V2, 15, condition("Ready", "Unknown", 15, "Deploying"))
    shown = live(spec(V2, 10), [ONE, slow], ready=1, created=2, rolled=1)
    assert outcome(replace(ACTIVE, live=shown, now=at(minutes), seen_at=at(minutes))) == expected


def test_a_revision_of_an_older_text_is_not_settled() -> None:
    shown = live(spec(V2, 10), [ONE], ready=1, rolled=1)
    found = seen(replace(ACTIVE, live=shown, now=at(20), seen_at=at(20)))
    assert not found.settled
    assert "does not run what Git states" in str(found.unsettled_because)


def test_a_revision_that_could_not_be_created_is_never_settled() -> None:
    quota = condition(
        "ConfigurationsReady", "False", 16, "RevisionFailed", "Revision creation failed with message: quota"
    )
    conditions = [quota, condition("RoutesReady", "True", 16)]
    told = history(spec(V1), spec(V1, 10))
    shown = live(spec(V1, 10), [ONE], ready=1, rolled=1, conditions=conditions)
    given = facts(told, shown)
    assert (seen(given).settled, seen(given).not_created) == (False, True)
    assert outcome(given) == "alarm not-created"


def test_restored_means_that_git_states_what_the_baseline_runs() -> None:
    told = history(spec(V1), spec(V2, 10), spec(V2, 0), spec(V1, 0))
    three = revision(3, V1, 31)
    given = facts(told, live(spec(V1, 0), [ONE, TWO, three], ready=3, rolled=1))
    assert seen(given).restored
    assert outcome(given) == "promote restored"
    other = facts(history(spec(V1), spec(V2, 10), spec(V2, 0)), live(spec(V2, 0), [ONE, TWO], ready=2, rolled=1))
    assert not seen(other).restored
    assert outcome(other) == "hold rolled-back"


def test_a_baseline_that_states_less_is_not_restored_by_the_model_that_failed() -> None:
    """v2 only dropped a variable: the baseline has everything that v2 states, and is another model all the same."""
    env = [{"name": "MODE", "value": "safe"}]
    container = {**ONE.containers[0], "env": [*ONE.containers[0]["env"], *env]}
    told = history(spec(V1, env=env), spec(V1, 10), spec(V1, 0))
    revisions = [revision(1, V1, 0, containers=(container,)), revision(2, V1, 15)]
    given = facts(told, live(spec(V1, 0), revisions, ready=2, rolled=1))
    assert not seen(given).restored
    assert outcome(given) == "hold rolled-back"


def test_a_known_bad_revision_that_gets_the_share_of_a_pending_one() -> None:
    told = history(spec(V1), spec(V2, 10), spec(V2, 0), spec(V3, 10))
    slow = revision(3, V3, 31, condition("Ready", "Unknown", 31))
    given = facts(told, live(spec(V3, 10), [ONE, TWO, slow], ready=2, created=3, rolled=1), 40)
    assert seen(given).ready_is_bad
    assert outcome(given) == "rollback wrong-revision-served"
    assert decide_target(assess(given)).marker_models == {PREDICTOR: M2}


def test_a_rollback_pull_request_that_nobody_vetoed_speaks_against_a_model() -> None:
    given = replace(ACTIVE, rollbacks=(RollbackRecord(7, M2),))
    assert seen(given).named_by_rollback
    assert outcome(given) == "rollback analysis-failed"
    assert outcome(replace(ACTIVE, rollbacks=(RollbackRecord(7, M2, vetoed=True),))) == "step soaked"
    on_baseline = replace(ACTIVE, rollbacks=(RollbackRecord(7, M1),))
    assert seen(on_baseline).baseline_known_bad


PROMOTED = facts(
    history(spec(V1), spec(V2, 10), spec(V2)),
    live(spec(V2), [ONE, TWO], ready=2, rolled=2, previous=1, moved=21),
    30,
    settings=CHECK,
    measurements=(measured(2, 0.5),),
)


def test_a_promoted_revision_that_fails_in_its_bake_goes_back() -> None:
    assert seen(PROMOTED).bake == Bake(open=True, failing=True, previous_usable=True)
    decision = decide_target(assess(PROMOTED))
    assert (decision.action, decision.reason) == ("rollback", "bake-failed")
    assert (decision.from_percents, decision.to_percents) == ({PREDICTOR: None}, {PREDICTOR: 0})
    assert decision.marker_models == {PREDICTOR: M2}


@pytest.mark.parametrize(("minutes", "is_open"), [(80.9, True), (81, False)])
def test_the_bake_ends(minutes: float, is_open: bool) -> None:
    found = seen(replace(PROMOTED, now=at(minutes), seen_at=at(minutes)))
    assert found.bake.open is is_open


def usable(told: History, *revisions: Any, rolled: int = 2, previous: int | None = 1) -> bool:
    shown = live(spec(V2), revisions, ready=rolled, rolled=rolled, previous=previous)
    return seen(facts(told, shown)).bake.previous_usable


def test_only_a_good_previous_revision_is_usable() -> None:
    told = history(spec(V1), spec(V2, 10), spec(V2))
    assert usable(told, ONE, TWO)
    assert not usable(told, TWO)
    assert not usable(told, revision(1, V1, 0, CRASH), TWO)
    assert not usable(told, ONE, TWO, previous=None)
    assert not usable(history(spec(V2)), revision(1, V2), TWO)
    assert not usable(history(spec(V1), spec(V3), spec(V2)), ONE, TWO)  # v1 is not what ran just before


def test_after_a_git_revert_the_previous_revision_is_not_usable() -> None:
    """v1 ran, v2 was a canary, the revert sent everything to v2 until v1 was ready again: previous is v2."""
    told = history(spec(V2), spec(V1, 10), spec(V2))
    three = revision(3, V2, 25)
    assert not usable(told, revision(1, V2), revision(2, V1, 15), three, rolled=3, previous=2)


def test_a_known_bad_previous_revision_is_not_usable() -> None:
    told = history(spec(V1), (spec(V1, 0), f"rolled back: iris-predictor-00001 (model {M1})"), spec(V1), spec(V2))
    assert not usable(told, ONE, TWO)


def test_a_regression_of_tracking_is_noticed() -> None:
    told = history(spec(V1), spec(V2, 10), spec(V2), spec(V2, 10))
    given = facts(told, live(spec(V2, 10), [ONE, TWO], ready=2, rolled=1, previous=1))
    assert outcome(given) == "alarm tracking-regressed"


def test_the_tracking_that_counts_is_computed_from_the_knative_status() -> None:
    component = ACTIVE.live.components[PREDICTOR] if ACTIVE.live else LiveComponent()
    late = replace(component, tracking=ComponentStatus(name(1), name(1), name(1)))
    shown = replace(ACTIVE.live, components={PREDICTOR: late}) if ACTIVE.live else None
    assert seen(replace(ACTIVE, live=shown)).ready == seen(ACTIVE).ready
    assert seen(replace(ACTIVE, live=shown)).tracking_disagrees is None


def test_where_kserve_disagrees_over_the_same_status_it_is_told() -> None:
    shown = live(spec(V1), [ONE, TWO], ready=2, rolled=1, traffic=split(None, 2, None))
    found = assess(facts(history(spec(V2)), shown))
    assert "latestRolledoutRevision is iris-predictor-00001" in str(found.components[PREDICTOR].tracking_disagrees)
    assert any("latestRolledoutRevision" in note for note in found.notes)
    assert seen(ACTIVE).tracking_disagrees is None


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({"serving.kserve.io/stop": "true"}, "hold stopped"),
        ({"serving.kserve.io/disable-auto-update": "true"}, "hold inert"),
        ({"serving.kserve.io/stop": "false"}, "step soaked"),
        ({"serving.kserve.io/deploymentMode": "Standard"}, "alarm ignored-field"),
    ],
)
def test_annotations_count_in_git_and_in_the_cluster(annotations: dict[str, str], expected: str) -> None:
    stated = manifest(spec(V2, 10), annotations=annotations)
    assert outcome(replace(ACTIVE, target=replace(ACTIVE.target, manifest=stated))) == expected
    assert ACTIVE.live is not None
    assert outcome(replace(ACTIVE, live=replace(ACTIVE.live, annotations=annotations))) == expected


def test_a_stopped_condition_stops() -> None:
    assert ACTIVE.live is not None
    stopped = replace(ACTIVE.live, conditions=(condition("Stopped", "True"),))
    assert outcome(replace(ACTIVE, live=stopped)) == "hold stopped"
    running = replace(ACTIVE.live, conditions=(condition("Stopped", "False"),))
    assert outcome(replace(ACTIVE, live=running)) == "step soaked"


def with_spec(stated: Mapping[str, Any], **annotations: str) -> TargetFacts:
    named = {f"serving.kserve.io/{key}": value for key, value in annotations.items()}
    return replace(ACTIVE, target=replace(ACTIVE.target, manifest=manifest(stated, annotations=named)))


def test_percents_at_places_that_kserve_ignores() -> None:
    assert outcome(with_spec({**spec(V2), "canaryTrafficPercent": 10})) == "alarm ignored-field"
    assert outcome(with_spec(spec(V2, 10, canaryTrafficPercent=10))) == "alarm ignored-field"
    assert outcome(with_spec({**spec(V2), "canary": [{"canaryTrafficPercent": 10}]})) == "alarm ignored-field"
    assert outcome(with_spec(spec(V2), canaryTrafficPercent="10")) == "alarm ignored-field"
    assert outcome(with_spec(spec(V2, 10), canaryTrafficPercent="10")) == "step soaked"
    inside = {**spec(V2, 10), "transformer": {"containers": [{"canaryTrafficPercent": 5}]}}
    found = assess(with_spec(inside)).components
    assert found[PREDICTOR].ignored_field is None
    assert found[Component.TRANSFORMER].ignored_field == "spec.transformer.containers[0]"


def test_invalid_percents_are_told() -> None:
    assert outcome(with_spec(spec(V2, 150))) == "alarm invalid-percent"
    assert seen(with_spec(spec(V2, "ten"))).invalid_percent == "ten"


def test_a_mode_without_revisions_is_not_tracked() -> None:
    assert ACTIVE.live is not None
    standard = replace(ACTIVE.live, deployment_mode="Standard")
    assert outcome(replace(with_spec(spec(V2)), live=standard)) == "hold not-tracked"
    assert outcome(replace(ACTIVE, live=standard)) == "alarm ignored-field"


def test_a_spec_without_components_is_an_alarm() -> None:
    assert outcome(with_spec({})) == "alarm unrecognised"
    assert outcome(with_spec({"predictor": "text", "explainer": [1]})) == "alarm unrecognised"


def test_a_component_that_git_dropped_and_that_is_still_live() -> None:
    both = {**spec(V2, 10), "transformer": {"containers": [{"image": "t:1"}]}}
    told = history(both, spec(V2, 10))
    shown = live(both, [ONE, TWO], ready=2, rolled=1)
    found = seen(facts(told, shown))
    assert not found.in_sync
    assert "transformer is still live" in str(found.difference)
    strange = assess(facts(history(spec(V1), spec(V2, 10)), shown))
    assert strange.components[PREDICTOR].in_sync
    assert "the live object has a transformer that Git does not state" in strange.notes


def test_out_of_sync_past_the_deadline_names_the_owner() -> None:
    owners = (FieldOwner(PREDICTOR, "kubectl-patch", "Update"),)
    shown = replace(live(spec(V2, 60), [ONE, TWO], ready=2, rolled=1), owners=owners)
    late = replace(ACTIVE, live=shown)
    assert outcome(late) == "alarm out-of-sync"
    assert "kubectl-patch" in decide_target(assess(late)).message
    assert outcome(replace(late, now=at(69), seen_at=at(69))) == "hold out-of-sync"


def test_markers_models_and_touch_of_a_target() -> None:
    marker = f"rolled back: iris-predictor-00002 (model {M2})"
    told = history(spec(V1), spec(V2, 10), (spec(V2, 0), marker))
    found = assess(facts(told, live(spec(V2, 0), [ONE, TWO], ready=2, rolled=1)))
    assert found.last_touched == "c2"
    assert found.markers[PREDICTOR].model == M2
    assert found.models.target == M2
    assert assess(replace(ACTIVE, history=History())).last_touched is None


def test_models_that_came_without_a_small_first_step_are_noted() -> None:
    def noted(*stated: Any) -> bool:
        return "predictor: unguarded" in assess(facts(history(*stated), None)).notes

    assert noted(spec(V1), spec(V2))
    assert noted(spec(V1), spec(V2, 50))
    assert noted(spec(V1), spec(V2, 50), spec(V2))
    assert not noted(spec(V1), spec(V2, 10))
    assert not noted(spec(V1), spec(V2, 0))
    assert not noted(spec(V1), spec(V2, 10), spec(V2))
    assert not noted(spec(V1))
    assert not noted(None, spec(V1))


def test_subjects_are_the_candidate_and_the_baseline_since_the_canary_began() -> None:
    given = replace(ACTIVE, settings=CHECK)
    assert subjects(given) == (
        Subject(PREDICTOR, "iris-predictor-00002", at(16)),
        Subject(PREDICTOR, "iris-predictor-00001", at(16)),
    )
    assert subjects(ACTIVE) == ()
    assert subjects(replace(given, live=None)) == ()


def test_subjects_of_a_promotion_and_of_harm() -> None:
    assert subjects(PROMOTED) == (Subject(PREDICTOR, "iris-predictor-00002", at(21)),)
    told = history(spec(V1), spec(V2, 10), spec(V3, 10))
    slow = revision(3, V3, 21, condition("Ready", "Unknown", 21))
    shown = live(spec(V3, 10), [ONE, TWO, slow], ready=2, created=3, rolled=1)
    given = facts(told, shown, settings=CHECK)
    assert subjects(given) == (
        Subject(PREDICTOR, "iris-predictor-00002", at(15)),
        Subject(PREDICTOR, "iris-predictor-00001", at(15)),
    )


STRANGE: list[tuple[Condition, ...]] = [
    (),
    (condition("Colour", "Red", None),),
    (condition("RoutesReady", "Perhaps"),),
    (condition("RoutesReady", "True"), condition("RoutesReady", "False", 0, "RevisionMissing")),
]


@pytest.mark.parametrize("conditions", STRANGE)
@pytest.mark.parametrize("ready", [None, 1, 2, 77])
def test_contradictory_statuses_hold(conditions: tuple[Condition, ...], ready: int | None) -> None:
    given = replace(
        ACTIVE, live=live(spec(V2, 10), [], ready=ready, created=77, conditions=conditions or [condition("X", "")])
    )
    assert decide_target(assess(given)).action == "hold"


def test_clocks_that_run_backwards_hold() -> None:
    early = START - timedelta(days=9)
    assert decide_target(assess(replace(ACTIVE, now=early, seen_at=early))).action == "hold"


def test_an_empty_live_object_holds() -> None:
    empty = LiveInferenceService("models", "iris", "u", 1, {})
    assert decide_target(assess(replace(ACTIVE, live=empty))).action == "hold"
