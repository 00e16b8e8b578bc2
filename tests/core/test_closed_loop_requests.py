"""Closed loop: what people ask for, what speaks against it, and what the runs that follow make of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.change import PullState
from gitops_rollout.model.policy import Limits
from gitops_rollout.model.requests import Ask, Request
from gitops_rollout.model.targets import Component
from tests.core.closed_loop.git import set_by_hand
from tests.core.closed_loop.loop import Loop, predictor, stated, transformer, uri
from tests.core.test_closed_loop_properties import PREDICTOR, START, STOP, active, begun, follow, reason, write

PROMOTE, ROLLBACK, RETRY = (Request(ask, "because I say so") for ask in Ask)


def codes(loop: Loop, request: Request) -> list[str]:
    return [one.code for one in loop.ask(request)]


def taken_back() -> Loop:
    """v2 was rolled back from 10 % and still stands at 0; it looks good now."""
    loop = active()
    loop.failing = {uri(2)}
    loop.run()
    assert loop.merge(1)
    loop.failing = set()
    follow(loop)
    assert reason(loop.run()) == "hold rolled-back"
    return loop


def test_a_promotion_that_a_person_asks_for_goes_at_once_and_says_why() -> None:
    loop = active()
    loop.now -= timedelta(minutes=55)  # it has not soaked
    assert codes(loop, PROMOTE) == []
    (number,) = loop.open_numbers()
    said = parse_trailers(loop.hub.proposals[number].message)
    assert (said.action, said.reason, said.note) == ("promote", "requested", "because I say so")
    assert said.ours
    assert said.candidates[PREDICTOR].name == "iris-predictor-00002"
    assert loop.merge(number)
    follow(loop)
    assert reason(loop.run()) == "stable stable"


def test_it_takes_the_place_of_a_step_and_no_later_run_puts_the_step_back() -> None:
    loop = active()
    assert reason(loop.run()) == "step soaked"
    assert codes(loop, PROMOTE) == []
    assert loop.open_numbers() == [2]
    assert loop.hub.pulls[1].closed_by_us
    for _ in range(3):
        loop.now += timedelta(hours=1)
        run = loop.run()
        assert reason(run) == "step soaked"
        assert run.verdict is not None
        assert run.verdict.effects == ()
        assert "a person asked for #2" in run.verdict.message
    assert loop.open_numbers() == [2]
    assert loop.merge(2)
    follow(loop)
    assert reason(loop.run()) == "stable stable"


@given(st.lists(st.sampled_from(["pass", "silent", "elsewhere"]), max_size=5))
def test_verdicts_that_come_and_go_leave_it_open(events: list[str]) -> None:
    loop = active()
    loop.ask(PROMOTE)
    for event in events:
        loop.silent = event == "silent"
        if event == "elsewhere":
            loop.git.commit_elsewhere()
        loop.now += timedelta(hours=1)
        loop.run()
        assert loop.open_numbers() == [1]


def test_the_same_promotion_by_the_table_keeps_the_persons_words() -> None:
    loop = active()
    write(loop, 2, 50)
    assert codes(loop, PROMOTE) == []
    run = loop.run()
    assert reason(run) == "promote soaked"
    assert run.verdict is not None
    assert run.verdict.effects == ()
    assert parse_trailers(loop.hub.proposals[1].message).note == "because I say so"


def test_a_person_adds_their_words_to_one_that_is_open() -> None:
    loop = active()
    write(loop, 2, 50)
    assert reason(loop.run()) == "promote soaked"
    assert codes(loop, PROMOTE) == []
    assert loop.open_numbers() == [1]
    assert parse_trailers(loop.hub.proposals[1].message).note == "because I say so"


def test_rollbacks_new_candidates_and_touches_win_over_it() -> None:
    loop = active()
    loop.ask(PROMOTE)
    failing = loop.copy()
    failing.failing = {uri(2)}
    assert reason(failing.run()) == "rollback analysis-failed"
    assert failing.hub.pulls[1].closed_by_us
    assert failing.open_numbers() == [2]
    touched = loop.copy()
    touched.git.commit(replace(touched.git.manifest, labels={"note": "x"}), touched.now)
    touched.run()
    assert touched.hub.pulls[1].state is PullState.CLOSED
    other = loop.copy()
    write(other, 3, 10)
    other.run()
    assert other.hub.pulls[1].state is PullState.CLOSED


def test_a_close_is_a_veto_which_only_a_person_overrules() -> None:
    loop = active()
    loop.ask(PROMOTE)
    loop.hub.close_by_hand(1, loop.now)
    assert codes(loop, PROMOTE) == []
    assert loop.open_numbers() == []
    assert codes(loop, replace(PROMOTE, anyway=True)) == []
    assert loop.open_numbers() == [2]
    loop.run()
    assert loop.open_numbers() == [2]


def test_a_promotion_is_refused_where_it_would_not_do_what_is_meant() -> None:
    loop = taken_back()
    assert codes(loop, PROMOTE) == ["taken-back"]
    assert loop.open_numbers() == []
    loop.git.commit(stated(predictor(3, 0)), loop.now)
    assert codes(loop, PROMOTE) == ["out-of-sync"]
    follow(loop, Outcome.PENDING)
    assert codes(loop, PROMOTE) == ["not-ready"]
    assert codes(begun(), PROMOTE) == ["nothing-to-do"]
    failing = active()
    failing.failing = {uri(2)}
    assert codes(failing, PROMOTE) == ["failing"]


def test_a_promotion_against_the_advice_stands_until_it_is_merged() -> None:
    loop = taken_back()
    assert codes(loop, replace(PROMOTE, anyway=True)) == ["taken-back"]
    for _ in range(2):
        assert reason(loop.run()) == "hold rolled-back"
        assert loop.open_numbers() == [2]
    assert loop.merge(2)
    follow(loop)
    assert reason(loop.run()) == "stable stable"


def test_a_rollback_that_a_person_asks_for_stands_and_its_model_is_taken_back() -> None:
    loop = active()
    assert codes(loop, ROLLBACK) == []
    for _ in range(3):
        loop.now += timedelta(hours=1)
        assert loop.run().decision.action == "rollback"
        assert loop.open_numbers() == [1]
        assert parse_trailers(loop.hub.proposals[1].message).note == "because I say so"
    assert loop.merge(1)
    follow(loop)
    assert reason(loop.run()) == "hold rolled-back"
    assert codes(loop, ROLLBACK) == ["nothing-to-do"]


def test_a_rollback_takes_the_place_of_what_goes_forward() -> None:
    loop = active()
    loop.ask(PROMOTE)
    assert codes(loop, ROLLBACK) == []
    assert loop.open_numbers() == [2]
    assert loop.hub.pulls[1].closed_by_us
    assert codes(loop, PROMOTE) == ["taken-back"]
    assert codes(loop, replace(PROMOTE, anyway=True)) == ["taken-back"]
    assert loop.open_numbers() == [2], "an open rollback is withdrawn by its close alone"


def test_a_rollback_of_a_whole_service_is_refused_and_stands_when_it_is_meant() -> None:
    loop = active()
    loop.ask(PROMOTE)
    assert loop.merge(1)
    follow(loop)
    assert reason(loop.run()) == "stable stable"
    assert codes(loop, ROLLBACK) == ["no-percent"]
    assert loop.open_numbers() == []
    assert codes(loop, replace(ROLLBACK, anyway=True)) == ["no-percent"]
    for _ in range(2):
        loop.now += timedelta(hours=1)
        loop.run()
        assert loop.open_numbers() == [2]
    assert loop.merge(2)
    follow(loop)
    assert loop.cluster.look() is not None
    assert reason(loop.run()) == "hold rolled-back"
    assert codes(begun(), ROLLBACK) == ["nothing-to-do"]


def test_a_rollback_to_what_is_no_better_is_refused() -> None:
    loop = active()
    loop.cluster.crash(PREDICTOR, 0, loop.now)
    assert "baseline-not-ready" in codes(loop, ROLLBACK)
    once = begun()
    once.git.commit(set_by_hand(once.git.manifest, PREDICTOR, 10), once.now)
    follow(once)
    assert codes(once, ROLLBACK) == ["nothing-to-split"]


def test_all_canaries_of_a_target_go_back_together() -> None:
    loop = Loop(START)
    loop.git.commit(stated(predictor(1), transformer(1)), loop.now)
    follow(loop)
    loop.git.commit(stated(predictor(2, 10), transformer(2, 10)), loop.now)
    follow(loop)
    assert codes(loop, ROLLBACK) == []
    decision = loop.hub.proposals[1].change.decision
    assert decision.to_percents == {PREDICTOR: 0, Component.TRANSFORMER: 0}
    loop.run()
    assert loop.open_numbers() == [1]


def test_a_model_that_was_taken_back_is_tried_again() -> None:
    loop = taken_back()
    assert codes(loop, RETRY) == []
    for _ in range(2):
        loop.now += timedelta(hours=1)
        loop.run()
        assert loop.open_numbers() == [2]
    assert loop.merge(2)
    follow(loop)
    assert reason(loop.run()) == "step soaked"
    loop.failing = {uri(2)}
    loop.run()
    (number,) = loop.open_numbers()
    assert loop.merge(number)
    loop.failing = set()
    follow(loop)
    assert reason(loop.run()) == "hold rolled-back"


def test_a_retry_is_refused_where_there_is_nothing_to_try() -> None:
    assert codes(active(), RETRY) == ["nothing-to-do"]
    loop = taken_back()
    loop.failing = {uri(2)}
    assert codes(loop, RETRY) == ["failing"]
    assert loop.open_numbers() == []
    pending = taken_back()
    pending.git.commit(replace(pending.git.manifest, labels={"note": "x"}), pending.now)
    follow(pending, Outcome.PENDING)
    assert codes(pending, replace(RETRY, anyway=True)) == ["not-ready"]
    assert pending.open_numbers() == []


@pytest.mark.parametrize("request_", [PROMOTE, ROLLBACK, RETRY])
def test_a_service_that_is_stopped_or_not_there_is_left_alone(request_: Request) -> None:
    loop = active()
    loop.git.commit(replace(loop.git.manifest, annotations=STOP), loop.now)
    assert "stopped" in codes(loop, request_)
    missing = Loop(START)
    missing.git.commit(stated(predictor(1, 10)), missing.now)
    assert codes(missing, replace(request_, anyway=True))[0] == "missing"
    assert missing.open_numbers() == []


def test_caps_do_not_hold_what_a_person_asks_for() -> None:
    loop = active()
    loop.limits = Limits(open=0)
    assert loop.run().verdict is not None
    assert loop.open_numbers() == []
    assert codes(loop, PROMOTE) == []
    assert loop.open_numbers() == [1]
