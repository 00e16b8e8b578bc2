"""Why a component was decided as it was: each row in order, what it looked at, and what of it did not hold."""

from dataclasses import dataclass

from gitops_rollout.core.decide.component import decide_component
from gitops_rollout.core.decide.rows import ROWS
from gitops_rollout.model.decision import ComponentDecision
from gitops_rollout.model.observation import Observation


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a row: what it asks, what was seen, and whether that is so."""

    asks: str
    saw: str
    holds: bool


@dataclass(frozen=True, slots=True)
class RowExplanation:
    """One row. `decides`: its decision counts; rows after that one are not looked at and have no checks."""

    number: int
    title: str
    checks: tuple[Check, ...] = ()
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """All rows of the table for one component, and what came of it."""

    rows: tuple[RowExplanation, ...]
    decision: ComponentDecision


def explain(observation: Observation) -> Explanation:
    """The table, row by row, for one observation."""
    decision = decide_component(observation)
    rows: list[RowExplanation] = []
    for row in ROWS:
        is_reached = decision.row and row.number <= decision.row
        checks = tuple(
            Check(condition.text, condition.sees(observation), condition.holds(observation))
            for condition in (row.conditions if is_reached else ())
        )
        rows.append(RowExplanation(row.number, row.title, checks, decides=row.number == decision.row))
    return Explanation(tuple(rows), decision)
