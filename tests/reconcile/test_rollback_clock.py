"""The clock of a rollback through a whole run: from the pull request to its merge, to a cluster that lags behind."""

import contextlib
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.report.as_json import plan_schema
from gitops_rollout.repository import open_repository
from tests.reconcile.several import PROPOSE, Several, make_several
from tests.worlds import git

POLICY = PROPOSE + "defaults: {rollback: {budget: 30m}}\n"
TARGET = "prod/c21/iris"


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Several:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_several(tmp_path, policy=POLICY)


def said(several: Several, now: datetime, *words: str) -> str:
    live = f"prod=snapshot:{several.place.snapshot('prod')}@{now.isoformat()}"
    options = ["--repo", str(several.place.clone), "--live", live, "--now", now.isoformat(), "--only", TARGET]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run([*words, *options]) == 0
    return out.getvalue()


def target(several: Several, now: datetime, command: str = "reconcile") -> dict[str, Any]:
    report = json.loads(said(several, now, command, "--output", "json"))
    jsonschema.validate(report, plan_schema())
    (found,) = report["targets"]
    return dict(found)


def merge(several: Several, number: int, when: datetime) -> None:
    """Merge on the embedded forge, at a known instant."""
    repository = open_repository(str(several.place.clone))
    forge = LocalForge(repository, when, "person")
    pull = forge.pull(number)
    assert pull is not None
    assert forge.merge(pull, repository.base_commit(None)[1]).state == "merged"


def test_the_clock_runs_through_every_stage(several: Several) -> None:
    now = several.now
    opened = target(several, now)
    clock = opened["rollback"]
    assert (opened["decision"]["action"], clock["stage"], clock["pullRequest"]) == (
        "rollback",
        "merge",
        now.isoformat().replace("+00:00", "Z"),
    )
    assert clock["verdict"] < clock["pullRequest"]
    # The recorded canary failed a good while before this first run: the budget counts from that.
    assert clock["overdue"] is (clock["tookSeconds"] > 1800)
    later = target(several, now + timedelta(hours=1))
    assert later["rollback"]["pullRequest"] == clock["pullRequest"]
    assert later["rollback"]["waitedSeconds"] == 3600
    assert later["decision"]["alarm"] is True
    text = said(several, now + timedelta(hours=1), "plan")
    assert "alarm rollback 10 % → 0 %" in text
    assert "the rollback waits for its merge for 1h" in text
    assert "over its budget of 30m: merge #" in text
    assert "rollbacks: 1 waiting for a merge (longest 1h); 1 over budget" in text

    merge(several, opened["pullRequest"]["number"], now + timedelta(hours=2))
    waiting = target(several, now + timedelta(hours=2, minutes=5))
    assert (waiting["decision"]["reason"], waiting["rollback"]["stage"]) == ("in-flight", "sync")
    assert waiting["rollback"]["waitedSeconds"] == 300
    assert waiting["rollback"]["pullRequest"] == clock["pullRequest"]
    assert waiting["decision"]["alarm"] is True
    assert "sync" in waiting["rollback"]["todo"]


def test_a_forge_that_does_not_say_leaves_the_instant_unknown_and_the_run_well(several: Several) -> None:
    opened = target(several, several.now)
    merge(several, opened["pullRequest"]["number"], several.now + timedelta(minutes=1))
    for ref in several.place.refs("refs/gitops-rollout/"):
        git(several.place.remote, "update-ref", "-d", ref)
    waiting = target(several, several.now + timedelta(minutes=2), "plan")
    assert (waiting["rollback"]["stage"], waiting["rollback"]["pullRequest"]) == ("sync", None)
