"""What holds of every observation, also of those that no cluster will ever show."""

from hypothesis import given

from gitops_rollout.core.decide import ROWS, decide_component, deciding_row
from gitops_rollout.core.decide.conditions import created_is_ready, ready_is_rolled
from gitops_rollout.core.explain import explain
from gitops_rollout.core.phase import phase_of
from gitops_rollout.model.decision import CHANGING, Action, Phase
from gitops_rollout.model.observation import Observation
from tests.core.observations import observations
from tests.core.test_table import CASES


@given(observations())
def test_each_observation_matches_exactly_one_first_row(seen: Observation) -> None:
    matching = [row for row in ROWS if row.matches(seen)]
    first = min(matching, key=lambda row: row.number)
    assert deciding_row(seen) is first
    assert ROWS.count(first) == 1
    assert decide_component(seen).row in (0, first.number)


def test_each_row_is_reached_by_some_case() -> None:
    assert {row for row, *_ in CASES} == {row.number for row in ROWS}


@given(observations())
def test_percent_zero_never_steps(seen: Observation) -> None:
    if seen.desired == 0:
        assert decide_component(seen).action is not Action.STEP


@given(observations())
def test_what_was_taken_back_is_never_started_stepped_or_promoted(seen: Observation) -> None:
    is_baselines = seen.restored or (created_is_ready(seen) and ready_is_rolled(seen))
    if ((seen.zeroed and seen.desired == 0) or seen.known_bad) and not is_baselines:
        assert decide_component(seen).action not in (Action.START, Action.STEP, Action.PROMOTE)


@given(observations())
def test_nothing_goes_forward_before_it_is_in_sync_and_settled(seen: Observation) -> None:
    if not (seen.in_sync and seen.settled and seen.present and not seen.stopped and not seen.inert):
        assert decide_component(seen).action in (Action.HOLD, Action.ROLLBACK)


@given(observations())
def test_no_rollback_sends_more_to_a_baseline_that_is_no_better(seen: Observation) -> None:
    decision = decide_component(seen)
    if decision.action is Action.ROLLBACK and decision.reason not in (
        "bake-failed",
        "canary-failed",
        "deadline-exceeded",
    ):
        assert seen.baseline_ready
        assert not seen.baseline_known_bad


@given(observations())
def test_only_decisions_that_change_git_say_what_to_write(seen: Observation) -> None:
    decision = decide_component(seen)
    if decision.action not in CHANGING:
        assert decision.to is None
        assert decision.marker_model is None
    if decision.action is Action.ROLLBACK:
        assert decision.to == 0
    if decision.alarm:
        assert decision.action is Action.HOLD
    assert decision.message


@given(observations())
def test_everything_has_a_phase_and_an_explanation(seen: Observation) -> None:
    assert phase_of(seen) in Phase
    told = explain(seen)
    assert [row.number for row in told.rows] == [row.number for row in ROWS]
    deciding = [row for row in told.rows if row.decides]
    if told.decision.row == 0:
        assert not deciding
        return
    assert [row.number for row in deciding] == [told.decision.row]
    assert all(check.holds for check in deciding[0].checks)
    for row in told.rows[: told.decision.row - 1]:
        assert not all(check.holds for check in row.checks)
        assert all(check.saw for check in row.checks)
    assert not any(row.checks for row in told.rows[told.decision.row :])
