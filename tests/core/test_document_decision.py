"""One document that feeds several clusters: all agree to go forward, one failure goes back."""

import pytest

from gitops_rollout.core.decide import Member, decide_document, decide_target
from gitops_rollout.model.change import Held
from gitops_rollout.model.decision import Decision, Reason
from gitops_rollout.model.history import RunningModels
from gitops_rollout.model.observation import (
    Bake,
    Evidence,
    Observation,
    Readiness,
    RevisionRef,
    TargetObservation,
    Verdict,
)
from gitops_rollout.model.targets import Component, Target, TargetKey
from tests.core.builders import V1, at, manifest, spec
from tests.core.observations import ACTIVE, AT_ZERO, BAKING, HARM, NEW, ONE, PENDING, STABLE, TWO, but

PREDICTOR = Component.PREDICTOR
OTHER_BASELINE = RevisionRef("iris-predictor-00001", "uid-1", "cccccccccccc")
HOLD = but(ACTIVE, soaked=False, soaked_at=at(30))
PROMOTE = but(ACTIVE, desired=50, live=50, next_step=None)
FAILED = but(PENDING, created_readiness=Readiness.FAILED)


def member(cluster: str, seen: Observation) -> Member:
    key = TargetKey(cluster, "models", "iris")
    target = TargetObservation(Target(key, manifest(spec(V1))), RunningModels("m"), {PREDICTOR: seen})
    return Member(key, target, decide_target(target))


def unreachable(cluster: str, reason: Reason = Reason.UNREACHABLE) -> Member:
    key = TargetKey(cluster, "models", "iris")
    return Member(key, held=Held(key, reason, "it did not answer"))


def decide(*seen: Observation | Member) -> Decision:
    clusters = ["a", "b", "c"]
    return decide_document(
        [one if isinstance(one, Member) else member(clusters[number], one) for number, one in enumerate(seen)]
    )


def test_a_single_target_decides_alone() -> None:
    assert decide(ACTIVE) == decide_target(member("a", ACTIVE).observation)  # type: ignore[arg-type]  # it has one


@pytest.mark.parametrize(
    ("first", "second", "action"),
    [
        (FAILED, ACTIVE, "rollback"),
        (FAILED, but(ACTIVE, routes_missing=True), "rollback"),
        (HOLD, ACTIVE, "hold"),
        (but(STABLE, present=False), ACTIVE, "hold"),
        (AT_ZERO, ACTIVE, "start"),
        (ACTIVE, PROMOTE, "step"),
        (PROMOTE, PROMOTE, "promote"),
        (STABLE, STABLE, "stable"),
    ],
)
def test_clusters_are_combined_like_components(first: Observation, second: Observation, action: str) -> None:
    assert decide(first, second).action == action
    assert decide(second, first).action == action


def test_an_alarm_anywhere_is_the_documents() -> None:
    decision = decide(HOLD, but(ACTIVE, routes_missing=True))
    assert (decision.alarm, decision.reason) == (True, "baseline-gone")


def test_all_agree_and_the_change_is_one() -> None:
    decision = decide(ACTIVE, ACTIVE)
    assert (decision.action, decision.from_percents, decision.to_percents) == ("step", {PREDICTOR: 10}, {PREDICTOR: 25})
    assert decision.candidate == {PREDICTOR: TWO}
    assert "a/models/iris: " in decision.message
    assert "b/models/iris: " in decision.message


def test_of_different_steps_the_smallest_is_taken() -> None:
    assert decide(but(ACTIVE, next_step=50), ACTIVE).to_percents == {PREDICTOR: 25}
    assert decide(ACTIVE, but(ACTIVE, next_step=50)).to_percents == {PREDICTOR: 25}


def test_one_failure_goes_back_for_all() -> None:
    decision = decide(ACTIVE, HARM)
    assert (decision.action, decision.to_percents) == ("rollback", {PREDICTOR: 0})
    assert decision.marker_models == {PREDICTOR: NEW}
    assert decision.message.startswith("b/models/iris")


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.STALE])
def test_an_unreachable_cluster_blocks_forward_never_back(reason: Reason) -> None:
    blocked = decide(ACTIVE, unreachable("b", reason))
    assert (blocked.action, blocked.reason, blocked.alarm) == ("hold", reason, False)
    assert "b/models/iris" in blocked.message
    assert decide(STABLE, unreachable("b", reason)).reason == reason
    assert decide(HARM, unreachable("b", reason)).action == "rollback"
    assert decide(unreachable("a", reason), HARM).action == "rollback"
    assert decide(but(ACTIVE, routes_missing=True), unreachable("b", reason)).reason == "baseline-gone"
    assert decide(unreachable("a", reason), unreachable("b", reason)).reason == reason
    assert decide(unreachable("a", reason)).reason == reason


def test_a_member_that_was_not_decided_blocks_forward() -> None:
    key = TargetKey("b", "models", "iris")
    decision = decide(ACTIVE, Member(key))
    assert (decision.action, decision.reason) == ("hold", "unreachable")


@pytest.mark.parametrize("seen", [ACTIVE, AT_ZERO, PROMOTE])
def test_forward_needs_the_same_baseline_model_everywhere(seen: Observation) -> None:
    decision = decide(seen, but(seen, rolled=OTHER_BASELINE))
    assert (decision.action, decision.reason, decision.alarm) == ("hold", "clusters-diverge", True)
    assert "cccccccccccc" in decision.message
    assert decide(seen, but(seen, rolled=RevisionRef("elsewhere-00007", "uid-7", ONE.model))).action != "hold"


def test_an_unknown_baseline_model_is_another_one() -> None:
    assert decide(ACTIVE, but(ACTIVE, rolled=RevisionRef(ONE.name, "uid-1"))).reason == "clusters-diverge"


def test_a_late_cluster_holds() -> None:
    assert decide(ACTIVE, but(ACTIVE, in_sync=False)).reason == "out-of-sync"


def test_divergence_does_not_stop_a_rollback_or_disturb_rest() -> None:
    assert decide(HARM, but(ACTIVE, rolled=OTHER_BASELINE)).action == "rollback"
    assert (
        decide(STABLE, but(STABLE, rolled=OTHER_BASELINE, created=OTHER_BASELINE, ready=OTHER_BASELINE)).action
        == "stable"
    )


def test_a_zero_that_raises_a_known_bad_baseline_elsewhere_is_not_written() -> None:
    decision = decide(HARM, but(ACTIVE, baseline_known_bad=True))
    assert (decision.action, decision.reason, decision.alarm) == ("hold", "clusters-diverge", True)
    assert "b/models/iris" in decision.message
    assert decide(HARM, but(STABLE, desired=10, live=10, baseline_known_bad=True)).action == "rollback"
    assert decide(HARM, but(ACTIVE, present=False, baseline_known_bad=True)).action == "rollback"


def test_a_bake_rollback_needs_a_way_back_in_every_cluster() -> None:
    failing = but(BAKING, bake=Bake(open=True, failing=True, previous_usable=True))
    healthy = but(BAKING, bake=Bake(open=True, previous_usable=True))
    assert decide(failing, healthy).to_percents == {PREDICTOR: 0}
    assert decide(failing, but(BAKING, bake=Bake())).reason == "clusters-diverge"
    assert decide(failing, but(BAKING, bake=Bake(), previous=None)).action == "rollback"


def test_when_only_one_waits_it_says_until_when() -> None:
    assert decide(HOLD, ACTIVE).not_before == at(30)
    assert decide(HOLD, HOLD).not_before is None


def test_the_order_of_members_does_not_matter() -> None:
    one, two = member("a", HARM), member("b", ACTIVE)
    assert decide_document([one, two]) == decide_document([two, one])


def test_what_is_told_of_clusters_that_do_not_go_together() -> None:
    told = decide(but(ACTIVE, rolled=OTHER_BASELINE), ACTIVE)
    differ = f"a/models/iris has cccccccccccc, b/models/iris has {ONE.model}; not done: step"
    assert told.message.startswith(f"the baselines of the predictor differ: {differ}")
    assert PREDICTOR in told.components
    unknown = decide(but(ACTIVE, rolled=RevisionRef("iris-predictor-00001")), ACTIVE)
    assert "a/models/iris has an unknown one, b/models/iris has" in unknown.message


def test_what_is_told_of_a_cluster_that_was_not_decided() -> None:
    away = decide(ACTIVE, unreachable("b"))
    assert (away.reason, away.message, away.alarm) == ("unreachable", "b/models/iris: it did not answer", False)
    silent = decide(ACTIVE, Member(TargetKey("b", "models", "iris")))
    assert (silent.reason, silent.message, silent.alarm) == (
        "unreachable", "b/models/iris: it could not be decided", False,
    )  # fmt: skip
    key = TargetKey("b", "models", "iris")
    assert decide(ACTIVE, Member(key, held=Held(key, Reason.STALE, "too old", alarm=True))).alarm


def test_a_document_without_targets_holds() -> None:
    nobody = decide_document([])
    assert (nobody.action, nobody.reason) == ("hold", "unreachable")
    assert nobody.message == "no target of this document could be decided"


def test_messages_baselines_and_evidence_come_from_all_that_lead() -> None:
    evidence = Evidence("p99", 0.2, 1.0, Verdict.PASS)
    decision = decide(but(ACTIVE, evidence=(evidence,)), ACTIVE)
    assert decision.message == "; ".join(f"{one}/models/iris: {decide(ACTIVE).message}" for one in "ab")
    assert decision.baseline == {PREDICTOR: ONE}
    assert decision.evidence == (evidence,)
