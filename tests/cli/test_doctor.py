"""The doctor finds what is wrong, says what to do, and changes nothing."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.repository import health
from tests import traces
from tests.cli.terminal import on_a_terminal
from tests.reconcile.test_suggest import service
from tests.worlds import POLICY, Place, git, make_place

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENROLLED = "mode: propose\nclusters: [{name: prod}]\n"
SCENARIO = traces.load("A")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = make_place(tmp_path)
    place.commit({"model.yaml": service(), POLICY: ENROLLED}, "a model", NOW)
    place.show("prod", [SCENARIO.resting(SCENARIO.steps[1]).document()])
    return place


def examine(
    place: Place, capsys: pytest.CaptureFixture[str], *options: str, repo: Path | None = None
) -> tuple[int, list[dict[str, Any]]]:
    live = ["--live", f"prod=snapshot:{place.snapshot('prod')}"] if "--live" not in options else []
    code = run(["doctor", "--repo", str(repo or place.clone), *live, *options, "--output", "json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is (code == 0)
    assert answer["version"] == 1
    return code, answer["checks"]


def of(checks: list[dict[str, Any]], name: str) -> list[tuple[str, str]]:
    return [(check["level"], check["message"]) for check in checks if check["check"] == name]


def test_a_healthy_setup_has_no_complaint(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = place.refs(), git(place.clone, "for-each-ref"), git(place.clone, "status", "--porcelain")
    code, checks = examine(place, capsys)
    assert code == 0
    assert {check["level"] for check in checks} == {"ok"}, checks
    assert {check["check"] for check in checks} == {
        "git",
        "repository",
        "remote",
        "policy",
        "targets",
        "live",
        "forge",
        "merging",
        "templates",
    }
    assert before == (place.refs(), git(place.clone, "for-each-ref"), git(place.clone, "status", "--porcelain"))


def test_every_error_says_what_to_do(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.commit({POLICY: "mod: propose\nlimits: {opn: 1}\n", "twin.yaml": service()}, "mistakes", NOW)
    place.snapshot("prod").write_text("{")
    place.commit({".gitops-rollout/templates/pull_request.md.j2": "{% if %}"}, "a template", NOW)
    code, checks = examine(place, capsys)
    assert code == 1
    messages = [message for level, message in of(checks, "policy") if level == "error"]
    assert messages[0] == f"{POLICY}: 2 problems"
    assert messages[1].startswith(f"{POLICY}:1: mod: unknown key; did you mean mode?")
    assert ("error", "default/ml/iris: stated in model.yaml and twin.yaml") in of(checks, "targets")
    ((level, message),) = of(checks, "live")
    assert level == "error"
    assert "is cut off" in message
    ((level, message),) = of(checks, "templates")
    assert (level, message.split(":")[0]) == ("error", ".gitops-rollout/templates/pull_request.md.j2")


def test_what_only_slows_down_is_a_warning(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.commit({POLICY: "clusters: [{name: prod}, {name: other}]\n"}, "observe", NOW)
    os.utime(place.snapshot("prod"), (1_700_000_000, 1_700_000_000))
    code, checks = examine(place, capsys)
    assert code == 0
    assert ("warn", "mode: observe: nothing is proposed") in of(checks, "policy")
    said = [message for level, message in of(checks, "live") if level == "warn"]
    assert "minutes old, more than 15" in said[0]
    assert said[1] == "other: nothing shows what it runs"


def test_a_remote_that_takes_no_pushes_is_found_without_a_push(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = place.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(hook.stat().st_mode | stat.S_IEXEC)
    # hooks do not run in a dry run: this remote still seems to take pushes, and nothing of the probe is left in it
    code, checks = examine(place, capsys)
    assert code == 0
    git(place.clone, "remote", "set-url", "--push", "origin", str(place.root / "nowhere.git"))
    code, checks = examine(place, capsys)
    assert code == 1
    (reason,) = (message for level, message in of(checks, "forge") if level == "error")
    assert reason.startswith("the remote takes no pushes: ")
    assert not [ref for ref in place.refs() if "doctor" in ref]


def test_without_a_repository_there_is_nothing_more_to_ask(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, checks = examine(place, capsys, repo=tmp_path / "nowhere")
    assert code == 1
    assert [check["check"] for check in checks] == ["git", "repository"]
    assert checks[-1]["hint"]


def test_an_old_git_is_named(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert health.git_version() >= health.OLDEST
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.17.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    code, checks = examine(place, capsys)
    assert code == 1
    assert [(check["check"], check["level"], check["message"]) for check in checks] == [
        ("git", "error", "Git 2.17.1 is too old")
    ]


def test_text_is_for_people(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--repo", str(place.clone), "--live", f"prod=snapshot:{place.snapshot('prod')}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok    git        Git ")


def test_colour_is_for_terminals_and_for_those_who_want_it(place: Place) -> None:
    line = [sys.executable, "-m", "gitops_rollout", "doctor", "--repo", str(place.clone)]
    line += ["--live", f"prod=snapshot:{place.snapshot('prod')}"]
    assert "\x1b[" not in on_a_terminal(*line, NO_COLOR="1")
    assert "\x1b[32m" in on_a_terminal(*line, NO_COLOR="")
    assert "\x1b[" not in subprocess.run(line, capture_output=True, text=True, check=True).stdout
