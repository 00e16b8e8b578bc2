"""What people are told: the message of every case of the table, and the explanation of some recorded moments.

`python -m tests.core.told` writes both into `tests/data/decisions`, to be read again by eye after a change of words.
"""

from collections.abc import Iterator
from pathlib import Path

from gitops_rollout.core.decide import decide_component
from gitops_rollout.core.explain import Explanation, explain
from tests.core.replay import replay
from tests.core.test_table import CASES

FOLDER = Path(__file__).parents[1] / "data" / "decisions"
# Scenario, step (from 0): the moment in which it came to rest.
MOMENTS = (("A", 1), ("C", 1), ("C", 3), ("F", 3), ("G", 0), ("H", 6), ("J", 3), ("K", 3), ("M", 1))


def messages() -> str:
    lines = []
    for row, outcome, _, seen in CASES:
        lines.append(f"{row:>2} {outcome}: {decide_component(seen).message}\n")
    return "".join(lines)


def explanations() -> str:
    lines: list[str] = []
    for scenario, number in MOMENTS:
        step, decided = replay(scenario)[number]
        lines.append(f"# {scenario}: {step.title}")
        for component, seen in decided[-1].observation.components.items():
            lines += [f"{component}", *_lines(explain(seen)), ""]
    return "".join(f"{line}\n" for line in lines)


def _lines(told: Explanation) -> Iterator[str]:
    yield f"  {told.decision.action} {told.decision.reason}: {told.decision.message}"
    for row in told.rows:
        if row.checks or row.decides:
            yield f"  {'>' if row.decides else ' '} {row.number:>2}  {row.title}"
            yield from (f"          {'yes' if one.holds else 'no ':3}  {one.asks}: {one.saw}" for one in row.checks)


def main() -> None:
    (FOLDER / "messages.txt").write_text(messages(), encoding="utf-8")
    (FOLDER / "explained.txt").write_text(explanations(), encoding="utf-8")


if __name__ == "__main__":
    main()
