"""The whole loop on a simulated cluster: a person commits a canary and merges what is proposed, until it is at rest."""

import contextlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from tests.worlds import POLICY, Place, git, make_place

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
IRIS = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: iris, namespace: models}}
spec:
  predictor:{percent}
    model: {{modelFormat: {{name: sklearn}}, storageUri: s3://models/iris/{version}}}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = make_place(tmp_path)
    place.commit({POLICY: "version: 1\nmode: propose\n", "iris.yaml": iris("v1")}, "Serve iris", START - HOUR)
    return place


def iris(version: str, percent: int | None = None) -> str:
    field = "" if percent is None else f"\n    canaryTrafficPercent: {percent}"
    return IRIS.format(version=version, percent=field)


def reconcile(place: Place, now: datetime, source: str) -> dict[str, Any]:
    """One run; the one target of its report."""
    options = ["--repo", str(place.remote), "--live", f"prod={source}", "--now", now.isoformat(), "--output", "json"]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run(["reconcile", *options]) == 0
    (target,) = json.loads(out.getvalue())["targets"]
    return dict(target)


def merge(place: Place, branch: str, when: datetime) -> None:
    """Merge a proposal as a person would with plain Git."""
    git(place.person, "pull", "--quiet", "origin", "main")
    git(place.person, "fetch", "--quiet", "origin", branch)
    git(place.person, "merge", "--quiet", "--no-ff", "--no-edit", "FETCH_HEAD", when=when)
    git(place.person, "push", "--quiet", "origin", "HEAD:main", f":{branch}")


def story(place: Place, source: str) -> list[str]:
    """What each run decides, two hours apart, until a run proposes nothing."""
    said, now = [], START
    for _ in range(8):
        now += 2 * HOUR
        target = reconcile(place, now, source)
        decision, change = target["decision"], target["change"]
        to = decision["to"].get("predictor", "")
        said.append(f"{decision['action']} {decision['reason']} {to}".strip())
        if change is None:
            return said
        merge(place, change["branch"], now + timedelta(minutes=1))
    raise AssertionError(f"it does not come to rest: {said}")


def test_a_good_canary_goes_up_step_by_step_to_everything(place: Place) -> None:
    place.commit({"iris.yaml": iris("v2", 10)}, "Try v2", START)
    assert story(place, "simulated:") == [
        "step soaked 25",
        "step soaked 50",
        "promote soaked None",
        "stable stable",
    ]
    assert git(place.person, "show", "origin/main:iris.yaml") == iris("v2").strip()


def test_a_failing_canary_goes_back_to_zero_and_stays_there(place: Place) -> None:
    place.commit({"iris.yaml": iris("v2", 10)}, "Try v2", START)
    assert story(place, "simulated:failed=*/v2") == ["rollback canary-failed 0", "hold rolled-back"]
    shown = git(place.person, "show", "origin/main:iris.yaml")
    assert "canaryTrafficPercent: 0  # rolled back: iris-predictor-00002" in shown


def test_a_restored_model_ends_without_a_percent(place: Place) -> None:
    place.commit({"iris.yaml": iris("v2", 10)}, "Try v2", START)
    story(place, "simulated:failed=*/v2")
    place.commit({"iris.yaml": iris("v1", 0)}, "Back to v1", START + 5 * HOUR)
    target = reconcile(place, START + 7 * HOUR, "simulated:failed=*/v2")
    assert (target["decision"]["action"], target["decision"]["reason"]) == ("promote", "restored")
    merge(place, target["change"]["branch"], START + 7 * HOUR)
    assert reconcile(place, START + 9 * HOUR, "simulated:failed=*/v2")["decision"]["action"] == "stable"
