"""The clock of a rollback: which stage it waits in, since when, and what is not known."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import decide_target
from gitops_rollout.core.rollback_clock import Pulled, rollback_clock
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.engines import Delivery
from gitops_rollout.model.history import History
from gitops_rollout.model.live import FieldOwner, LiveInferenceService
from gitops_rollout.model.observation import TargetFacts
from gitops_rollout.model.policy import PullPolicy, Settings
from gitops_rollout.model.rollback import RollbackClock, Stage
from tests.core.builders import PREDICTOR, V1, V2, at, condition, facts, history, live, model_of, revision, spec

FAILED = revision(2, V2, 10, condition("Ready", "False", 13, "Crash", "exit 1"))
GOOD = revision(1, V1)
BUDGET = Settings(rollback=PullPolicy(budget=timedelta(minutes=30)))
MARKER = f"rolled back: iris-predictor-00002 (model {model_of(spec(V2))})"


def canary() -> LiveInferenceService:
    return live(spec(V2, 10), [GOOD, FAILED], ready=1, created=2, rolled=1)


def clock(known: TargetFacts, pull: Pulled | None = None, **changes: Any) -> RollbackClock | None:
    observation = assess(known)
    decision = replace(decide_target(observation), **changes)
    return rollback_clock(known, observation, decision, pull)


def failing(minutes: float) -> TargetFacts:
    return facts(history(spec(V1), spec(V2, 10)), canary(), minutes, settings=BUDGET)


def taken_back(seen: LiveInferenceService | None, minutes: float) -> TargetFacts:
    """The rollback arrived twenty minutes in."""
    told = history(spec(V1), spec(V2, 10), (spec(V2, 0), MARKER))
    return facts(told, seen, minutes, settings=BUDGET)


def at_zero(moved: float, *, set_at: float | None = None) -> LiveInferenceService:
    seen = live(spec(V2, 0), [GOOD, FAILED], ready=1, created=2, rolled=1, moved=moved)
    owners = () if set_at is None else (FieldOwner(PREDICTOR, "argocd-controller", "Apply", at(set_at)),)
    return replace(seen, owners=owners)


def told(found: RollbackClock | None) -> RollbackClock:
    assert found is not None
    return found


def test_a_verdict_waits_for_its_pull_request_since_the_revision_failed() -> None:
    seen = told(clock(failing(20)))
    assert (seen.stage, seen.verdict, seen.waited) == (Stage.PULL_REQUEST, at(13), timedelta(minutes=7))
    assert not seen.overdue


def test_an_open_pull_request_waits_for_its_merge_and_is_overdue_after_the_budget() -> None:
    pull = Pulled(7, "https://git.example/7", at(20))
    seen = told(clock(failing(43), pull))
    assert (seen.stage, seen.since, seen.took) == (Stage.MERGE, at(20), timedelta(minutes=30))
    assert not seen.overdue
    late = told(clock(failing(44), pull))
    assert late.overdue
    assert late.todo == "merge #7 (https://git.example/7)"
    assert "mark it ready" in told(clock(failing(44), replace(pull, draft=True))).todo


def test_a_verdict_that_turned_after_the_pull_request_is_not_the_one_that_opened_it() -> None:
    seen = told(clock(failing(20), Pulled(7, "", at(12))))
    assert (seen.verdict, seen.started) == (None, at(12))


def test_without_a_known_instant_nothing_is_overdue() -> None:
    quiet = replace(FAILED, conditions=(condition("Ready", "False", None, "Crash"),))
    known = replace(failing(900), live=live(spec(V2, 10), [GOOD, quiet], ready=1, created=2, rolled=1))
    seen = told(clock(known, Pulled(7, "")))
    assert (seen.stage, seen.started, seen.waited, seen.overdue) == (Stage.MERGE, None, None, False)


def test_a_deadline_that_passed_is_the_verdict() -> None:
    pending = revision(2, V2, 10, condition("Ready", "Unknown", 10))
    known = replace(failing(90), live=live(spec(V2, 10), [GOOD, pending], ready=1, created=2, rolled=1))
    assert told(clock(known)).verdict == at(70)


def test_a_merged_rollback_counts_on_until_it_is_live() -> None:
    seen = told(clock(taken_back(canary(), 51), Pulled(7, "", at(15), at(20))))
    assert (seen.stage, seen.opened, seen.merged, seen.waited) == (
        Stage.SYNC,
        at(15),
        at(20),
        timedelta(minutes=31),
    )
    assert seen.overdue
    assert "sync" in seen.todo


@pytest.mark.parametrize(
    ("engine", "command"),
    [
        ("Argo CD Application argocd/models", "`argocd app sync models --app-namespace argocd`"),
        (
            "Flux Kustomization flux-system/models",
            "`flux reconcile kustomization models --namespace flux-system --with",
        ),
        ("", "have the GitOps engine sync"),
    ],
)
def test_the_engine_that_has_to_sync_is_named_with_the_command(engine: str, command: str) -> None:
    known = taken_back(canary(), 51)
    observation = replace(assess(known), delivery=Delivery(engine=engine, because="auto-sync is off" if engine else ""))
    seen = told(rollback_clock(known, observation, decide_target(observation), None))
    assert command in seen.todo
    assert ("auto-sync is off" in seen.todo) is bool(engine)


def test_merged_in_this_run_it_waits_for_the_sync() -> None:
    seen = told(clock(failing(20), Pulled(7, "", at(15), at(20))))
    assert (seen.stage, seen.waited) == (Stage.SYNC, timedelta())


def test_live_but_not_moved_it_waits_for_the_traffic_and_names_the_service() -> None:
    stuck = live(spec(V2, 0), [GOOD, FAILED], ready=2, created=2, rolled=1, traffic=canary_traffic())
    owners = (FieldOwner(PREDICTOR, "flux", "Apply", at(25)),)
    seen = told(clock(taken_back(replace(stuck, owners=owners), 35)))
    assert (seen.stage, seen.synced, seen.waited) == (Stage.TRAFFIC, at(25), timedelta(minutes=10))
    assert "describe ksvc iris-predictor -n models" in seen.todo


def test_done_it_says_how_long_it_took_and_is_never_overdue() -> None:
    seen = told(clock(taken_back(at_zero(24, set_at=22), 5000), Pulled(7, "", at(15), at(20))))
    assert (seen.stage, seen.verdict, seen.synced, seen.moved) == (Stage.DONE, None, at(22), at(24))
    assert seen.took == timedelta(minutes=9)
    assert not seen.overdue


def test_instants_that_cannot_be_are_unknown() -> None:
    early = told(clock(taken_back(at_zero(5, set_at=6), 100)))
    assert (early.stage, early.synced, early.moved, early.took) == (Stage.DONE, None, None, None)
    opened_later = told(clock(taken_back(canary(), 51), Pulled(7, "", at(30), at(20))))
    assert opened_later.opened is None
    written_later = told(clock(taken_back(at_zero(24, set_at=60), 5000)))
    assert written_later.synced is None


def test_the_verdict_of_a_merged_rollback_is_read_from_its_commit() -> None:
    known = taken_back(canary(), 51)
    newest, *older = known.history.arrivals
    trailers = "Roll back\n\nRollout-Target: prod/models/iris\nRollout-Action: rollback\nRollout-Candidate: "
    trailers += f"predictor iris-predictor-00002 uid=uid-2\nRollout-Reason: canary-failed\nRollout-Base: {'a' * 40}\n"
    known = replace(known, history=History((replace(newest, message=trailers), *older)))
    assert told(clock(known)).verdict == at(13)


def test_a_cluster_that_shows_nothing_leaves_a_merged_rollback_waiting() -> None:
    known = taken_back(None, 51)
    hold = decide_target(assess(known))
    seen = told(rollback_clock(known, None, hold, None))
    assert (seen.stage, seen.overdue) == (Stage.SYNC, True)
    assert "shows nothing" in seen.todo


def test_what_is_not_in_the_cluster_or_was_not_taken_back_has_no_clock() -> None:
    assert clock(taken_back(None, 51)) is None
    assert clock(facts(history(spec(V1)), live(spec(V1), [GOOD], ready=1, rolled=1))) is None
    new = facts(history(spec(V1), spec(V2, 0)), live(spec(V2, 0), [GOOD], ready=1, rolled=1))
    assert clock(new) is None


def test_a_cut_history_leaves_the_merge_unknown() -> None:
    cut = history(spec(V2, 0), complete=False)
    seen = told(clock(facts(cut, canary(), 51, settings=BUDGET)))
    assert (seen.merged, seen.overdue) == (None, False)


def test_a_person_who_wrote_the_zero_has_a_clock_too() -> None:
    by_hand = facts(history(spec(V1), spec(V2, 10), spec(V2, 0)), canary(), 51, settings=BUDGET)
    assert told(clock(by_hand)).overdue
    assert told(rollback_clock(by_hand, None, Decision(Action.HOLD, decide_target(assess(by_hand)).reason, ""), None))


def canary_traffic() -> Any:
    return live(spec(V2, 10), [GOOD], ready=2, rolled=1).components[PREDICTOR].tracking.traffic
