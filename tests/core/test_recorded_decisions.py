"""Every snapshot of the recorded scenarios is decided as the table says; the expectations were derived by hand."""

from collections.abc import Sequence

import pytest

from tests.core.replay import EXPECTED, Decided, replay


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
