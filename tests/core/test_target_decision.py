"""Components are judged each on their own and change together."""

from dataclasses import replace

import pytest

from gitops_rollout.core.decide import decide_target
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.history import RunningModels
from gitops_rollout.model.observation import Bake, Evidence, Observation, Readiness, TargetObservation, Verdict
from gitops_rollout.model.targets import Component, Target, TargetKey
from tests.core.builders import V1, at, manifest, spec
from tests.core.observations import ACTIVE, AT_ZERO, BAKING, HARM, NEW, ONE, PENDING, STABLE, TWO, but

PREDICTOR, TRANSFORMER, EXPLAINER = Component
TARGET = Target(TargetKey("prod", "models", "iris"), manifest(spec(V1)))
MISSING = but(STABLE, present=False)
ALARM = but(ACTIVE, routes_missing=True)
FAILED = but(PENDING, created_readiness=Readiness.FAILED)
USABLE = Bake(open=True, failing=True, previous_usable=True)
PROMOTE = but(ACTIVE, desired=50, live=50, next_step=None)
HOLD = but(ACTIVE, soaked=False, soaked_at=at(30))


def decide(*seen: Observation) -> Decision:
    components = {part: replace(one, component=part) for part, one in zip(Component, seen, strict=False)}
    return decide_target(TargetObservation(TARGET, RunningModels("m"), components))


@pytest.mark.parametrize(
    ("first", "second", "action"),
    [
        (FAILED, ALARM, "rollback"),
        (ALARM, HOLD, "hold"),
        (HOLD, AT_ZERO, "hold"),
        (AT_ZERO, ACTIVE, "start"),
        (ACTIVE, PROMOTE, "step"),
        (PROMOTE, STABLE, "promote"),
        (STABLE, STABLE, "stable"),
    ],
)
def test_the_gravest_component_decides(first: Observation, second: Observation, action: str) -> None:
    for decision in (decide(first, second), decide(second, first), decide(STABLE, second, first)):
        assert decision.action == action
    assert decide(ALARM, HOLD).alarm
    assert not decide(HOLD, STABLE).alarm


def test_a_single_component_decides_for_its_target() -> None:
    decision = decide(ACTIVE)
    assert (decision.from_percents, decision.to_percents) == ({PREDICTOR: 10}, {PREDICTOR: 25})
    assert decision.candidate == {PREDICTOR: TWO}
    assert decision.baseline == {PREDICTOR: ONE}
    assert decision.message == decision.components[PREDICTOR].message
    assert decision.marker_models == {}


def test_of_several_components_the_message_names_those_it_is_about() -> None:
    assert decide(ACTIVE, STABLE).message.startswith("predictor: ")
    assert decide(HOLD, HOLD).message.count("soaks") == 2


def test_steps_move_only_those_that_lag() -> None:
    ahead = but(ACTIVE, desired=25, live=25, next_step=50)
    decision = decide(ahead, ACTIVE)
    assert decision.to_percents == {TRANSFORMER: 25}
    assert decide(ACTIVE, ACTIVE).to_percents == {PREDICTOR: 25, TRANSFORMER: 25}
    assert decide(PROMOTE, ACTIVE).to_percents == {TRANSFORMER: 25}


def test_promotion_waits_until_all_are_due_and_then_takes_all() -> None:
    assert decide(PROMOTE, HOLD).action == "hold"
    assert decide(PROMOTE, PROMOTE, STABLE).to_percents == {PREDICTOR: None, TRANSFORMER: None}


def test_a_start_moves_only_what_starts() -> None:
    assert decide(AT_ZERO, ACTIVE).to_percents == {PREDICTOR: 10}


def test_a_rollback_takes_a_siblings_settled_canary_along() -> None:
    decision = decide(HARM, ACTIVE, STABLE)
    assert decision.from_percents == {PREDICTOR: 10, TRANSFORMER: 10}
    assert decision.to_percents == {PREDICTOR: 0, TRANSFORMER: 0}
    assert decision.marker_models == {PREDICTOR: NEW, TRANSFORMER: NEW}
    assert decision.candidate == {PREDICTOR: TWO, TRANSFORMER: TWO}
    assert decision.baseline == {PREDICTOR: ONE, TRANSFORMER: ONE}
    assert decide(FAILED, PENDING).to_percents == {PREDICTOR: 0, TRANSFORMER: 0}


@pytest.mark.parametrize(
    "sibling",
    [
        STABLE,
        AT_ZERO,
        but(ACTIVE, desired=100, live=100),
        but(STABLE, desired=10, live=10),
        but(ACTIVE, settled=False),
        but(ACTIVE, in_sync=False),
        but(ACTIVE, rolled=None),
        but(ACTIVE, regressed=True, previous=ONE),
        but(ACTIVE, baseline_ready=False),
        but(ACTIVE, baseline_known_bad=True),
        MISSING,
    ],
)
def test_a_rollback_leaves_every_other_sibling_alone(sibling: Observation) -> None:
    decision = decide(HARM, sibling)
    assert decision.action is Action.ROLLBACK
    assert decision.to_percents == {PREDICTOR: 0}


def test_a_bake_takes_along_what_the_same_commit_promoted() -> None:
    failing = but(BAKING, bake=USABLE, set_by="c5")
    sibling = but(BAKING, bake=Bake(open=True, previous_usable=True), set_by="c5")
    decision = decide(failing, sibling)
    assert decision.from_percents == {PREDICTOR: None, TRANSFORMER: None}
    assert decision.to_percents == {PREDICTOR: 0, TRANSFORMER: 0}
    assert decision.baseline == {PREDICTOR: ONE, TRANSFORMER: ONE}
    assert decision.candidate == {PREDICTOR: TWO, TRANSFORMER: TWO}
    assert decision.marker_models == {PREDICTOR: NEW, TRANSFORMER: NEW}


def test_a_bake_leaves_alone_what_another_commit_promoted_or_cannot_go_back() -> None:
    failing = but(BAKING, bake=USABLE, set_by="c5")
    sibling = but(BAKING, bake=Bake(open=True, previous_usable=True), set_by="c5")
    for other in (
        but(sibling, set_by="c4"),
        but(sibling, set_by=None),
        but(sibling, bake=Bake(open=True)),
        but(STABLE, set_by="c5"),
    ):
        assert decide(failing, other).to_percents == {PREDICTOR: 0}
    assert decide(but(failing, set_by=None), but(sibling, set_by=None)).to_percents == {PREDICTOR: 0}


def test_only_a_bake_writes_a_percent_where_there_was_none() -> None:
    sibling = but(BAKING, bake=Bake(open=True, previous_usable=True), set_by="c5")
    assert decide(but(HARM, set_by="c5"), sibling).to_percents == {PREDICTOR: 0}


def test_a_marker_never_names_a_siblings_own_baseline() -> None:
    twin = but(ACTIVE, created=replace(TWO, model=ONE.model), ready=replace(TWO, model=ONE.model))
    assert decide(HARM, twin).marker_models == {PREDICTOR: NEW}
    unknown = but(ACTIVE, created=replace(TWO, model=None), ready=replace(TWO, model=None))
    assert decide(HARM, unknown).marker_models == {PREDICTOR: NEW}


def test_what_waits_says_until_when_if_all_that_wait_do() -> None:
    assert decide(HOLD, STABLE).not_before == at(30)
    assert decide(HOLD, but(HOLD, soaked_at=at(45))).not_before == at(45)
    assert decide(HOLD, PENDING).not_before is None
    assert decide(STABLE).not_before is None


def test_the_evidence_is_that_of_the_components_it_is_about() -> None:
    evidence = Evidence("error-rate", 0.5, 0.1, Verdict.FAIL)
    assert decide(but(HARM, evidence=(evidence,)), but(STABLE, evidence=(evidence,))).evidence == (evidence,)


def test_a_target_without_components_is_an_alarm() -> None:
    decision = decide()
    assert (decision.action, decision.reason, decision.alarm) == ("hold", "unrecognised", True)


def test_a_target_without_components_is_an_alarm_that_says_so() -> None:
    decision = decide()
    assert (decision.action, decision.reason, decision.alarm) == (Action.HOLD, "unrecognised", True)
    assert decision.message == "the manifest states no predictor, transformer or explainer"


def test_several_components_are_told_of_one_after_the_other() -> None:
    decision = decide(STABLE, STABLE)
    assert decision.message == "; ".join(f"{part}: {decide(STABLE).message}" for part in (PREDICTOR, TRANSFORMER))
    assert (decision.from_percents, decision.to_percents) == ({}, {})
