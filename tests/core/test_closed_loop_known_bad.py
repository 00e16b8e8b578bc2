"""Closed loop: a model that a rollback pull request named stays known-bad when that pull request is closed by us."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.model.change import PullState
from gitops_rollout.model.decision import Reason
from tests.core.closed_loop.git import set_by_hand
from tests.core.closed_loop.loop import Loop, model_of, predictor, stated, uri
from tests.core.test_closed_loop_properties import PREDICTOR, STOP, active, follow, reason, write


def closed_as_stale() -> Loop:
    """v2 failed at 10 %; a person stopped the service, so that we closed its rollback, and resumed it at once."""
    loop = active()
    loop.failing = {uri(2)}
    assert reason(loop.run()) == "rollback analysis-failed"
    loop.failing = set()
    before = loop.git.manifest
    loop.git.commit(replace(before, annotations=STOP), loop.now)
    assert reason(loop.run()) == "hold stopped"
    assert loop.open_numbers() == []
    assert loop.hub.pulls[1].closed_by_us
    loop.git.commit(before, loop.now)
    follow(loop)
    return loop


def test_a_rollback_that_we_closed_as_stale_still_speaks_against_its_model() -> None:
    loop = closed_as_stale()
    assert reason(loop.run()) == "rollback analysis-failed"
    assert loop.open_numbers() == [2]
    assert reason(loop.run()) == "rollback analysis-failed", "and the next run finds it again"
    assert loop.open_numbers() == [2]


def test_its_model_is_not_started_again_from_zero() -> None:
    loop = active()
    loop.failing = {uri(2)}
    loop.run()
    write(loop, 3, 0)
    assert reason(loop.run()) == "start ready-at-zero"
    assert loop.hub.pulls[1].closed_by_us
    loop.failing = set()
    write(loop, 2, 0)
    assert reason(loop.run()) == "hold known-bad"
    assert loop.open_numbers() == []
    write(loop, 2, 10)  # a person wants it after all
    assert reason(loop.run()) == "step soaked"


def test_a_veto_ends_it_also_for_what_was_closed_by_us_before() -> None:
    loop = closed_as_stale()
    loop.run()
    loop.hub.close_by_hand(2, loop.now)
    assert reason(loop.run()) == "step soaked"


def test_a_person_who_raises_it_ends_it() -> None:
    loop = closed_as_stale()
    loop.git.commit(set_by_hand(loop.git.manifest, PREDICTOR, 50), loop.now)
    follow(loop)
    assert reason(loop.run()) == "promote soaked"


def test_a_rollback_carries_on_what_those_before_it_named() -> None:
    """v3 is pending, its share goes to v2, which was taken back; then v3 fails too: both stay known-bad."""
    loop = active()
    loop.failing = {uri(2)}
    loop.run()
    write(loop, 3, 10)
    loop.failing = {uri(2), uri(3)}
    assert reason(loop.run()) == "rollback analysis-failed"
    (number,) = loop.open_numbers()
    marker = parse_marker(loop.hub.pulls[number].body)
    assert marker is not None
    two, three = (model_of(stated(predictor(version))) for version in (2, 3))
    assert marker.named == {PREDICTOR: three}
    assert marker.earlier == {PREDICTOR: (two,)}
    assert loop.look().observation.components[PREDICTOR].named_models == tuple(sorted((two, three)))
    assert loop.merge(number, lose_comment=True, lose_trailers=True)
    follow(loop)
    loop.failing = set()
    for version in (2, 3):
        write(loop, version, 0)
        assert loop.run().decision.reason in (Reason.KNOWN_BAD, Reason.ROLLED_BACK)
        assert loop.open_numbers() == []


@pytest.mark.parametrize("lose", [False, True])
def test_a_merged_rollback_whose_comment_is_lost_still_names_another_model(lose: bool) -> None:
    """Harm by v2 while v3 is pending: the 0 is written over v3, and only the marker says that v2 is meant."""
    loop = active()
    loop.git.commit(stated(predictor(3, 10)), loop.now)
    loop.cluster.apply(loop.git.manifest, loop.now)
    loop.cluster.settle(Outcome.PENDING, loop.now)
    loop.now += timedelta(minutes=5)
    loop.failing = {uri(2)}
    assert reason(loop.run()) == "rollback harm"
    assert loop.merge(1, lose_comment=lose, lose_trailers=lose)
    loop.failing = set()
    follow(loop)
    write(loop, 2, 0)
    assert loop.run().decision.reason in (Reason.KNOWN_BAD, Reason.ROLLED_BACK)
    assert loop.open_numbers() == []
    assert loop.hub.pulls[1].state is PullState.MERGED
