"""Killed before or after any push of a run, and run again: the end state is as if nothing had happened.

On the embedded forge every outside effect of a run is a push, so the matrix is made by counting them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from gitops_rollout.model.change import Standing
from gitops_rollout.model.decision import Reason
from gitops_rollout.model.doors import PushResult, RefUpdate
from gitops_rollout.model.policy import Merge, PullPolicy
from tests.forges.memory import MemoryRepository
from tests.reconcile.forge_world import ForgeWorld, first_repository

NAMES = ("score", "a", "b")


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the run may catch it."""


class Mortal(MemoryRepository):
    """A remote whose user dies before or after a given push."""

    pushes = 0
    dies_at: int | None = None
    dies_before = True

    def push(self, groups: Sequence[Sequence[RefUpdate]]) -> Sequence[PushResult]:
        number, self.pushes = self.pushes, self.pushes + 1
        if number == self.dies_at and self.dies_before:
            raise Killed
        results = super().push(groups)
        if number == self.dies_at:
            raise Killed
        return results


def nothing(world: ForgeWorld) -> None:
    """An empty forge."""


def promotions_open(world: ForgeWorld) -> None:
    world.run(*(world.due("promote", name=name) for name in NAMES))


def promotions_on_moved_ground(world: ForgeWorld) -> None:
    promotions_open(world)
    world.commit("clusters/prod/score.yaml", b"model: 3\npercent: 10\n")


def rollback_open(world: ForgeWorld) -> None:
    world.run(world.due("rollback", 0))


SCENARIOS: dict[str, tuple[Callable[[ForgeWorld], None], Callable[[ForgeWorld], list[Standing]]]] = {
    "opening many": (nothing, lambda w: [w.due("promote", name=name) for name in NAMES]),
    "opening after not fresh": (promotions_on_moved_ground, lambda w: [w.due("step", 25)]),
    "superseding": (promotions_open, lambda w: [w.due("promote", candidate="score-predictor-00003")]),
    "rolling back over promotions": (
        promotions_open,
        lambda w: [w.due("rollback", 0), w.due("rollback", 0, name="a"), w.due("promote", name="b")],
    ),
    "a rollback after another": (rollback_open, lambda w: [w.due("rollback", 0, candidate="score-predictor-00003")]),
    "closing": (promotions_open, lambda w: [w.holding(Reason.BASELINE_NOT_READY), w.due("promote", name="a")]),
    "other words": (promotions_open, lambda w: [w.due("promote", text="Other words")]),
    "merging": (rollback_open, lambda w: [w.due("rollback", 0)]),
}


def fresh(scenario: str) -> tuple[ForgeWorld, Mortal]:
    seed = first_repository(NAMES)
    repository = Mortal(seed.refs, seed.trees, seed.infos)
    auto = PullPolicy(merge=Merge.AUTO if scenario == "merging" else Merge.MANUAL)
    return ForgeWorld(repository, covered=frozenset(), policy=auto), repository


def end_state(world: ForgeWorld) -> object:
    """What people see at rest: numbers and the commits of the forge's own records may differ, nothing else."""
    pulls = sorted((p.branch, p.head, p.title, p.body) for p in world.open())
    refs = {ref: value for ref, value in world.repository.refs.items() if ref.startswith("refs/heads/")}
    locks = sorted(ref for ref in world.repository.refs if "/open/" in ref)
    return pulls, refs, locks


def settle(world: ForgeWorld, due: Callable[[ForgeWorld], list[Standing]]) -> object:
    """Run until nothing is written any more."""
    for _ in range(6):
        before = dict(world.repository.refs)
        if not merged(world):
            world.run(*due(world))
        if world.repository.refs == before:
            return end_state(world)
    raise AssertionError("the world never comes to rest")


def merged(world: ForgeWorld) -> bool:
    """A merge changes what is due; the scenarios end with it."""
    return any(pull.state == "merged" for pull in world.forge().all_pulls())


def pushes_of(scenario: str) -> int:
    prepare, due = SCENARIOS[scenario]
    world, repository = fresh(scenario)
    prepare(world)
    before = repository.pushes
    settle(world, due)
    return repository.pushes - before


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_death_ends_in_the_same_state(scenario: str) -> None:
    prepare, due = SCENARIOS[scenario]
    world, _ = fresh(scenario)
    prepare(world)
    expected = settle(world, due)
    deaths = [(number, before) for number in range(pushes_of(scenario)) for before in (True, False)]
    assert deaths, "a scenario without effects shows nothing"
    for number, before in deaths:
        world, repository = fresh(scenario)
        prepare(world)
        repository.dies_at, repository.dies_before = repository.pushes + number, before
        with pytest.raises(Killed):
            settle(world, due)
        repository.dies_at = None
        assert settle(world, due) == expected, f"{scenario}: killed {'before' if before else 'after'} push {number}"


def test_the_matrix_would_show_a_lost_pull_request() -> None:
    """The comparison sees what it is there to see."""
    world, _ = fresh("opening many")
    one = settle(world, lambda w: [w.due("promote")])
    other, _ = fresh("opening many")
    assert settle(other, lambda w: [replace(w.due("promote"), withheld=True)]) != one
