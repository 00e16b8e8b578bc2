import re
from datetime import datetime

import pytest

from tests.traces import SCENARIOS, SERVERLESS, load


def test_all_scenarios_are_there() -> None:
    assert len(SCENARIOS) == 22
    assert len(SERVERLESS) == 17


@pytest.mark.parametrize("name", SCENARIOS)
def test_steps_point_into_the_snapshots_in_order(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert [step.at for step in scenario.steps] == sorted(step.at for step in scenario.steps)
    for step in scenario.steps:
        assert -1 <= step.first - 1 <= step.last < len(scenario.snapshots)
        assert (step.manifest is None) == (step.by_hand is not None)


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_in_a_snapshot_is_later_than_the_snapshot(name: str) -> None:
    for snapshot in load(name).snapshots:
        times = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(snapshot.items))
        assert times
        assert datetime.fromisoformat(max(times)) <= snapshot.at


def test_the_owner_of_a_percent_is_recorded() -> None:
    scenario = load("S")
    patched = next(scenario.resting(scenario.steps[2]).of_kind("InferenceService"))
    assert "kubectl-patch" in {entry["manager"] for entry in patched["metadata"]["managedFields"]}
