"""The closed loop of one document in three clusters: random walks, and stories that deserve a name."""

import os
import random
from datetime import UTC, datetime, timedelta

import pytest

from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.model.change import Did
from gitops_rollout.model.decision import CHANGING, Action
from gitops_rollout.model.targets import Component
from tests.core.closed_loop.git import set_by_hand
from tests.core.closed_loop.loop import predictor, stated, uri
from tests.core.closed_loop.several import NAMES, Several, check, come_to_rest

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEEDS = range(300) if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else range(16)
RARE = ["sync", "crash", "patch", "away", "verdict", "time", "merge", "close", "write", "percent"]
HAPPENINGS = [*RARE, "settle", "settle", "run", "run", "run", "run"]
OUTCOMES = [Outcome.READY] * 4 + [Outcome.FAILED, Outcome.PENDING, Outcome.NOT_CREATED]


def begun(percent: int | None = None) -> Several:
    """v1 serves everything everywhere; with a percent v2 is a canary beside it."""
    loop = Several(START)
    loop.git.commit(stated(predictor(1)), loop.now)
    everywhere(loop)
    if percent is not None:
        loop.git.commit(stated(predictor(2, percent)), loop.now)
        everywhere(loop)
    return loop


def everywhere(loop: Several, outcome: Outcome = Outcome.READY) -> None:
    for name in NAMES:
        loop.follow(name, outcome)
    loop.now += timedelta(hours=1)


def told(loop: Several) -> str:
    look = loop.clean_run()
    check(loop, look)
    return f"{look.decision.action} {look.decision.reason}"


def test_all_go_forward_together() -> None:
    loop = begun(10)
    said = []
    for _ in range(3):
        said.append(told(loop))
        for number in loop.open_numbers():
            assert loop.merge(number)
        everywhere(loop)
    assert said == ["step soaked", "promote soaked", "stable stable"]


def test_one_that_is_behind_or_away_keeps_all_and_one_that_fails_takes_all_back() -> None:
    loop = begun(10)
    loop.away = {"us"}
    assert told(loop) == "hold unreachable"
    loop.failing = {uri(2)}
    assert told(loop) == "rollback analysis-failed"
    (number,) = loop.open_numbers()
    assert loop.merge(number)
    loop.away = set()
    everywhere(loop)
    assert loop.git.manifest.spec["predictor"]["canaryTrafficPercent"] == 0
    assert told(loop) == "hold rolled-back"


def test_a_canary_that_fails_in_one_cluster_alone_goes_back_in_all() -> None:
    loop = begun()
    loop.git.commit(stated(predictor(2, 10)), loop.now)
    for name in ("asia", "us"):
        loop.follow(name, Outcome.READY)
    loop.follow("eu", Outcome.FAILED)
    loop.now += timedelta(hours=1)
    assert told(loop) == "rollback canary-failed"


def test_a_rollback_stays_the_same_one_when_the_other_clusters_ask_for_it_too() -> None:
    """Its model is named once it is proposed, so that clusters whose canary is well take it back as well."""
    loop = begun()
    loop.git.commit(stated(predictor(2, 10)), loop.now)
    for name in ("asia", "eu"):
        loop.follow(name, Outcome.READY)
    loop.follow("us", Outcome.FAILED)
    loop.now += timedelta(hours=1)
    loop.silent = True
    assert told(loop) == "rollback canary-failed"
    before = loop.hub.open_pulls()
    again = loop.see()
    assert sum(one.decision is not None and one.decision.action is Action.ROLLBACK for one in again.members) == 3
    assert not (again.verdict.effects if again.verdict else ())
    assert loop.hub.open_pulls() == before


@pytest.mark.parametrize("seed", SEEDS)
def test_every_run_on_a_walk_is_safe_and_it_comes_to_rest(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  not for secrets
    loop = begun(chance.choice([None, 0, 10]))
    for _ in range(30):
        step(loop, chance)
    loop.failing = {uri(version) for version in range(1, 5)} if chance.random() < 0.5 else set()
    loop.silent = False
    rest = come_to_rest(loop, chance.choice(OUTCOMES))
    if rest.decision.action in CHANGING:
        assert rest.verdict is not None
        assert rest.verdict.did in (Did.VETOED, Did.FOUND)
    assert rest.decision.message


def step(loop: Several, chance: random.Random) -> None:
    """Something happens; runs come often."""
    name = chance.choice(NAMES)
    match chance.choice(HAPPENINGS):
        case "write":
            loop.git.commit(stated(predictor(chance.randint(1, 4), chance.choice([None, 0, 10]))), loop.now)
        case "percent":
            percent = chance.choice([None, 0, 10, 50])
            loop.git.commit(set_by_hand(loop.git.manifest, Component.PREDICTOR, percent), loop.now)
        case "sync":
            loop.clusters[name].apply(loop.git.manifest, loop.now)
        case "settle":
            for one in chance.choice([(name,), NAMES]):
                loop.follow(one, chance.choice(OUTCOMES))
        case "crash":
            loop.clusters[name].crash(Component.PREDICTOR, chance.randint(0, 2), loop.now)
        case "patch":
            loop.clusters[name].patch(Component.PREDICTOR, chance.choice([None, 0, 30]), loop.now)
        case "away":
            loop.away ^= {name}
        case "verdict":
            loop.failing ^= {uri(chance.randint(1, 4))}
        case "time":
            loop.now += timedelta(minutes=chance.choice([20, 70]))
        case "merge":
            for number in loop.open_numbers()[:1]:
                loop.merge(number, lose_comment=chance.random() < 0.2)
        case "close":
            for number in loop.open_numbers()[:1]:
                loop.hub.close_by_hand(number, loop.now)
        case "run":
            loop.now += timedelta(minutes=35)
            look = loop.clean_run()
            check(loop, look)
            assert len(loop.open_numbers()) <= 1
            again = loop.see()
            if again.decision.action is look.decision.action:
                assert not (again.verdict.effects if again.verdict else ())
            if look.decision.action is Action.ROLLBACK and look.verdict is not None and look.verdict.action is None:
                assert loop.open_numbers() or look.verdict.did is Did.VETOED
