from dataclasses import replace

import pytest

from gitops_rollout.core.assess.readiness import (
    describe,
    find_condition,
    find_revision,
    has_status,
    is_ready,
    is_scaled_away,
    is_unready,
    lacks_capacity,
    readiness,
    ready_since,
)
from gitops_rollout.model.live import LiveComponent
from gitops_rollout.model.observation import Readiness
from tests.core.builders import V1, at, condition, live, revision, spec

UNSCHEDULABLE = condition(
    "Ready", "False", 1, "Unschedulable", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
)
NO_ROOM = condition("ResourcesAvailable", "False", 1, "Unschedulable")
ROOM = condition("ResourcesAvailable", "True", 1, "Unschedulable")
QUOTA = condition("Ready", "False", 1, "FailedCreate", "pods are forbidden: exceeded quota: gpu")
CRASHED = condition("Ready", "False", 1, "ExitCode1", "Container failed")


def test_the_latest_ready_revision_is_ready() -> None:
    assert readiness(None, is_latest_ready=True, overdue=True) is Readiness.READY


@pytest.mark.parametrize(
    ("conditions", "overdue", "expected"),
    [
        ((condition("Ready", "Unknown", 1, "Deploying"),), False, Readiness.PENDING),
        ((condition("Ready", "Unknown", 1, "Deploying"),), True, Readiness.OVERDUE),
        ((condition("Ready", "True", 1),), True, Readiness.PENDING),
        ((CRASHED,), False, Readiness.FAILED),
        ((UNSCHEDULABLE,), True, Readiness.NO_CAPACITY),
        ((UNSCHEDULABLE, condition("ContainerHealthy", "False", 1, "ExitCode1")), False, Readiness.FAILED),
        ((condition("Ready", "Unknown"), NO_ROOM), True, Readiness.NO_CAPACITY),
        ((condition("Ready", "True"), ROOM), True, Readiness.PENDING),
        ((QUOTA,), True, Readiness.NO_CAPACITY),
        ((condition("Ready", "False", 1, "FailedCreate", "admission webhook denied"),), False, Readiness.FAILED),
        ((condition("Colour", "Red"),), False, Readiness.PENDING),
        ((condition("Colour", "Red"),), True, Readiness.OVERDUE),
        ((condition("Ready", "Unknown"), CRASHED), False, Readiness.PENDING),  # of a repeated type the first counts
    ],
)  # fmt: skip
def test_a_revisions_own_conditions_tell(conditions: tuple[object, ...], overdue: bool, expected: Readiness) -> None:
    made = revision(2, V1, 0, *conditions)  # type: ignore[arg-type]  # conditions
    assert readiness(made, is_latest_ready=False, overdue=overdue) is expected


def test_a_revision_that_is_not_shown_is_pending_at_worst() -> None:
    assert readiness(None, is_latest_ready=False, overdue=True) is Readiness.PENDING


def test_readiness_has_an_instant() -> None:
    assert ready_since(revision(1, V1, 7)) == at(7)
    assert ready_since(revision(1, V1, 7, CRASHED)) is None
    assert ready_since(revision(1, V1, 7, condition("Ready", "True", None))) is None
    assert ready_since(None) is None


def test_ready_and_not_ready_leave_room_for_unknown() -> None:
    unknown = revision(1, V1, 0, condition("Ready", "Unknown"))
    assert (is_ready(unknown), is_unready(unknown)) == (False, False)
    assert (is_ready(None), is_unready(None)) == (False, False)
    assert is_ready(revision(1, V1))
    assert is_unready(revision(1, V1, 0, CRASHED))


def test_a_revision_belongs_to_the_knative_service_as_it_is_now() -> None:
    shown = live(spec(V1), [revision(1, V1), revision(2, V1, service_uid="deleted")], ready=1, rolled=1)
    component = next(iter(shown.components.values()))
    found = find_revision(component, "iris-predictor-00001")
    assert found is not None
    assert found.uid == "uid-1"
    assert find_revision(component, "iris-predictor-00002") is None
    assert find_revision(component, None) is None
    assert find_revision(LiveComponent(), "iris-predictor-00001") is None


def test_of_two_that_claim_one_name_neither_is_believed() -> None:
    twins = [revision(1, V1), replace(revision(1, V1), uid="other")]
    component = next(iter(live(spec(V1), twins, ready=1).components.values()))
    assert find_revision(component, "iris-predictor-00001") is None
    same = next(iter(live(spec(V1), [twins[0], twins[0]], ready=1).components.values()))
    assert find_revision(same, "iris-predictor-00001") == twins[0]


def test_what_is_wrong_is_told_in_one_line() -> None:
    assert describe(revision(2, V1, 0, CRASHED)) == "ExitCode1: Container failed"
    assert describe(revision(2, V1, 0, condition("Ready", "False", 0, "A", "b\nc"))) == "A: b c"
    assert describe(revision(2, V1)) == "no reason given"
    assert describe(None) == "the Revision is not shown"
    assert len(describe(revision(2, V1, 0, condition("Ready", "False", 0, "A", "b" * 999)))) == 200
    assert (
        describe(revision(2, V1, 0, condition("Ready", "Unknown"), condition("ContainerHealthy", "False", 0, "X")))
        == "X"
    )


def test_what_was_scaled_away_for_good_is_told() -> None:
    gone = revision(2, V1, 0, UNSCHEDULABLE, condition("Active", "False"))
    assert is_scaled_away(gone)
    assert not is_scaled_away(revision(2, V1, 0, UNSCHEDULABLE, condition("Active", "True")))
    assert lacks_capacity(gone)


def test_the_first_condition_of_a_type_counts() -> None:
    first, second = condition("Ready", "False", 0, "ExitCode1"), condition("Ready", "False", 1, "ExitCode2")
    assert find_condition([first, second], "Ready") is first
    assert find_condition([first], "Active") is None


def test_conditions_that_contradict_each_other_are_unknown_until_they_agree() -> None:
    yes, no = condition("Ready", "True"), condition("Ready", "False", 0, "ExitCode1")
    for stated in ((yes, no), (no, yes), (yes, yes, no)):
        found = find_condition(stated, "Ready")
        assert found is not None
        assert (found.status, found.reason) == ("Unknown", "Contradictory")
        assert not has_status(stated, "Ready", "True")
        assert not has_status(stated, "Ready", "False")
    assert find_condition((yes, yes), "Ready") is yes
