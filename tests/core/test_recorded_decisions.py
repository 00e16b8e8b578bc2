"""Every snapshot of the recorded scenarios is decided as the table says; the expectations were derived by hand."""

import json
from collections.abc import Sequence

import pytest
import yaml

from gitops_rollout.cluster.snapshot import read_snapshot
from gitops_rollout.manifests.scan import scan_file
from tests.core.replay import EXPECTED, Decided, replay
from tests.traces import SCENARIOS, load


def distinct(decided: Sequence[Decided]) -> list[str]:
    outcomes = [one.outcome for one in decided]
    return [one for index, one in enumerate(outcomes) if index == 0 or outcomes[index - 1] != one]


@pytest.mark.parametrize("scenario", EXPECTED["scenarios"])
def test_each_step_is_decided_as_expected(scenario: str) -> None:
    expected = EXPECTED["scenarios"][scenario]
    steps = replay(scenario)
    assert [step.title for step, _ in steps] == [one["step"] for one in expected]
    for (step, decided), wanted in zip(steps, expected, strict=True):
        rest = decided[-1].decision
        assert distinct(decided) == wanted["seen"], step.title
        assert {str(part): percent for part, percent in rest.to_percents.items()} == wanted.get("to", {}), step.title
        assert {str(part): one.row for part, one in rest.components.items()} == wanted["row"], step.title


@pytest.mark.parametrize("scenario", EXPECTED["scenarios"])
def test_what_is_decided_at_rest_names_its_revisions(scenario: str) -> None:
    for step, decided in replay(scenario):
        rest = decided[-1]
        for component in rest.decision.to_percents:
            candidate = rest.decision.candidate[component]
            assert candidate.uid, step.title
            assert candidate.model == rest.observation.models.target, step.title
            assert rest.decision.baseline[component].uid, step.title


def test_every_recorded_scenario_has_its_expectations() -> None:
    assert sorted([*EXPECTED["scenarios"], *EXPECTED["no_target"]]) == list(SCENARIOS)


@pytest.mark.parametrize("scenario", EXPECTED["no_target"])
def test_nothing_is_decided_of_what_is_no_target(scenario: str) -> None:
    recorded = load(scenario)
    for step in recorded.steps:
        if step.manifest is not None:
            assert scan_file("group.yaml", yaml.safe_dump(dict(step.manifest)).encode()).manifests == ()
    for snapshot in recorded.snapshots:
        assert not read_snapshot(json.dumps(snapshot.document()).encode(), "live.json").services()
