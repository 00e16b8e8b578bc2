import pytest

from gitops_rollout.core.decide import decide_target
from gitops_rollout.core.mass_failure import is_its_own_fault, mass_failures
from gitops_rollout.model.history import RunningModels
from gitops_rollout.model.observation import Observation, TargetObservation
from gitops_rollout.model.targets import Component, Target, TargetKey
from tests.core.builders import V1, manifest, spec
from tests.core.observations import ACTIVE, HARM, STABLE, but


def observed(seen: Observation, number: int = 0, cluster: str = "prod") -> TargetObservation:
    target = Target(TargetKey(cluster, "models", f"iris-{number}"), manifest(spec(V1)))
    return TargetObservation(target, RunningModels("m"), {Component.PREDICTOR: seen})


def failing(*groups: tuple[int, Observation], cluster: str = "prod") -> dict[str, int]:
    targets = [one for count, one in groups for _ in range(count)]
    found = [observed(one, number, cluster) for number, one in enumerate(targets)]
    return dict(mass_failures({one.target.key: (one, decide_target(one)) for one in found}))


@pytest.mark.parametrize(
    ("failed", "canaries", "is_mass"),
    [(3, 3, False), (4, 4, True), (4, 20, False), (5, 20, True), (5, 25, False), (6, 25, True)],
)
def test_more_than_three_and_a_fifth(failed: int, canaries: int, is_mass: bool) -> None:
    found = failing((failed, HARM), (canaries - failed, ACTIVE), (50, STABLE))
    assert found == ({"prod": failed} if is_mass else {})


def test_each_cluster_counts_for_itself() -> None:
    found = [observed(HARM, number, "a" if number < 3 else "b") for number in range(6)]
    assert mass_failures({one.target.key: (one, decide_target(one)) for one in found}) == {}


def test_a_canary_that_is_worse_than_its_own_baseline_is_its_own_fault() -> None:
    assert is_its_own_fault(observed(but(HARM, worse_than_baseline=True)))
    assert not is_its_own_fault(observed(HARM))
