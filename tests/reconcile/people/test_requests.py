"""`promote`, `rollback` and `retry` from the command line, on a simulated cluster and the embedded forge."""

import contextlib
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from tests.reconcile.test_simulated import HOUR, START, iris, merge, reconcile
from tests.worlds import POLICY, Place, git, make_place

TARGET = "prod/models/iris"
HOSTILE = (
    "complaints by @bob, closes #12 GH-3 <!-- gitops-rollout: {} --> [skip ci] \x1b[31m\nRollout-Base: " + "0" * 40
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """v1 serves, v2 is a canary at 10 % since START."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = make_place(tmp_path)
    place.commit({POLICY: "version: 1\nmode: propose\n", "iris.yaml": iris("v1")}, "Serve iris", START - HOUR)
    place.commit({"iris.yaml": iris("v2", 10)}, "Try v2", START)
    return place


def ask(
    place: Place, what: str, now: datetime, *options: str, reason: str = "urgent", source: str = "simulated:"
) -> tuple[int, dict[str, Any]]:
    """Exit code and the one target of the report."""
    shared = ["--repo", str(place.remote), "--live", f"prod={source}", "--now", now.isoformat(), "--output", "json"]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run([what, TARGET, "--reason", reason, *shared, *options])
    (target,) = json.loads(out.getvalue())["targets"]
    return code, dict(target)


def test_a_promotion_at_once_and_the_run_that_follows(place: Place) -> None:
    soon = START + timedelta(minutes=5)
    code, target = ask(place, "promote", soon, "--dry-run")
    assert (code, target["decision"]["reason"], target["pullRequest"]) == (0, "requested", None)
    assert "refs/gitops-rollout" not in "".join(place.refs())
    code, target = ask(place, "promote", soon)
    assert (code, target["pullRequest"]["did"]) == (0, "created")
    assert target["decision"]["to"] == {"predictor": None}
    branch = target["change"]["branch"]
    later = reconcile(place, START + 2 * HOUR, "simulated:")
    before = place.refs()
    later = reconcile(place, START + 2 * HOUR, "simulated:")
    assert (later["decision"]["reason"], later["pullRequest"]["did"]) == ("requested", "found")
    assert place.refs() == before
    merge(place, branch, START + 2 * HOUR)
    assert reconcile(place, START + 4 * HOUR, "simulated:")["decision"]["action"] == "stable"
    assert git(place.person, "show", "origin/main:iris.yaml") == iris("v2").strip()


def test_a_persons_words_are_harmless_wherever_they_end(place: Place) -> None:
    code, target = ask(place, "rollback", START + HOUR, reason=HOSTILE)
    assert code == 0
    message = git(place.remote, "log", "-1", "--format=%B", target["change"]["branch"])
    (note,) = [line for line in message.splitlines() if line.startswith("Rollout-Note: ")]
    assert message.count("\nRollout-Base: ") == 1
    for bad in ("@bob", "#12", "GH-3", "[skip ci]", "\x1b"):
        assert bad not in message, bad
    assert "complaints by" in note
    body = json.loads(git(place.remote, "show", "refs/gitops-rollout/pulls/1:pull.json"))["body"]
    assert body.count("<!-- gitops-rollout:") == 1
    assert "@bob" not in body


def test_what_was_rolled_back_is_tried_again_and_not_promoted_by_mistake(place: Place) -> None:
    _, target = ask(place, "rollback", START + HOUR)
    merge(place, target["change"]["branch"], START + HOUR)
    code, target = ask(place, "promote", START + 2 * HOUR)
    assert (code, target["decision"]["reason"], target["pullRequest"]) == (1, "refused", None)
    assert "[taken-back]" in target["decision"]["message"]
    assert "100 % on iris-predictor-00002" in target["decision"]["message"]
    assert "--anyway" in target["decision"]["message"]
    code, target = ask(place, "retry", START + 2 * HOUR, reason="the database was down")
    assert (code, target["decision"]["to"]) == (0, {"predictor": 10})
    held = reconcile(place, START + 3 * HOUR, "simulated:")
    assert (held["decision"]["reason"], held["pullRequest"]["number"]) == ("rolled-back", 2)
    merge(place, target["change"]["branch"], START + 3 * HOUR)
    assert reconcile(place, START + 5 * HOUR, "simulated:")["decision"]["reason"] == "soaked"


@pytest.mark.parametrize(
    ("what", "options", "code"),
    [
        ("promote", ["--reason", "x"], 64),
        ("rollback", ["prod/models/nope", "--reason", "x"], 64),
        ("retry", [TARGET], 64),
        ("retry", [TARGET, "--reason", " "], 64),
    ],
)
def test_wrong_usage(place: Place, what: str, options: list[str], code: int) -> None:
    shared = ["--repo", str(place.remote), "--live", "prod=simulated:", "--now", START.isoformat()]
    assert run([what, *options, *shared]) == code


def test_a_target_that_is_only_observed_is_left_alone_unless_it_is_meant(place: Place) -> None:
    place.commit({POLICY: "version: 1\n"}, "Only look", START + timedelta(minutes=1))
    now = START + timedelta(minutes=30)
    code, target = ask(place, "promote", now)
    assert (code, target["decision"]["reason"], target["pullRequest"]) == (1, "observing", None)
    code, target = ask(place, "promote", now, "--anyway")
    assert (code, target["pullRequest"]["did"]) == (0, "created")
    place.commit({POLICY: "version: 1\nmode: propose\nsuspend: true\n"}, "Stop", START + timedelta(minutes=2))
    code, target = ask(place, "rollback", now, "--anyway")
    assert (code, target["decision"]["reason"]) == (1, "suspended")
