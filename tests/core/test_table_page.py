"""The page that users read says what the table does."""

import re
from pathlib import Path

from gitops_rollout.core.decide import ROWS
from tests.core.test_table import CASES

PAGE = (Path(__file__).parents[2] / "docs" / "decision-table.md").read_text()
LINES = [
    [cell.strip() for cell in line.strip("|\n").split(" | ")] for line in re.findall(r"^\| \d.*", PAGE, re.MULTILINE)
]


def test_the_page_has_every_row_with_its_title_and_conditions() -> None:
    stated = [(row.number, row.title, "; ".join(condition.text for condition in row.conditions)) for row in ROWS]
    assert [(int(number), title, conditions) for number, title, conditions, _ in LINES] == stated


def test_the_page_names_every_code_of_a_row_and_no_other() -> None:
    for number, _, _, decision in LINES:
        named = set(re.findall(r"`([a-z-]+)`", decision))
        decided = {outcome.split()[1] for row, outcome, *_ in CASES if row == int(number)}
        assert named == decided, number
