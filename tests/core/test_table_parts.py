"""No part of the table is there for nothing: each row, condition and flag that is changed changes some decision."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.decide import ROWS
from gitops_rollout.core.decide.rows import Row
from gitops_rollout.model.observation import Observation
from tests.core.observations import observations
from tests.core.test_table import CASES

# Row and condition that follow from the rows above: they stand there so that a row can be read by itself.
FOLLOWS = [
    (9, "created = ready"),
    (10, "created = ready"),
    (15, "a new spec"),
    (16, "a new spec"),
    (16, "created = ready"),
    (16, "ready is not rolled"),
    (19, "percent 1 to 99"),
    (20, "percent 1 to 99"),
    (20, "created = ready"),
    (21, "created = ready"),
    (21, "ready is not rolled"),
]
PARTS = [(row.number, condition.text) for row in ROWS for condition in row.conditions]


def outcome(rows: Sequence[Row], seen: Observation) -> tuple[object, ...] | None:
    row = next((row for row in rows if row.matches(seen)), None)
    if row is None:
        return None
    decision = row.decide(seen)
    return decision.row, decision.action, decision.reason, decision.alarm, decision.to


def changed(rows: Sequence[Row]) -> list[int]:
    """The rows of the cases that another table decides otherwise."""
    return [number for number, _, _, seen in CASES if outcome(rows, seen) != outcome(ROWS, seen)]


def without(number: int, text: str) -> list[Row]:
    """The table with one condition of one row taken out."""
    row = ROWS[number - 1]
    less = replace(row, conditions=tuple(one for one in row.conditions if one.text != text))
    return [less if one is row else one for one in ROWS]


@pytest.mark.parametrize("gone", range(1, 23))
def test_removing_any_row_changes_what_it_decided(gone: int) -> None:
    assert gone in changed([row for row in ROWS if row.number != gone])


@pytest.mark.parametrize(("number", "text"), [part for part in PARTS if part not in FOLLOWS])
def test_removing_any_condition_changes_a_decision(number: int, text: str) -> None:
    if text != "anything else":
        assert changed(without(number, text))


@pytest.mark.parametrize("number", range(1, 23))
@pytest.mark.parametrize("flag", ["watched", "needs_history"])
def test_each_flag_of_a_row_changes_a_decision(number: int, flag: str) -> None:
    row = ROWS[number - 1]
    if getattr(row, flag):
        assert number in changed([replace(one, **{flag: False}) if one is row else one for one in ROWS])


@given(observations(), st.sampled_from(FOLLOWS))
def test_what_follows_from_the_rows_above_changes_nothing(seen: Observation, part: tuple[int, str]) -> None:
    assert outcome(without(*part), seen) == outcome(ROWS, seen)


@pytest.mark.parametrize("upper", range(1, 22))
def test_exchanging_neighbours_changes_a_decision_or_they_exclude_each_other(upper: int) -> None:
    rows = [*ROWS[: upper - 1], ROWS[upper], ROWS[upper - 1], *ROWS[upper + 1 :]]
    both = [seen for *_, seen in CASES if ROWS[upper - 1].matches(seen) and ROWS[upper].matches(seen)]
    assert bool(changed(rows)) == bool(both)
