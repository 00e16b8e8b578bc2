"""The report as people read it: on a terminal, in a CI log, as Markdown."""

import re
from dataclasses import replace

import pytest

from gitops_rollout.cli.output import report_text
from gitops_rollout.model.change import Did, PullReport, PullState
from gitops_rollout.model.decision import Reason
from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.model.targets import Skipped, TargetKey
from gitops_rollout.report import as_markdown
from gitops_rollout.report.as_markdown import to_markdown
from gitops_rollout.report.as_text import to_text
from gitops_rollout.report.words import pulls_tally
from tests.report import samples

LONG = "the revision that the rest of the traffic needs is gone from the cluster, and nothing can bring it back " * 2


def run_report() -> RunReport:
    return samples.report(
        samples.target(samples.promotion()),
        samples.target(samples.hold(Reason.BASELINE_GONE, LONG, alarm=True), TargetKey("prod", "fraud", "gone")),
        samples.target(samples.hold(), TargetKey("prod", "fraud", "waiting")),
        skipped=(Skipped("bad.yaml", 3, "unparsable", "a tab where none may be"),),
    )


def test_the_text_says_what_was_found_decided_done_and_skipped() -> None:
    lines = to_text(run_report()).splitlines()
    (promoted,) = [line for line in lines if "prod/fraud/score" in line]
    assert promoted.split()[:7] == ["promote", "50", "%", "→", "none", "prod/fraud/score", "soaked"]
    assert "#12 created" in promoted
    assert "1 promote, 1 hold, 1 alarm of 3 targets" in lines
    assert "skipped bad.yaml:3 (unparsable): a tab where none may be" in lines


def test_alarms_come_first_and_no_line_of_a_log_is_wrapped() -> None:
    rows = [line for line in to_text(run_report()).splitlines() if "prod/fraud/" in line]
    assert "prod/fraud/gone" in rows[0]
    assert LONG.strip() in rows[0]


def test_a_terminal_gets_lines_that_fit_and_colour() -> None:
    text = to_text(run_report(), width=80, colour=True)
    assert "\x1b[" in text
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in text.splitlines()) <= 80


def test_quiet_leaves_out_what_only_waits_but_counts_it() -> None:
    text = to_text(run_report(), quiet=True)
    assert "waiting" not in text
    assert "1 hold" in text
    assert "gone" in text


@pytest.mark.parametrize("colour", [True, False])
def test_text_from_outside_commands_nothing(colour: bool) -> None:
    decision = samples.hold(message="[bold]x[/bold] :smile: \x1b]0;title\x07\n::error::x ##vso[a]", alarm=True)
    text = to_text(samples.report(samples.target(decision)), width=200, colour=colour)
    assert "[bold]x[/bold] :smile:" in text
    assert "\x1b]" not in text
    assert not re.search(r"^\s*::", text, re.MULTILINE)
    assert "##vso[" not in text


def test_ci_is_quiet_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert report_text(run_report(), "text") == to_text(run_report(), quiet=True)
    monkeypatch.delenv("CI")
    assert report_text(run_report(), "text") == to_text(run_report())


def test_what_became_of_pull_requests_is_counted_by_number() -> None:
    def did(what: Did, number: int, name: str) -> TargetReport:
        pull = PullReport(number, None, PullState.OPEN, what)
        return replace(samples.target(samples.promotion(), TargetKey("prod", "fraud", name)), pull=pull)

    found = samples.report(did(Did.FOUND, 7, "a"), did(Did.FOUND, 7, "b"))
    assert pulls_tally(found) == "pull requests: 1 found, nothing written"
    assert pulls_tally(samples.report(did(Did.CREATED, 1, "a"), did(Did.FOUND, 2, "b"))).endswith("1 created, 1 found")
    assert pulls_tally(samples.report(did(Did.NONE, 1, "a"), did(Did.FOUND, 2, "b"))) == "pull requests: 1 found"
    assert pulls_tally(samples.report()) == ""


def test_an_empty_run_says_so() -> None:
    assert "no targets were found" in to_text(samples.report())
    assert "no targets were found" in to_markdown(samples.report())


def test_the_markdown_has_sections_diffs_and_a_link() -> None:
    text = to_markdown(run_report())
    assert text.index("Needs somebody") < text.index("prod/fraud/gone") < text.index("#### Changes")
    assert "(<https://git.example/pulls/12>)" in text
    assert "```diff\n--- a/clusters/prod/score.yaml" in text
    assert text.count("<details>") == text.count("</details>") == 2


def test_markdown_tables_keep_their_columns_whatever_is_in_them() -> None:
    decision = samples.hold(message="a | b\n| c |", alarm=True)
    (row,) = [line for line in to_markdown(samples.report(samples.target(decision))).splitlines() if "fraud" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


def test_markdown_that_would_be_too_long_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = to_markdown(run_report())
    monkeypatch.setattr(as_markdown, "LIMIT", len(whole.encode()) - 50)
    shorter = to_markdown(run_report())
    assert len(shorter.encode()) <= as_markdown.LIMIT
    assert "left out here" in shorter
    assert shorter.count("<details>") == shorter.count("</details>")
