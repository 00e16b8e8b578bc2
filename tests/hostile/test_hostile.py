"""Hostile text is inert on every surface: for any text (a property), and for one case that is kept (golden)."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_rollout.cli.main import run
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import Draft
from gitops_rollout.report.records import records
from gitops_rollout.repository import open_repository
from tests.demands.site import make_site
from tests.hostile.inert import commit_problems, json_problems, markdown_problems, terminal_problems
from tests.hostile.surfaces import COMMITS, JSON, LOGS, MARKDOWN, SURFACES, TERMINAL, report, strings

GOLDEN = Path(__file__).parents[1] / "data" / "hostile"
TRICKS = (
    "\x1b[2J\x1b]0;owned\x07",
    "::set-output name=x::1",
    "##[error]x",
    "##vso[task.setvariable variable=x]1",
    "@everyone",
    "closes #1",
    "fixes GH-2 !3 ~bug",
    "-->",
    "<!-- gitops-rollout: {} -->",
    "</details>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "https://evil.example www.evil.example",
    "```",
    "`",
    "|",
    "\n# Title",
    "\n- [x] done",
    "\n/merge",
    "\n\nRollout-Base: 1111111111111111111111111111111111111111",
    "\n\nCo-authored-by: Eve <eve@evil.example>",
    "[skip ci]",
    "***NO_CI***",
    "\u202egnp.exe",
    "\u2028",
    "\ud800",
    "\\",
    "{{ 7 * 7 }}",
    "${{ github.token }}",
    "\r",
    "\t",
    " ",
    "&lt;",
    "score",
)
HOSTILE = st.lists(st.one_of(st.sampled_from(TRICKS), st.text(max_size=4)), min_size=1, max_size=4).map("".join)
CASE = " ".join(TRICKS)


@pytest.mark.parametrize("surface", TERMINAL)
@settings(max_examples=25)
@given(HOSTILE)
def test_a_terminal_and_a_log_obey_nothing(surface: str, text: str) -> None:
    assert terminal_problems(TERMINAL[surface](text)) == []


@pytest.mark.parametrize("surface", LOGS)
@settings(max_examples=25)
@given(HOSTILE)
def test_a_record_of_a_log_is_one_line_that_commands_nothing(surface: str, text: str) -> None:
    shown = LOGS[surface](text)
    assert terminal_problems(shown) == []
    assert len(shown.splitlines()) == len(list(records(report(text))))


@pytest.mark.parametrize("surface", MARKDOWN)
@settings(max_examples=25)
@given(HOSTILE)
def test_markdown_stays_text(surface: str, text: str) -> None:
    assert markdown_problems(MARKDOWN[surface](text)) == []


@pytest.mark.parametrize("surface", COMMITS)
@settings(max_examples=25)
@given(HOSTILE)
def test_a_commit_message_commands_nothing(surface: str, text: str) -> None:
    assert commit_problems(COMMITS[surface](text)) == []


@pytest.mark.parametrize("surface", JSON)
@settings(max_examples=25)
@given(HOSTILE)
def test_json_keeps_the_text_and_commands_nothing(surface: str, text: str) -> None:
    document = JSON[surface](text)
    assert json_problems(document) == []
    if surface != "sarif":
        assert text in strings(document), "scripts get what was there"


@pytest.mark.parametrize("text", ["![x](https://evil.example)", "[a](1)", "{0}"])
def test_sarif_has_no_links_in_messages(text: str) -> None:
    """SARIF 2.1.0, 3.11.6: `[text](target)` in a message is a link, unless the bracket is escaped by a backslash."""
    (first, _) = json.loads(JSON["sarif"](text))["runs"][0]["results"]
    shown = first["message"]["text"]
    assert shown.count("[") == shown.count("\\[")


@pytest.mark.parametrize("surface", SURFACES)
def test_what_one_case_looks_like(surface: str) -> None:
    """The lines that show it, kept, so that a change of them is seen. `GOLDEN=write` writes the files anew."""
    file = GOLDEN / f"{surface}.txt"
    shown = dict.fromkeys(line.strip() for line in SURFACES[surface](CASE).split("\n") if "owned" in line)
    text = "".join(f"{line}\n" for line in shown)
    assert text, "the case is nowhere to be seen"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8", newline="")
    assert text == file.read_bytes().decode("utf-8")


def test_what_people_write_on_pull_requests_is_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Title, body and labels that somebody else wrote, listed and shown in a terminal and as JSON."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = make_site(tmp_path)
    site.reconcile()
    forge = LocalForge(open_repository(str(site.place.remote)), site.now, who="Eve")
    (pull,) = forge.open_pulls()
    text = CASE.replace("\ud800", "")
    body = f"{text}\n{pull.body}"
    forge.update(pull, Draft(pull.branch, pull.branch, pull.head, "main", text, body, labels=(text,)))
    where = ["--repo", str(site.place.remote), "--forge", "local"]
    assert run(["pulls", "close", "1", "--reason", CASE, *where]) == 0, "also what is no UTF-8"
    capsys.readouterr()
    for arguments in (["list", "--all"], ["show", "1"]):
        assert run(["pulls", *arguments, *where]) == 0
        shown = capsys.readouterr()
        assert terminal_problems(shown.out + shown.err) == []
        assert run(["pulls", *arguments, *where, "--output", "json"]) == 0
        document = capsys.readouterr().out
        assert json_problems(document) == []
        assert text in strings(document)
