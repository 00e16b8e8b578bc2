"""Baseline truth, what canaries hold, their ages, and what a lack of room is told with."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import decide_target
from gitops_rollout.model.cluster import ClusterSettings, Collection
from gitops_rollout.model.live import Revision
from gitops_rollout.model.observation import Measurement, Observation, TargetFacts
from gitops_rollout.model.policy import Analysis, PullPolicy, Settings
from tests.core.builders import PREDICTOR, V1, V2, at, condition, facts, history, live, name, revision, spec

GPU = {"requests": {"cpu": "2", "memory": "8Gi"}, "limits": {"nvidia.com/gpu": "1"}}
CHECK = Settings(analysis=(Analysis("error-rate", "prometheus", fail_above=0.01),))
FAILS = (Measurement("error-rate", PREDICTOR, name(2) or "", 0.5, 1000),)
AT_ONCE = ClusterSettings(Collection(timedelta(0), timedelta(0), least=0, most=0))


def with_pods(made: Revision, count: int, **changes: Any) -> Revision:
    containers = tuple({**container, "resources": GPU} for container in made.containers)
    return replace(made, containers=containers, actual_replicas=count, desired_replicas=count, **changes)


def seen(given: TargetFacts) -> Observation:
    return assess(given).components[PREDICTOR]


def promoted(**baseline: Any) -> TargetFacts:
    """Just promoted, and failing; the previous revision is retired, if not told otherwise."""
    one = revision(1, V1, 0, **{"routing_state": "reserve", "routing_state_modified": at(20), **baseline})
    shown = live(spec(V2), [one, revision(2, V2, 15)], ready=2, rolled=2, previous=1, moved=21)
    return facts(history(spec(V1), spec(V2, 10), spec(V2)), shown, 30, settings=CHECK, measurements=FAILS)


def test_a_previous_revision_that_stays_is_gone_back_to() -> None:
    for given in (promoted(), replace(promoted(routing_state="active"), cluster=AT_ONCE)):
        assert decide_target(assess(given)).reason == "bake-failed"
        assert not seen(given).bake.trouble


def test_nothing_goes_back_to_what_is_about_to_be_collected() -> None:
    given = replace(promoted(), cluster=AT_ONCE)
    decision = decide_target(assess(given))
    assert decision.action == "stable"
    assert "is nothing to go back to (Knative may collect it at any time" in decision.message
    (note,) = assess(given).notes[:1]
    assert note.startswith(f"predictor: a failing bake would not go back to {name(1)}: Knative may collect it")


def test_a_rollback_has_its_budget_before_the_revision_goes() -> None:
    """Collected two hours after it was let go, at 20: a rollback in time is one that is live by then."""
    kept = ClusterSettings(Collection(timedelta(0), timedelta(hours=2), least=0))
    given = replace(promoted(), cluster=kept)
    assert decide_target(assess(given)).action == "rollback"
    slow = replace(given, settings=replace(CHECK, rollback=PullPolicy(budget=timedelta(hours=3))))
    assert "may collect it from 2026-03-02T14:20:00Z on" in decide_target(assess(slow)).message


def test_why_the_previous_revision_will_not_do_is_said() -> None:
    crashed = promoted(conditions=(condition("Ready", "False", 0, "ExitCode1", "boom"),))
    assert seen(crashed).bake.trouble == "it is not ready: ExitCode1: boom"
    gone = replace(crashed, live=live(spec(V2), [revision(2, V2, 15)], ready=2, rolled=2, previous=1, moved=21))
    assert seen(gone).bake.trouble == "its Revision is gone"


def test_a_baseline_that_traffic_is_pinned_to_is_never_collected() -> None:
    one = revision(1, V1, 0, routing_state="reserve", routing_state_modified=at(0))
    shown = live(spec(V2, 10), [one, revision(2, V2, 15)], ready=2, rolled=1, moved=16)
    told = history(spec(V1), spec(V2, 10))
    given = facts(told, shown, settings=CHECK, measurements=FAILS, cluster=AT_ONCE)
    assert decide_target(assess(given)).action == "rollback"
    assert [state.collectable_from for state in seen(given).revisions] == [None, None]


def test_a_baseline_that_is_gone_is_an_alarm_that_says_so() -> None:
    shown = live(spec(V2, 10), [revision(2, V2, 15)], ready=2, rolled=1, moved=16)
    given = facts(history(spec(V1), spec(V2, 10)), shown, settings=CHECK, measurements=FAILS)
    decision = decide_target(assess(given))
    assert (decision.alarm, decision.reason) == (True, "baseline-not-ready")
    assert "nothing to go back to: its Revision is gone" in decision.message


def rolled_back(pods: int, **changes: Any) -> TargetFacts:
    canary = with_pods(revision(2, V2, 15), pods, **changes)
    shown = live(spec(V2, 0), [revision(1, V1), canary], ready=2, rolled=1)
    return facts(history(spec(V1), spec(V2, 10), spec(V2, 0)), shown)


def test_what_a_canary_at_zero_still_holds_is_said() -> None:
    given = rolled_back(2, min_scale=2)
    (note,) = assess(given).notes
    assert note == (
        f"predictor: {name(2)} takes no traffic and still holds 2 pods (cpu 4, memory 16Gi, nvidia.com/gpu 2): "
        "min-scale 2 keeps it until another spec takes its place"
    )
    state = seen(given).revisions[0]
    assert (state.name, state.replicas, state.min_scale, state.created) == (name(2), 2, 2, at(15))
    assert state.requests == {"cpu": "2", "memory": "8Gi", "nvidia.com/gpu": "1"}
    assert assess(rolled_back(0)).notes == ()
    not_there_yet = live(spec(V2, 10), [revision(1, V1), with_pods(revision(2, V2, 15), 2)], ready=2, rolled=1)
    assert assess(replace(given, live=not_there_yet)).notes == ()
    serving = facts(history(spec(V1), spec(V2, 10)), live(spec(V2, 10), [revision(1, V1)], ready=1, rolled=1))
    assert assess(serving).notes == ()


def test_a_canary_that_stands_too_long_is_an_alarm() -> None:
    told = history(spec(V1), spec(V2, 10), spec(V2, 25))
    shown = live(spec(V2, 25), [revision(1, V1), revision(2, V2, 15)], ready=2, rolled=1, moved=25)
    given = facts(told, shown, 40, settings=Settings(soak=timedelta(hours=9), max_canary_age=timedelta(minutes=30)))
    assert seen(given).began == at(10)
    decision = decide_target(assess(given))
    assert (decision.alarm, decision.action, decision.reason) == (True, "hold", "soaking")
    assert "stands since 2026-03-02T12:10:00Z, longer than max-canary-age" in decision.message
    younger = replace(given, now=at(39), seen_at=at(39))
    assert not decide_target(assess(younger)).alarm
    due = replace(given, settings=replace(given.settings, soak=timedelta(0)))
    assert (decide_target(assess(due)).action, decide_target(assess(due)).alarm) == ("step", False)
    none = facts(history(spec(V1)), live(spec(V1), [revision(1, V1)], ready=1, rolled=1), settings=given.settings)
    assert (seen(none).began, seen(none).too_old) == (None, False)


def no_room(reason: str, message: str, active: str = "Unknown", scale: int = 1) -> TargetFacts:
    conditions = (condition("Ready", "False", 20, reason, message), condition("Active", active, 20))
    canary = with_pods(revision(2, V2, 15, *conditions), 0, min_scale=scale)
    shown = live(spec(V2, 10), [revision(1, V1), canary], ready=1, created=2, rolled=1)
    return facts(history(spec(V1), spec(V2, 10)), shown, 3000)


def test_a_lack_of_room_says_what_is_wanted_and_what_would_help() -> None:
    decision = decide_target(
        assess(no_room("Unschedulable", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."))
    )
    assert (decision.action, decision.reason, decision.alarm) == ("hold", "no-capacity", False)
    assert "3 Insufficient nvidia.com/gpu.; it wants a pod with cpu 2, memory 8Gi, nvidia.com/gpu 1: free or add" in (
        decision.message
    )
    several = decide_target(assess(no_room("Unschedulable", "no", scale=3)))
    assert "it wants 3 pods with cpu 2, memory 8Gi, nvidia.com/gpu 1 each" in several.message


def test_a_restored_spec_without_room_says_so_too() -> None:
    conditions = (condition("Ready", "False", 35, "Unschedulable", "0/3 nodes are available"),)
    three = with_pods(revision(3, V1, 30, *conditions), 0)
    shown = live(spec(V1, 0), [revision(1, V1), revision(2, V2, 15), three], ready=2, created=3, rolled=1)
    told = history(spec(V1), spec(V2, 10), spec(V2, 0), spec(V1, 0))
    decision = decide_target(assess(facts(told, shown, 3000)))
    assert (decision.action, decision.reason) == ("hold", "restoring")
    assert f"{name(3)} cannot be scheduled: Unschedulable: 0/3 nodes are available; it wants a pod" in decision.message


def test_what_was_scaled_away_needs_a_new_revision() -> None:
    decision = decide_target(assess(no_room("Unschedulable", "no room", active="False")))
    assert decision.reason == "no-capacity"
    assert "was scaled to zero: only a new revision tries again" in decision.message


def test_what_is_not_scheduled_yet_or_over_quota_is_no_failure_either() -> None:
    for reason, message in (
        ("SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates"),
        ("SchedulerError", "the scheduler failed"),
        ("FailedCreate", 'pods "x" is forbidden: exceeded quota: gpus'),
    ):
        assert decide_target(assess(no_room(reason, message))).reason == "no-capacity"
