"""Edits: what comes out, byte for byte."""

import pytest

from gitops_rollout.manifests.edit import edit
from gitops_rollout.model.change import Edit
from gitops_rollout.model.targets import Component
from tests.manifests.samples import MARKER, edited, service


def test_removing_takes_the_line_and_its_comment() -> None:
    text = service("    # kept\n    canaryTrafficPercent: 10  # gone\n    minReplicas: 1\n")
    after, outcome = edited(text, None)
    assert after == service("    # kept\n    minReplicas: 1\n")
    assert (outcome.outcome, outcome.before, outcome.after, outcome.name) == ("edited", 10, None, "score")


def test_a_rollback_writes_its_marker_and_keeps_a_comment_of_people() -> None:
    after, _ = edited(service("    canaryTrafficPercent: 10  # ask ann\n    minReplicas: 1\n"), 0, MARKER)
    assert f"    canaryTrafficPercent: 0  # {MARKER} # ask ann\n" in after


def test_a_later_percent_drops_the_marker_and_nothing_else() -> None:
    text = service("    canaryTrafficPercent: 10  # ask ann\n    minReplicas: 1\n")
    zeroed, _ = edited(text, 0, MARKER)
    assert edited(zeroed, 10)[0] == text


def test_zero_again_keeps_the_marker() -> None:
    zeroed, _ = edited(service(), 0, MARKER)
    after, outcome = edited(zeroed, 0)
    assert (after, outcome.outcome) == (zeroed, "unchanged")


def test_a_missing_component_is_refused_for_a_number_and_unchanged_for_none() -> None:
    assert edited(service(), 10, component=Component.TRANSFORMER)[1].reason == "no-component"
    assert edited(service(), None, component=Component.TRANSFORMER)[1].outcome == "unchanged"


def test_a_refusal_does_not_stop_the_other_edits_of_a_file() -> None:
    text = service('    canaryTrafficPercent: "10"\n    a: 1\n') + "---\n" + service()
    wanted = [Edit(number, (), Component.PREDICTOR, 25) for number in (0, 1, 2)]
    result = edit(text.encode(), wanted)
    assert [outcome.outcome for outcome in result.outcomes] == ["refused", "edited", "refused"]
    assert result.data.decode() == text.replace("canaryTrafficPercent: 10\n", "canaryTrafficPercent: 25\n")


def test_json_gets_no_comment() -> None:
    text = (
        '{"apiVersion":"serving.kserve.io/v1beta1","kind":"InferenceService","metadata":{"name":"a"},'
        '"spec":{"predictor":{"canaryTrafficPercent":10,"minReplicas":1}}}'
    )
    assert edited(text, 0, MARKER)[0] == text.replace(":10,", ":0,")


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_percent_out_of_range_is_a_mistake_of_the_caller(percent: int) -> None:
    with pytest.raises(ValueError, match="percent"):
        edit(b"", [Edit(0, (), Component.PREDICTOR, percent)])
