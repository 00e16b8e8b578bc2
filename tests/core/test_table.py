"""Each row and each code of the decision table, by name."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitops_rollout.core.decide import ROWS, decide_component
from gitops_rollout.model.engines import Delivery, Obstacle, Reached
from gitops_rollout.model.observation import Bake, Evidence, Observation, Readiness, RevisionRef, Verdict
from tests.core.observations import (
    ACTIVE,
    AT_ZERO,
    BAKING,
    HARM,
    NEW,
    OLD,
    ONE,
    PENDING,
    PENDING_AT_ZERO,
    STABLE,
    THREE,
    TWO,
    UNGUARDED,
    but,
)

FAILED, OVERDUE, FULL = Readiness.FAILED, Readiness.OVERDUE, Readiness.NO_CAPACITY
USABLE = Bake(open=True, failing=True, previous_usable=True)
RESTORED = but(AT_ZERO, restored=True, model=OLD)
RESTORING = but(PENDING_AT_ZERO, restored=True, model=OLD)
BAD_BASELINE = {"baseline_known_bad": True}
FAILING = but(PENDING, created_readiness=FAILED, canary_failing=True)
WRONG = but(PENDING, ready=THREE, ready_is_bad=True)

# row, outcome (`alarm` for a hold that is one), the percent it writes (`-` where it writes none), what was observed
PAUSED = Delivery("Flux Kustomization flux/models", Reached.NO, Obstacle.PAUSED, "not applied", "spec.suspend")
BROKEN = replace(PAUSED, obstacle=Obstacle.FAILED)

CASES: list[tuple[int, str, object, Observation]] = [
    (1, "hold missing", "-", but(STABLE, present=False)),
    (1, "hold missing", "-", but(STABLE, present=False, mode_without_traffic="Standard")),
    (2, "alarm ignored-field", "-", but(ACTIVE, ignored_field="spec.predictor.model")),
    (2, "alarm invalid-percent", "-", but(ACTIVE, desired=None, invalid_percent="150")),
    (2, "alarm ignored-field", "-", but(ACTIVE, ignored_field="spec", stopped=True)),
    (3, "hold stopped", "-", but(ACTIVE, stopped=True)),
    (3, "hold stopped", "-", but(HARM, stopped=True, inert=True)),
    (3, "hold inert", "-", but(HARM, inert=True)),
    (4, "rollback analysis-failed", 0, HARM),
    (4, "rollback harm", 0, but(HARM, in_sync=False)),
    (4, "rollback harm", 0, but(HARM, settled=False, not_created=True)),
    (4, "rollback harm", 0, but(HARM, created=THREE)),
    (4, "rollback harm", 0, but(HARM, routes_missing=True, settled=False)),
    (4, "rollback harm", 0, but(HARM, live=60, in_sync=False)),
    (5, "hold out-of-sync", "-", but(HARM, live=None, in_sync=False)),
    (5, "hold out-of-sync", "-", but(HARM, live=0, in_sync=False)),
    (5, "hold out-of-sync", "-", but(HARM, live=100, in_sync=False)),
    (5, "hold out-of-sync", "-", but(HARM, desired=0, in_sync=False)),
    (5, "hold out-of-sync", "-", but(HARM, in_sync=False, baseline_ready=False)),
    (5, "hold out-of-sync", "-", but(HARM, in_sync=False, baseline_known_bad=True)),
    (5, "hold out-of-sync", "-", but(HARM, in_sync=False, rolled=None)),
    (5, "hold out-of-sync", "-", but(HARM, in_sync=False, harmful=ONE)),
    (5, "alarm out-of-sync", "-", but(ACTIVE, in_sync=False, sync_overdue=True, owner="kubectl-edit")),
    (5, "alarm out-of-sync", "-", but(ACTIVE, in_sync=False, live=0, zeroed_by_hand=True, delivery=PAUSED)),
    (5, "hold engine-paused", "-", but(ACTIVE, in_sync=False, delivery=PAUSED)),
    (5, "alarm engine-paused", "-", but(ACTIVE, in_sync=False, sync_overdue=True, delivery=PAUSED)),
    (5, "alarm sync-failed", "-", but(ACTIVE, in_sync=False, delivery=BROKEN)),
    (5, "hold out-of-sync", "-", but(ACTIVE, in_sync=False, delivery=replace(PAUSED, reached=Reached.YES))),
    (6, "alarm baseline-gone", "-", but(ACTIVE, routes_missing=True, settled=False)),
    (7, "hold settling", "-", but(ACTIVE, settled=False)),
    (7, "alarm settling", "-", but(ACTIVE, settled=False, settle_overdue=True)),
    (7, "alarm not-created", "-", but(ACTIVE, settled=False, not_created=True)),
    (8, "hold pending", "-", UNGUARDED),
    (8, "hold pending", "-", but(UNGUARDED, desired=100, live=100)),
    (8, "hold no-capacity", "-", but(UNGUARDED, created_readiness=FULL)),
    (8, "alarm failed-unguarded", "-", but(UNGUARDED, created_readiness=FAILED)),
    (8, "alarm failed-unguarded", "-", but(UNGUARDED, created_readiness=OVERDUE)),
    (8, "alarm failed-unguarded", "-", but(UNGUARDED, created_readiness=FAILED, **BAD_BASELINE)),
    (8, "alarm baseline-known-bad", "-", but(UNGUARDED, **BAD_BASELINE)),
    (9, "promote cleanup", None, but(STABLE, desired=100, live=100)),
    (9, "hold known-bad", "-", but(STABLE, desired=100, live=100, known_bad=True, restored=False)),
    (10, "stable stable", "-", STABLE),
    (10, "stable stable", "-", but(STABLE, **BAD_BASELINE)),
    (10, "stable stable", "-", BAKING),
    (10, "stable stable", "-", but(BAKING, bake=Bake(failing=True, previous_usable=True))),
    (10, "stable stable", "-", but(BAKING, bake=Bake(open=True, previous_usable=True))),
    (10, "rollback bake-failed", 0, but(BAKING, bake=USABLE)),
    (11, "alarm no-baseline", "-", but(ACTIVE, rolled=None)),
    (11, "alarm no-baseline", "-", but(AT_ZERO, rolled=None)),
    (12, "promote nothing-to-split", None, but(STABLE, desired=0, live=0)),
    (12, "alarm zero-serves", "-", but(STABLE, desired=0, live=0, zeroed=True)),
    (12, "hold history-too-shallow", "-", but(STABLE, desired=0, live=0, history_complete=False)),
    (13, "promote restored", None, RESTORED),
    (13, "promote restored", None, but(RESTORED, zeroed=True, known_bad=True, **BAD_BASELINE)),
    (13, "hold restoring", "-", RESTORING),
    (13, "hold restoring", "-", but(RESTORING, created_readiness=FULL)),
    (13, "alarm restore-failed", "-", but(RESTORING, created_readiness=FAILED)),
    (13, "alarm restore-failed", "-", but(RESTORING, created_readiness=OVERDUE)),
    (13, "alarm baseline-known-bad", "-", but(RESTORING, **BAD_BASELINE)),
    (14, "hold rolled-back", "-", but(AT_ZERO, zeroed=True)),
    (14, "hold rolled-back", "-", but(AT_ZERO, zeroed=True, known_bad=True)),
    (14, "hold known-bad", "-", but(AT_ZERO, known_bad=True)),
    (14, "hold known-bad", "-", but(PENDING_AT_ZERO, known_bad=True, created_readiness=FAILED)),
    (14, "alarm baseline-known-bad", "-", but(AT_ZERO, zeroed=True, **BAD_BASELINE)),
    (15, "hold pending", "-", PENDING_AT_ZERO),
    (15, "hold failed-at-zero", "-", but(PENDING_AT_ZERO, created_readiness=FAILED)),
    (15, "hold failed-at-zero", "-", but(PENDING_AT_ZERO, created_readiness=OVERDUE)),
    (15, "hold no-capacity", "-", but(PENDING_AT_ZERO, created_readiness=FULL)),
    (15, "alarm baseline-known-bad", "-", but(PENDING_AT_ZERO, **BAD_BASELINE)),
    (16, "start ready-at-zero", 10, AT_ZERO),
    (16, "hold window-closed", "-", but(AT_ZERO, window_open=False)),
    (16, "alarm unrecognised", "-", but(AT_ZERO, first_step=None)),
    (16, "hold history-too-shallow", "-", but(AT_ZERO, history_complete=False)),
    (17, "alarm tracking-regressed", "-", but(ACTIVE, regressed=True, previous=ONE)),
    (21, "step soaked", 25, but(ACTIVE, regressed=True, previous=THREE)),
    (21, "step soaked", 25, but(ACTIVE, regressed=False, previous=ONE)),
    (18, "alarm baseline-known-bad", "-", but(HARM, **BAD_BASELINE)),
    (18, "alarm baseline-not-ready", "-", but(HARM, baseline_ready=False)),
    (18, "alarm baseline-known-bad", "-", but(HARM, baseline_ready=False, **BAD_BASELINE)),
    (18, "alarm baseline-not-ready", "-", but(ACTIVE, named_by_rollback=True, baseline_ready=False)),
    (18, "alarm baseline-not-ready", "-", but(FAILING, baseline_ready=False)),
    (19, "hold pending", "-", PENDING),
    (19, "hold no-capacity", "-", but(PENDING, created_readiness=FULL)),
    (19, "rollback canary-failed", 0, FAILING),
    (19, "rollback deadline-exceeded", 0, but(PENDING, created_readiness=OVERDUE, canary_failing=True)),
    (19, "rollback wrong-revision-served", 0, WRONG),
    (19, "rollback wrong-revision-served", 0, but(WRONG, created_readiness=FULL)),
    (19, "rollback canary-failed", 0, but(WRONG, created_readiness=FAILED, canary_failing=True)),
    (19, "hold pending", "-", but(WRONG, ready=ONE)),
    (19, "hold pending", "-", but(WRONG, ready=None)),
    (19, "hold pending", "-", but(WRONG, ready_is_bad=False)),
    (19, "alarm baseline-known-bad", "-", but(WRONG, **BAD_BASELINE)),
    (19, "alarm baseline-not-ready", "-", but(WRONG, baseline_ready=False)),
    (19, "alarm baseline-known-bad", "-", but(PENDING, **BAD_BASELINE)),
    (20, "promote nothing-to-split", None, but(STABLE, desired=10, live=10)),
    (21, "step soaked", 25, ACTIVE),
    (21, "step soaked", 25, but(ACTIVE, verdict=Verdict.PASS)),
    (21, "promote soaked", None, but(ACTIVE, next_step=None)),
    (21, "hold soaking", "-", but(ACTIVE, soaked=False)),
    (21, "hold soaking", "-", but(ACTIVE, soaked=False, window_open=False)),
    (21, "hold window-closed", "-", but(ACTIVE, window_open=False)),
    (21, "hold no-data", "-", but(ACTIVE, verdict=Verdict.NO_DATA, soaked=False)),
    (21, "hold inconclusive", "-", but(ACTIVE, verdict=Verdict.INCONCLUSIVE)),
    (21, "rollback analysis-failed", 0, but(ACTIVE, named_by_rollback=True, known_bad=True, window_open=False)),
    (21, "rollback analysis-failed", 0, but(ACTIVE, verdict=Verdict.FAIL, soaked=False)),
    (21, "hold known-bad", "-", but(ACTIVE, known_bad=True)),
    (21, "hold history-too-shallow", "-", but(ACTIVE, history_complete=False)),
    (20, "promote nothing-to-split", None, but(STABLE, desired=10, live=10, regressed=True, previous=ONE)),
    (22, "alarm unrecognised", "-", but(ACTIVE, desired=None, live=None)),
    (22, "alarm unrecognised", "-", but(ACTIVE, desired=None, live=None, regressed=True, previous=ONE)),
    (22, "alarm unrecognised", "-", but(ACTIVE, desired=None, live=None, canary_failing=True, baseline_ready=False)),
    (22, "alarm unrecognised", "-", but(STABLE, rolled=None)),
]  # fmt: skip


@pytest.mark.parametrize(("row", "outcome", "to", "seen"), CASES)
def test_the_table_decides(row: int, outcome: str, to: object, seen: Observation) -> None:
    decision = decide_component(seen)
    word = "alarm" if decision.alarm else str(decision.action)
    assert (decision.row, f"{word} {decision.reason}") == (row, outcome)
    is_changing = outcome.split()[0] in ("promote", "rollback", "step", "start")
    assert to == (decision.to if is_changing else "-")
    assert decision.message
    assert decision.component is seen.component


def test_rows_are_numbered_in_order() -> None:
    assert [row.number for row in ROWS] == list(range(1, 23))


@pytest.mark.parametrize(("row", "outcome", "to", "seen"), CASES)
def test_the_first_row_that_matches_is_the_one(row: int, outcome: str, to: object, seen: Observation) -> None:
    assert not [one.number for one in ROWS[: row - 1] if one.matches(seen)]
    assert ROWS[row - 1].matches(seen)


def test_a_service_without_revisions_to_split_is_not_for_the_table() -> None:
    decision = decide_component(but(STABLE, mode_without_traffic="Standard", settled=False))
    assert (decision.row, decision.reason) == (0, "not-tracked")
    assert "Standard" in decision.message


def test_a_rollback_names_the_model_that_it_takes_back() -> None:
    assert decide_component(HARM).marker_model == NEW
    assert decide_component(but(PENDING, created_readiness=FAILED)).marker_model == NEW
    assert decide_component(but(ACTIVE, named_by_rollback=True)).marker_model == NEW
    assert decide_component(but(BAKING, bake=USABLE)).marker_model == NEW
    assert decide_component(WRONG).marker_model == THREE.model
    assert decide_component(but(HARM, created=THREE, model="aaaaaaaaaaaa")).marker_model == NEW


def test_a_marker_never_names_the_baselines_own_model() -> None:
    twin = RevisionRef("iris-predictor-00002", "uid-2", OLD)
    for seen in (
        but(HARM, harmful=twin, ready=twin, created=twin, model=OLD),
        but(PENDING, created=twin, created_readiness=FAILED, model=OLD),
        but(ACTIVE, named_by_rollback=True, model=OLD),
    ):
        decision = decide_component(seen)
        assert (decision.action, decision.marker_model) == ("rollback", None)


def test_candidates_and_baselines_are_the_revisions_concerned() -> None:
    harm = decide_component(but(HARM, created=THREE))
    assert (harm.candidate, harm.baseline) == (TWO, ONE)
    wrong = decide_component(WRONG)
    assert (wrong.candidate, wrong.baseline) == (THREE, ONE)
    bake = decide_component(but(BAKING, bake=USABLE))
    assert (bake.candidate, bake.baseline) == (TWO, ONE)
    failed = decide_component(but(PENDING, created_readiness=FAILED))
    assert (failed.candidate, failed.baseline) == (TWO, ONE)
    step = decide_component(ACTIVE)
    assert (step.candidate, step.baseline) == (TWO, ONE)
    assert decide_component(STABLE).candidate is None


def test_an_equal_name_with_another_uid_is_another_revision() -> None:
    again = RevisionRef(ONE.name, "uid-9", OLD)
    assert decide_component(but(STABLE, rolled=again)).row == 22
    assert decide_component(but(STABLE, rolled=RevisionRef(ONE.name))).row == 10
    assert decide_component(but(HARM, harmful=again)).row == 4


def test_messages_say_what_was_seen() -> None:
    difference = but(ACTIVE, in_sync=False, difference="predictor.storageUri is not live", sync_overdue=True)
    assert "predictor.storageUri" in decide_component(difference).message
    assert "its owner is not shown" in decide_component(difference).message
    assert "kubectl-edit" in decide_component(but(difference, owner="kubectl-edit")).message
    unclear = but(ACTIVE, verdict=Verdict.NO_DATA, evidence=(Evidence("p99", None, 1.0, Verdict.NO_DATA, "no value"),))
    assert "p99: no value" in decide_component(unclear).message
    assert (
        "ImagePullBackOff"
        in decide_component(but(PENDING, created_readiness=FAILED, readiness_message="ImagePullBackOff")).message
    )


def test_a_deadline_names_its_candidate_and_a_closed_window_says_when_it_opens() -> None:
    late = decide_component(but(PENDING, created_readiness=OVERDUE))
    assert (late.candidate, late.marker_model) == (TWO, NEW)
    opens = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for seen in (ACTIVE, AT_ZERO):
        assert decide_component(but(seen, window_open=False, window_opens_at=opens)).not_before == opens
