"""The demo, as a person sees it, and what the README quotes of it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.report.as_json import plan_schema
from tests.cli.terminal import on_a_terminal

README = Path(__file__).parent.parent.parent / "README.md"
QUOTED = re.compile(r"<!-- demo -->\n```text\n\$ make demo\n(.*?)```\n<!-- /demo -->", re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "here"


@pytest.fixture(scope="module")
def shown(place: Path) -> str:
    return on_a_terminal(sys.executable, "-m", "gitops_rollout", "demo", "--folder", str(place))


def git(place: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=place, check=True, capture_output=True, text=True).stdout


def test_every_action_and_many_rows_are_shown(shown: str) -> None:
    plan = shown.partition("2. Do it")[0]
    for action in ("promote", "rollback", "step", "start", "hold", "alarm", "stable"):
        assert re.search(rf"^{action} ", plan, re.MULTILINE), action
    for reason in (
        "soaked", "restored", "cleanup", "canary-failed", "ready-at-zero", "soaking", "pending", "rolled-back",
        "stopped", "missing", "out-of-sync", "ignored-field", "invalid-percent", "baseline-gone", "stable",
    ):  # fmt: skip
        assert re.search(rf"^\S.* {reason}\b", plan, re.MULTILINE), reason


def test_the_second_run_writes_nothing(shown: str) -> None:
    again = shown.partition("3. Again")[2].partition("4. The pull requests")[0]
    assert "8 found, nothing written" in again


def test_each_pull_request_is_one_commit_on_the_base_that_changes_one_line(shown: str, place: Path) -> None:
    first = git(place / "models.git", "rev-list", "--first-parent", "main^1", "-1").strip()
    branches = git(place / "models.git", "for-each-ref", "--format=%(refname)", "refs/heads/gitops-rollout").split()
    assert len(branches) == 7
    for branch in branches:
        assert git(place / "models.git", "rev-parse", f"{branch}^").strip() == first
        added, removed, _ = git(place / "models.git", "diff", "--numstat", first, branch).split("\t")
        assert (added, removed) in {("1", "1"), ("0", "1")}


def test_the_merge_is_on_the_base_and_the_clone_is_as_it_was(shown: str, place: Path) -> None:
    assert "#4 merged" in shown
    assert git(place / "models.git", "log", "-1", "--format=%s", "main").startswith("Merge #4: Promote")
    assert git(place / "models", "status", "--porcelain", "--branch") == "## main...origin/main\n"


def test_what_the_readme_quotes_is_what_the_demo_says(shown: str, place: Path) -> None:
    quoted = QUOTED.search(README.read_text())
    assert quoted is not None
    said = iter(shown.replace(str(place), "/tmp/gitops-rollout-demo").split("\n"))  # noqa: S108  # only text
    for line in quoted[1].rstrip("\n").split("\n"):
        assert line == "…" or line in said, f"the README quotes what the demo does not say (here): {line!r}"


def test_the_plan_is_valid_by_the_published_schema_and_the_same_each_time(
    shown: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place / "models")
    sources = (f"{name}=snapshot:../live/{name}.json" for name in ("prod-eu", "prod-us", "staging"))
    monkeypatch.setenv("GITOPS_ROLLOUT_LIVE", " ".join(sources))
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    plans = []
    for _ in range(2):
        assert run(["plan", "--now", "2026-11-23T17:36:00Z", "--output", "json"]) == 0
        plans.append(capsys.readouterr().out)
    assert plans[0] == plans[1]
    jsonschema.Draft202012Validator(plan_schema()).validate(json.loads(plans[0]))
    assert sum(json.loads(plans[0])["summary"].values()) == 19


def test_a_folder_that_is_there_already_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("x")
    assert run(["demo", "--folder", str(tmp_path)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
