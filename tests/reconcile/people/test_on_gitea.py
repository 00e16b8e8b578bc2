"""A person's decisions and their history on a real Gitea: the same pull requests, the same words."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from tests.reconcile.test_simulated import HOUR, START, iris
from tests.servers.gitea import Gitea
from tests.worlds import POLICY, Place, git, make_place

NAME = "people"
TARGET = "prod/models/iris"
POLICY_TEXT = "version: 1\nmode: propose\nclusters: [{name: prod, paths: ['**']}]\nforge: {kind: gitea}\n"


@pytest.fixture
def server(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gitea:
    """A repository with a canary of v2 at 10 %, soaked long ago."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GITEA_TOKEN", gitea.token)
    place: Place = make_place(tmp_path)
    place.commit({POLICY: POLICY_TEXT, "iris.yaml": iris("v1")}, "Serve iris", START - HOUR)
    place.commit({"iris.yaml": iris("v2", 10)}, "Try v2", START)
    gitea.new_repository(NAME)
    git(place.person, "push", "--quiet", gitea.remote(NAME), "main")
    gitea.await_first_push(NAME)
    return gitea


def told(server: Gitea, *words: str, live: bool = True) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    options = ["--repo", server.remote(NAME), "--output", "json", *(["--live", "prod=simulated:"] if live else [])]
    with contextlib.redirect_stdout(out):
        code = run([*words, *options])
    return code, dict(json.loads(out.getvalue()))


def test_a_promotion_a_change_of_mind_and_what_history_says(server: Gitea) -> None:
    assert told(server, "reconcile")[1]["targets"][0]["decision"]["action"] == "step"
    code, report = told(server, "promote", TARGET, "--reason", "urgent fix for @everybody")
    assert (code, report["targets"][0]["pullRequest"]["did"]) == (0, "superseded")
    code, report = told(server, "reconcile")
    assert (code, report["targets"][0]["decision"]["reason"]) == (0, "requested")
    assert report["targets"][0]["pullRequest"]["number"] == 2
    body = server.call("GET", f"/repos/{server.user}/{NAME}/pulls/2", token=server.owner_token).ok()["body"]
    assert "urgent fix" in body
    assert "@everybody" not in body
    server.call("PATCH", f"/repos/{server.user}/{NAME}/pulls/2", {"state": "closed"}, token=server.owner_token).ok()
    code, report = told(server, "promote", TARGET, "--reason", "again")
    assert (code, report["targets"][0]["decision"]["reason"]) == (1, "vetoed")
    code, report = told(server, "promote", TARGET, "--reason", "again", "--anyway")
    assert (code, report["targets"][0]["pullRequest"]["number"]) == (0, 3)
    code, found = told(server, "history", live=False)
    assert (code, found["errors"]) == (0, [])
    said = {(one["what"], (one["pullRequest"] or {}).get("number")): one for one in found["events"]}
    assert ("vetoed", 2) in said
    assert ("closed", 1) in said
    assert said["proposed", 3]["words"] == "again"
    assert said["closed", 1]["words"].startswith("The decision is now promote (requested).")
