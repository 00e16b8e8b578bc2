"""Closed loop with several components: what was taken back stays so, whatever comment or trailer is lost on the way."""

from dataclasses import replace

import pytest

from gitops_rollout.core.marker import parse_marker
from gitops_rollout.model.decision import Action, Reason
from gitops_rollout.model.targets import Component, Manifest
from tests.core.closed_loop.loop import Loop, image, model_of, predictor, stated, transformer, uri
from tests.core.test_closed_loop_properties import START, follow, reason

PREDICTOR, TRANSFORMER = Component.PREDICTOR, Component.TRANSFORMER
TAKEN_BACK = (Reason.ROLLED_BACK, Reason.KNOWN_BAD)
LOSSES = [(comment, trailers) for comment in (False, True) for trailers in (False, True)]


def both(version: int, percent: int | None = None) -> Manifest:
    return stated(predictor(version, percent), transformer(version, percent))


def canaries(predictor_percent: int | None, transformer_percent: int | None) -> Loop:
    """v1 of both serves; v2 of both came with these percents."""
    loop = Loop(START)
    commit(loop, both(1))
    commit(loop, stated(predictor(2, predictor_percent), transformer(2, transformer_percent)))
    return loop


def commit(loop: Loop, manifest: Manifest) -> None:
    loop.git.commit(manifest, loop.now)
    follow(loop)


def rolled_back(loop: Loop, failing: str, *, lose_comment: bool, lose_trailers: bool) -> Loop:
    loop.failing = {failing}
    assert loop.run().decision.action is Action.ROLLBACK
    (number,) = loop.open_numbers()
    assert loop.merge(number, lose_comment=lose_comment, lose_trailers=lose_trailers)
    loop.failing = set()
    follow(loop)
    return loop


@pytest.mark.parametrize("failing", [uri(2), image(2)])
@pytest.mark.parametrize(("lose_comment", "lose_trailers"), LOSSES)
def test_both_stay_taken_back_when_either_failed(failing: str, lose_comment: bool, lose_trailers: bool) -> None:
    loop = rolled_back(canaries(10, 10), failing, lose_comment=lose_comment, lose_trailers=lose_trailers)
    percents = {part: loop.git.manifest.spec[part]["canaryTrafficPercent"] for part in (PREDICTOR, TRANSFORMER)}
    assert percents == {PREDICTOR: 0, TRANSFORMER: 0}
    assert bool(loop.git.manifest.comments) is not lose_comment
    assert loop.run().decision.reason in TAKEN_BACK
    commit(loop, replace(loop.git.manifest, comments={}))  # a person tidies up
    assert loop.run().decision.reason in TAKEN_BACK
    commit(loop, both(3, 0))
    assert reason(loop.run()) == "start ready-at-zero"
    commit(loop, both(2, 0))
    assert loop.run().decision.reason in TAKEN_BACK
    commit(loop, both(1))
    commit(loop, both(2, 0))
    assert loop.run().decision.reason in TAKEN_BACK
    commit(loop, both(2, 10))  # a person wants it after all
    assert reason(loop.run()) == "step soaked"


@pytest.mark.parametrize("kept", [PREDICTOR, TRANSFORMER])
@pytest.mark.parametrize("lose_trailers", [False, True])
def test_one_comment_that_is_lost_alone_changes_nothing(kept: Component, lose_trailers: bool) -> None:
    loop = rolled_back(canaries(10, 10), uri(2), lose_comment=False, lose_trailers=lose_trailers)
    comments = loop.git.manifest.comments
    assert {parse_marker(text) is not None for text in comments.values()} == {True}
    commit(loop, replace(loop.git.manifest, comments={kept: comments[kept]}))
    assert loop.run().decision.reason in TAKEN_BACK
    assert loop.open_numbers() == []


@pytest.mark.parametrize(("lose_comment", "lose_trailers"), LOSSES)
def test_one_that_alone_was_a_canary_stays_taken_back(lose_comment: bool, lose_trailers: bool) -> None:
    loop = Loop(START)
    commit(loop, stated(predictor(1), transformer(1)))
    commit(loop, stated(predictor(2, 10), transformer(1)))
    rolled_back(loop, uri(2), lose_comment=lose_comment, lose_trailers=lose_trailers)
    assert "canaryTrafficPercent" not in loop.git.manifest.spec[TRANSFORMER]
    assert loop.run().decision.reason in TAKEN_BACK
    commit(loop, replace(loop.git.manifest, comments={}, labels={"note": "x"}))
    assert loop.run().decision.reason in TAKEN_BACK
    assert loop.open_numbers() == []


@pytest.mark.parametrize(("lose_comment", "lose_trailers"), LOSSES)
def test_a_pair_that_ran_in_full_once_stays_taken_back_by_the_merged_pull_request(
    lose_comment: bool, lose_trailers: bool
) -> None:
    """Without the marker the history alone would call it good again: it ran without a split before."""
    loop = Loop(START)
    commit(loop, both(2))
    commit(loop, both(1))
    commit(loop, both(2, 10))
    rolled_back(loop, image(2), lose_comment=lose_comment, lose_trailers=lose_trailers)
    assert loop.run().decision.reason in TAKEN_BACK
    commit(loop, both(3, 0))
    commit(loop, both(2, 0))
    assert model_of(loop.git.manifest) == model_of(both(2))
    assert loop.run().decision.reason in TAKEN_BACK
    assert loop.open_numbers() == []
