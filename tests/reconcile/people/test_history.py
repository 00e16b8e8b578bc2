"""`history` from the command line: a whole story on the embedded forge, in every form of output."""

import contextlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.report.events import history_schema
from tests.reconcile.people.test_requests import TARGET, ask
from tests.reconcile.test_simulated import HOUR, START, iris, merge, reconcile
from tests.worlds import POLICY, Place, make_place

POLICY_TEXT = "version: 1\nmode: propose\nclusters: [{name: prod, paths: ['**']}]\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """v2 was promoted by a person, who then preferred to take it back; v3 was started, and a person said no."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = make_place(tmp_path)
    place.commit({POLICY: POLICY_TEXT, "iris.yaml": iris("v1")}, "Serve iris", START - HOUR)
    place.commit({"iris.yaml": iris("v2", 10)}, "Try v2", START)
    assert ask(place, "promote", START + timedelta(minutes=5), reason="urgent fix")[0] == 0
    code, target = ask(place, "rollback", START + HOUR, reason="complaints | <b>")
    assert code == 0
    merge(place, target["change"]["branch"], START + HOUR)
    place.commit({"iris.yaml": iris("v3", 0)}, "Try \x1b[31mv3", START + 2 * HOUR)
    assert reconcile(place, START + 4 * HOUR, "simulated:")["decision"]["action"] == "start"
    return place


def told(place: Place, *options: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run(["history", "--repo", str(place.remote), *options])
    return code, out.getvalue()


def events(place: Place, *options: str) -> list[dict[str, Any]]:
    code, text = told(place, "--output", "json", *options)
    assert code == 0
    found = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(history_schema())
    jsonschema.validate(found, history_schema())
    return list(found["events"])


def test_the_whole_story_newest_first(place: Place) -> None:
    assert run(["pulls", "close", "3", "--repo", str(place.remote), "--reason", "not today"]) == 0
    short = [
        (one["what"], one["action"], one["words"], (one["pullRequest"] or {}).get("number")) for one in events(place)
    ]
    assert short == [
        ("vetoed", "start", "not today", 3),
        ("closed", "rollback", "Its branch was deleted. That is no veto: what is due is proposed again.", 2),
        ("proposed", "start", "Start prod/models/iris: 0 % → 10 %", 3),
        ("changed", None, "Try \x1b[31mv3", None),
        ("closed", "promote", "The decision is now to roll back (requested).", 1),
        ("merged", "rollback", "complaints | <b>", None),
        ("proposed", "rollback", "complaints | <b>", 2),
        ("proposed", "promote", "urgent fix", 1),
        ("changed", "start", "Try v2", None),
        ("changed", None, "Serve iris", None),
    ]


def test_it_is_narrowed_by_target_time_and_number(place: Place) -> None:
    assert {tuple(one["targets"]) for one in events(place, TARGET)} == {(TARGET,)}
    late = events(place, "--since", (START + 2 * HOUR).isoformat())
    assert sorted(one["what"] for one in late) == ["changed", "closed", "proposed"]
    code, text = told(place, "--limit", "1", "--output", "json")
    assert (code, len(json.loads(text)["events"])) == (0, 1)
    assert json.loads(text)["more"] > 1
    assert told(place, "prod/models/nothing")[0] == 64


def test_text_and_markdown_are_harmless(place: Place) -> None:
    for output in ("text", "markdown"):
        code, text = told(place, "--output", output)
        assert code == 0
        assert "\x1b" not in text
        assert "requested: complaints" in text
        assert "10 % → 0 %" in text
    assert "<b>" not in text


def test_a_forge_that_cannot_be_read_leaves_gits_part(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    forge = "forge: {kind: gitlab, url: 'http://127.0.0.1:1', owner: a, repository: b}\n"
    place.commit({POLICY: POLICY_TEXT + forge}, "GitLab", START)
    code, text = told(place, "--output", "json")
    found = json.loads(text)
    assert code == 1
    assert found["errors"]
    assert {one["what"] for one in found["events"]} == {"changed", "merged"}
