"""The page about `check` lists what the code has."""

from pathlib import Path

from gitops_rollout.core.hazards import RULES

PAGE = Path(__file__).parents[2] / "docs" / "check.md"


def test_the_page_lists_every_hazard_in_order() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    patch = {True: "yes", False: ""}
    expected = [f"| `{rule.code}` | {rule.level} | {rule.title} | {patch[rule.mendable]} |" for rule in RULES]
    assert rows == expected
