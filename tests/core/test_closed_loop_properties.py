"""Properties of the closed loop that deserve a story of their own."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.model.change import Did, PullState
from gitops_rollout.model.decision import Action, Reason
from gitops_rollout.model.targets import Component
from tests.core.closed_loop.checks import come_to_rest
from tests.core.closed_loop.git import set_by_hand
from tests.core.closed_loop.loop import SETTINGS, Loop, Run, predictor, stated, uri

PREDICTOR = Component.PREDICTOR
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def begun() -> Loop:
    """v1 serves everything."""
    loop = Loop(START)
    write(loop, 1, None)
    return loop


def write(loop: Loop, version: int, percent: int | None, outcome: Outcome = Outcome.READY) -> None:
    """A person's commit, followed by the cluster, and an hour of time."""
    loop.git.commit(stated(predictor(version, percent)), loop.now)
    follow(loop, outcome)


def follow(loop: Loop, outcome: Outcome = Outcome.READY) -> None:
    loop.cluster.apply(loop.git.manifest, loop.now)
    loop.cluster.settle(outcome, loop.now)
    loop.now += timedelta(hours=1)


def active() -> Loop:
    """v1 serves, v2 is a canary at 10 %."""
    loop = begun()
    write(loop, 2, 10)
    return loop


def reason(run: Run) -> str:
    return f"{run.decision.action} {run.decision.reason}"


def test_the_whole_way_of_a_good_model() -> None:
    loop = begun()
    write(loop, 2, 0)
    told = []
    for _ in range(4):
        run = loop.run()
        told.append(reason(run))
        for number in loop.open_numbers():
            assert loop.merge(number)
        follow(loop)
    assert told == ["start ready-at-zero", "step soaked", "promote soaked", "stable stable"]


def test_the_whole_way_of_a_bad_model() -> None:
    loop = active()
    loop.failing = {uri(2)}
    assert reason(loop.run()) == "rollback analysis-failed"
    assert loop.merge(1)
    follow(loop)
    assert reason(loop.run()) == "hold rolled-back"
    write(loop, 1, 0)
    assert reason(loop.run()) == "promote restored"
    assert loop.merge(2)
    follow(loop)
    assert reason(loop.run()) == "stable stable"


@pytest.mark.parametrize("failing", [set(), {uri(2)}])
def test_any_touch_makes_a_pull_request_unmergeable_also_there_and_back_again(failing: set[str]) -> None:
    """s2, s3, s2: the content is what it was, the commits are not."""
    loop = active()
    loop.failing = failing
    loop.run()
    (number,) = loop.open_numbers()
    before = loop.git.manifest
    write(loop, 3, 10)
    assert not loop.merge(number)
    loop.git.commit(before, loop.now)
    follow(loop)
    assert loop.git.manifest == before
    assert not loop.merge(number)
    loop.run()
    assert loop.hub.pulls[number].state is PullState.CLOSED
    assert loop.hub.pulls[number].closed_by_us
    (again,) = loop.open_numbers()
    assert loop.hub.pulls[again].branch != loop.hub.pulls[number].branch


def test_commits_elsewhere_leave_a_pull_request_fresh() -> None:
    loop = active()
    loop.run()
    loop.git.commit_elsewhere()
    run = loop.run()
    assert run.verdict is not None
    assert run.verdict.did is Did.FOUND
    assert loop.merge(1)


@given(st.lists(st.sampled_from(["pass", "fail", "silent"]), min_size=1, max_size=12))
def test_verdicts_that_alternate_open_at_most_one_pull_request_for_each_action(verdicts: list[str]) -> None:
    loop = active()
    for verdict in verdicts:
        loop.failing = {uri(2)} if verdict == "fail" else set()
        loop.silent = verdict == "silent"
        loop.run()
        loop.now += timedelta(minutes=7)
        assert len(loop.open_numbers()) <= 1
    actions = [parse_branch(branch) for branch in loop.opened]
    assert len({name.action for name in actions if name}) == len(actions)


@given(st.lists(st.sampled_from(["pass", "silent"]), max_size=6))
def test_a_rollback_once_open_stands_whatever_the_verdict_says_later(verdicts: list[str]) -> None:
    loop = active()
    loop.failing = {uri(2)}
    loop.run()
    loop.failing = set()
    for verdict in verdicts:
        loop.silent = verdict == "silent"
        loop.now += timedelta(hours=3)
        assert loop.run().decision.action is Action.ROLLBACK
        assert loop.open_numbers() == [1]


@given(st.integers(0, 3), st.integers(0, 3), st.booleans(), st.booleans())
def test_after_two_runs_at_once_one_clean_run_leaves_one_pull_request(
    first: int, second: int, flips: bool, touched: bool
) -> None:
    loop = active()
    loop.run()
    one = loop.look()
    if flips:
        loop.failing = {uri(2)}
    if touched:
        write(loop, 3, 10)
    two = loop.look()
    loop.act(two, second)
    loop.act(one, first)
    clean = loop.run()
    assert clean.proposal is not None
    assert [pull.branch for pull in loop.hub.open_pulls()] == [clean.proposal.change.branch]
    still = loop.look()
    assert still.verdict is not None
    assert still.verdict.effects == ()


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("failing", [set(), {uri(2)}, {uri(1), uri(2)}])
@pytest.mark.parametrize("percent", [None, 0, 10, 50, 100])
def test_a_still_world_comes_to_rest(outcome: Outcome, failing: set[str], percent: int | None) -> None:
    loop = begun()
    loop.failing = failing
    loop.git.commit(stated(predictor(2, percent)), loop.now)
    rest, merged = come_to_rest(loop, outcome)
    assert merged <= len(SETTINGS.steps) + 4
    assert rest.decision.alarm or rest.decision.action in (Action.HOLD, Action.STABLE)


@pytest.mark.parametrize("lose_comment", [False, True])
@pytest.mark.parametrize("lose_trailers", [False, True])
def test_a_lost_comment_or_trailer_never_turns_zeroed_into_new(lose_comment: bool, lose_trailers: bool) -> None:
    loop = active()
    loop.failing = {uri(2)}
    loop.run()
    assert loop.merge(1, lose_comment=lose_comment, lose_trailers=lose_trailers)
    loop.failing = set()
    follow(loop)
    assert reason(loop.run()) == "hold rolled-back"
    loop.git.commit(set_by_hand(loop.git.manifest, PREDICTOR, 0), loop.now)  # the comment goes now, at the latest
    follow(loop)
    assert reason(loop.run()) == "hold rolled-back"
    write(loop, 3, 0)
    assert reason(loop.run()) == "start ready-at-zero"
    write(loop, 2, 0)
    assert reason(loop.run()) == "hold rolled-back"
    write(loop, 1, None)
    write(loop, 2, 0)
    assert reason(loop.run()) == "hold known-bad"
    write(loop, 2, 10)  # a person wants it after all
    assert reason(loop.run()) == "step soaked"


def test_a_name_that_is_used_again_matches_no_old_pull_request_or_veto() -> None:
    """After stop and resume `-00002` is another revision: nothing that was said of the old one is about it."""
    loop = active()
    loop.run()
    first = loop.look()
    loop.hub.close_by_hand(1, loop.now)
    assert loop.look().verdict is not None
    vetoed = loop.run()
    assert vetoed.verdict is not None
    assert vetoed.verdict.did is Did.VETOED
    manifest = loop.git.manifest
    loop.cluster.apply(type(manifest)(**{**fields(manifest), "annotations": STOP}), loop.now)
    loop.cluster.settle(Outcome.READY, loop.now)
    for version, percent in ((1, None), (2, 10)):  # the engine replays what Git said
        loop.cluster.apply(stated(predictor(version, percent)), loop.now)
        loop.cluster.settle(Outcome.READY, loop.now)
    loop.now += timedelta(hours=1)
    again = loop.look()
    assert again.decision.candidate[PREDICTOR].name == first.decision.candidate[PREDICTOR].name
    assert again.decision.candidate[PREDICTOR].uid != first.decision.candidate[PREDICTOR].uid
    assert again.verdict is not None
    assert again.verdict.reason is not Reason.VETOED
    loop.act(again)
    assert len(loop.open_numbers()) == 1
    assert loop.hub.pulls[loop.open_numbers()[0]].branch != loop.hub.pulls[1].branch


def test_a_rollback_edits_no_sibling_that_had_no_percent() -> None:
    from tests.core.closed_loop.loop import transformer

    loop = Loop(START)
    loop.git.commit(stated(predictor(1), transformer(1)), loop.now)
    follow(loop)
    loop.git.commit(stated(predictor(2, 10), transformer(1)), loop.now)
    follow(loop)
    loop.failing = {uri(2)}
    run = loop.run()
    assert run.decision.to_percents == {PREDICTOR: 0}
    assert loop.merge(1)
    assert "canaryTrafficPercent" not in loop.git.manifest.spec["transformer"]


STOP = {"serving.kserve.io/stop": "true"}


def fields(manifest: object) -> dict[str, object]:
    return {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}  # type: ignore[attr-defined]  # frozen
