"""The words that people read are those that were read by eye: after a change, `python -m tests.core.told` and look."""

from dataclasses import replace

from gitops_rollout.core.explain import explain
from tests.core.observations import ONE, STABLE
from tests.core.told import FOLDER, explanations, messages


def test_the_message_of_every_case_of_the_table() -> None:
    assert messages() == (FOLDER / "messages.txt").read_text(encoding="utf-8")


def test_the_explanation_of_recorded_moments() -> None:
    assert explanations() == (FOLDER / "explained.txt").read_text(encoding="utf-8")


def test_revisions_that_share_a_name_alone_are_told_apart() -> None:
    again = replace(ONE, uid="uid-9")
    told = explain(replace(STABLE, created=again))
    saw = next(check.saw for check in told.rows[7].checks if check.asks == "created is not ready")
    assert saw == f"created and ready are both called {ONE.name}, and are not the same (uids uid-9, uid-1)"
