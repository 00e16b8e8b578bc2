"""Drift by hand, changes on their way, and engines in the way: what each comes to in a decision."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import decide_target
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.engines import Delivery, Obstacle, Reached
from gitops_rollout.model.live import FieldOwner
from gitops_rollout.model.observation import Measurement, TargetFacts
from gitops_rollout.model.policy import Analysis, Settings
from tests.core.builders import PREDICTOR, V1, V2, at, condition, facts, history, live, name, revision, spec

ONE, TWO = revision(1, V1, 0), revision(2, V2, 15)
TITLE = "Argo CD Application argocd/models"
ARRIVED = Delivery(TITLE, Reached.YES, message=f"{TITLE} has applied Git's last change")
WAITING = Delivery(TITLE, Reached.NO, message=f"{TITLE} has not applied c1")
PAUSED = replace(WAITING, obstacle=Obstacle.PAUSED, because="it is stopped (spec.suspend)")
BY_HAND = replace(ARRIVED, obstacle=Obstacle.PAUSED, because="auto-sync is off", by_hand=True)
FAILED = replace(WAITING, obstacle=Obstacle.FAILED, because="admission denied", message="admission denied")
CHECK = Settings(analysis=(Analysis("error-rate", "prometheus", fail_above=0.01),))
# v1 ran, v2 came at 10 %, was ready at 15 and has soaked
ACTIVE = facts(history(spec(V1), spec(V2, 10)), live(spec(V2, 10), [ONE, TWO], ready=2, rolled=1, moved=16), 60)


def owner(manager: str, minutes: float | None = 20) -> FieldOwner:
    return FieldOwner(PREDICTOR, manager, "Update", None if minutes is None else at(minutes))


def drifted(percent: int | None, *owners: FieldOwner, shown: bool = True, **changes: Any) -> TargetFacts:
    """The canary at 10 % in Git, with another percent in the cluster."""
    found = live(spec(V2, percent), [ONE, TWO], ready=2, rolled=1, moved=16)
    return replace(ACTIVE, live=replace(found, owners=owners if shown else None), **changes)


def decided(given: TargetFacts) -> Decision:
    return decide_target(assess(given))


def outcome(given: TargetFacts) -> str:
    decision = decided(given)
    return f"{'alarm' if decision.alarm else decision.action} {decision.reason}"


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        (None, "step soaked"),
        (ARRIVED, "step soaked"),
        (Delivery(message="gone owns it and was not shown"), "step soaked"),
        (replace(ARRIVED, reached=Reached.UNKNOWN), "step soaked"),
        (BY_HAND, "step soaked"),
        (replace(BY_HAND, reached=Reached.UNKNOWN), "step soaked"),
        (replace(BY_HAND, reached=Reached.NO), "hold engine-paused"),
        (WAITING, "hold out-of-sync"),
        (PAUSED, "hold engine-paused"),
        (replace(PAUSED, reached=Reached.YES), "hold engine-paused"),
        (FAILED, "alarm sync-failed"),
        (replace(FAILED, reached=Reached.YES), "alarm sync-failed"),
    ],
)
def test_forward_waits_for_an_engine_that_would_not_bring_it(delivery: Delivery | None, expected: str) -> None:
    decision = decided(replace(ACTIVE, delivery=delivery))
    assert f"{'alarm' if decision.alarm else decision.action} {decision.reason}" == expected
    assert ("not done: step" in decision.message) is (not expected.startswith("step"))


def test_where_syncing_by_hand_is_the_custom_it_is_said() -> None:
    assert "sync it by hand after the merge" in decided(replace(ACTIVE, delivery=BY_HAND)).message


@pytest.mark.parametrize("delivery", [WAITING, PAUSED, BY_HAND, FAILED])
def test_a_rollback_is_never_held(delivery: Delivery) -> None:
    measured = (Measurement("error-rate", PREDICTOR, str(name(2)), 0.5),)
    for given in (replace(ACTIVE, settings=CHECK, measurements=measured), drifted(25, owner("kubectl-patch"))):
        hurt = replace(given, settings=CHECK, measurements=measured, delivery=delivery)
        decision = decided(hurt)
        assert decision.action == "rollback"
        assert decision.to_percents == {PREDICTOR: 0}
        assert (TITLE in decision.message) is (delivery.obstacle is not Obstacle.NONE)
    failed = revision(2, V2, 15, condition("Ready", "False", 20, "ExitCode1"))
    pending = live(spec(V2, 10), [ONE, failed], ready=1, created=2, rolled=1, moved=16)
    assert outcome(replace(ACTIVE, live=pending, delivery=delivery)) == "rollback canary-failed"


@pytest.mark.parametrize(
    ("delivery", "reason", "says"),
    [
        (None, "hold out-of-sync", "25 in the cluster and 10 in Git"),
        (WAITING, "hold out-of-sync", "has not applied c1"),
        (PAUSED, "hold engine-paused", "has not applied c1"),
        (FAILED, "alarm sync-failed", "admission denied"),
        (replace(ARRIVED, ignores=True), "hold out-of-sync", "ignores differences of canaryTrafficPercent"),
        (ARRIVED, "hold out-of-sync", "it was changed in the cluster"),
        (Delivery(message="gone owns it and was not shown"), "hold out-of-sync", "gone owns it"),
    ],
)
def test_not_synced_yet_is_told_from_drift(delivery: Delivery | None, reason: str, says: str) -> None:
    given = drifted(25, owner("argocd-controller"), delivery=delivery)
    assert outcome(given) == reason
    assert says in decided(given).message


def test_a_hand_is_named_with_its_instant_and_what_becomes_of_it() -> None:
    given = drifted(25, owner("argocd-controller", 10), owner("kubectl-patch", 20), owner("k9s", 15))
    assert "kubectl-patch set it by hand at 2026-03-02T12:20:00Z" in decided(given).message
    healing = replace(given, delivery=replace(ARRIVED, heals=True))
    assert f"{TITLE} undoes that" in decided(healing).message


def test_a_pause_past_the_deadline_is_an_alarm() -> None:
    late = Settings(deadline=timedelta(minutes=30))
    assert outcome(drifted(25, owner("argocd-controller"), delivery=PAUSED, settings=late)) == "alarm engine-paused"


@pytest.mark.parametrize("delivery", [None, ARRIVED, replace(BY_HAND, reached=Reached.NO), PAUSED, FAILED, WAITING])
def test_a_zero_by_hand_is_an_emergency_whatever_the_engine_says(delivery: Delivery | None) -> None:
    given = drifted(0, owner("kubectl-edit"), delivery=delivery)
    decision = decided(given)
    assert outcome(given) == "alarm out-of-sync"
    assert decision.message.startswith("emergency: predictor.canaryTrafficPercent is 0 in the cluster and 10 in Git")
    assert "kubectl-edit set it by hand" in decision.message
    assert (
        "make it true in Git: gitops-rollout edit --percent 0 --namespace models --name iris --component predictor "
        "--in-place iris.yaml"
    ) in decision.message
    healing = replace(given, delivery=replace(ARRIVED, heals=True))
    assert f"{TITLE} undoes that" in decided(healing).message


def test_a_zero_that_is_still_there_from_git_is_none() -> None:
    at_zero = history(spec(V1), spec(V2, 0), spec(V2, 10))
    for owners, shown in (((owner("kubectl-client-side-apply", 10),), True), ((), False)):
        given = replace(drifted(0, *owners, shown=shown), history=at_zero)
        assert outcome(given) == "hold out-of-sync"
        assert "emergency" not in decided(given).message
        assert outcome(replace(given, delivery=WAITING)) == "hold out-of-sync"
    never = drifted(0, shown=False)
    assert outcome(never) == "alarm out-of-sync"
    assert outcome(replace(never, delivery=WAITING)) == "hold out-of-sync"


def test_a_field_that_stays_after_its_promotion_is_named_with_the_command_that_takes_it_out() -> None:
    promoted = history(spec(V1), spec(V2, 10), spec(V2))
    given = facts(promoted, drifted(50, owner("kubectl-patch", 12)).live, 60)
    message = decided(replace(given, delivery=ARRIVED)).message
    assert "predictor.canaryTrafficPercent is 50 in the cluster and absent in Git" in message
    assert "kubectl-patch set it by hand at 2026-03-02T12:12:00Z" in message
    command = "kubectl -n models patch inferenceservice iris --type=json -p"
    assert f"take it out with: {command}" in message
    assert '\'[{"op":"remove","path":"/spec/predictor/canaryTrafficPercent"}]\'' in message
    mine = facts(promoted, drifted(10, owner("argocd-controller", 12)).live, 60)
    assert command not in decided(replace(mine, delivery=WAITING)).message
    assert command in decided(replace(mine, delivery=ARRIVED)).message


def test_what_is_missing_says_when_it_is_on_its_way() -> None:
    gone = replace(ACTIVE, live=None)
    assert "is it applied" in decided(gone).message
    assert decided(replace(gone, delivery=WAITING)).message.endswith("has not applied c1")
    assert outcome(replace(gone, delivery=WAITING)) == "hold missing"
