"""The same closed loop on long random walks: weighted towards what happens often, so that rare states are reached."""

import os
import random
from collections.abc import Callable

import pytest

from gitops_rollout.core.decide import ROWS
from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.model.requests import Ask
from tests.core.test_closed_loop import ClosedLoop, ClosedLoopOfTwo

STEPS = 40
# Seeds of a quick run; `make fuzz` walks further.
SEEDS = range(400) if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else range(30)
OUTCOMES = [Outcome.READY] * 5 + [Outcome.FAILED, Outcome.PENDING, Outcome.NOT_CREATED]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [ClosedLoop, ClosedLoopOfTwo])
def test_every_run_on_a_walk_is_safe_and_it_comes_to_rest(kind: type[ClosedLoop], seed: int) -> None:
    walk(kind, seed)


def test_each_row_that_a_cluster_can_show_is_reached_on_some_walk() -> None:
    """Rows 11 and 22 want what KServe leaves behind within one reconcile; `observations()` makes those up."""
    missing = {row.number for row in ROWS} - {11, 22}
    for seed in range(1000, 1400):
        missing -= walk(ClosedLoop, seed)
        if not missing:
            return
    raise AssertionError(f"no walk reached {sorted(missing)}")


def walk(kind: type[ClosedLoop], seed: int) -> set[int]:
    """The rows that decided on a walk."""
    chance = random.Random(seed)  # noqa: S311  not for secrets
    machine = kind()
    machine.begin(chance.randint(0, 9), chance.choice(list(Outcome)), chance.random() < 0.5)
    actions = weighted(machine, chance)
    for _ in range(STEPS):
        chance.choices([action for _, action in actions], [weight for weight, _ in actions])[0]()
    machine.teardown()
    return machine.rows


def weighted(machine: ClosedLoop, chance: random.Random) -> list[tuple[float, Callable[[], object]]]:
    """What may happen next, with how often."""

    def part() -> object:
        return chance.choice(machine.parts)

    def percent() -> object:
        return chance.choice([None, 0, 10, 50, 100])

    def outcome() -> Outcome:
        return chance.choice(OUTCOMES)

    def coin() -> bool:
        return chance.random() < 0.5

    def version() -> int:
        return chance.randint(1, 4)

    def with_pulls(action: Callable[[], object]) -> Callable[[], object]:
        return lambda: action() if machine.loop.open_numbers() else None

    m = machine
    return [
        (3, lambda: m.a_person_writes_a_model(part(), version(), percent())),
        (3, lambda: m.a_person_writes_a_percent(part(), percent(), coin())),
        (6, lambda: m.a_canary_begins(part(), version(), chance.choice([0, 10]), outcome())),
        (1, m.a_person_reverts),
        (1, lambda: m.a_person_stops_or_resumes(chance.random() < 0.2)),
        (1, lambda: m.a_person_changes_metadata(chance.randint(0, 3))),
        (0.3, lambda: m.a_percent_stands_where_nobody_reads_it(coin())),
        (1, m.somebody_commits_elsewhere),
        (1, lambda: m.a_hand_patches_the_cluster(part(), percent())),
        (8, with_pulls(lambda: m.a_merge_takes_effect(outcome(), chance.choice([1, 40]), coin()))),
        (3, with_pulls(lambda: m.a_person_merges(chance.randint(0, 9), coin(), coin()))),
        (2, lambda: m.a_person_asks(chance.choice(list(Ask)), coin())),
        (1, with_pulls(m.a_person_closes)),
        (3, m.the_engine_syncs),
        (3, lambda: m.kserve_passes(part())),
        (4, lambda: m.knative_passes(part(), outcome())),
        (6, lambda: m.all_settles(outcome())),
        (1, lambda: m.a_ready_revision_fails(part(), chance.randint(0, 3))),
        (1, lambda: m.baseline_and_canary_fail(part(), version())),
        (0.5, lambda: m.a_revision_is_collected(part(), chance.randint(0, 1))),
        (5, lambda: m.time_passes(chance.choice([1, 20, 40, 70, 300]))),
        (2, lambda: m.a_verdict_flips(version())),
        (1, lambda: m.measurements_come_and_go(chance.random() < 0.3)),
        (8, m.a_clean_run),
        (8, lambda: m.time_passes_and_a_clean_run(chance.choice([35, 70]))),
        (2, lambda: m.a_run_is_killed(chance.randint(0, 2))),
        (2, m.a_slow_run_looks),
        (2, m.a_slow_run_acts),
    ]
