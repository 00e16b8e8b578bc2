"""A rollout that a kustomize overlay writes: decided on what is rendered, proposed where the percent stands."""

import copy
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_rollout.cli.main import run
from gitops_rollout.rendering.kustomize import find_renderer
from tests import traces
from tests.engines import kustomization
from tests.reconcile.several import PROPOSE
from tests.worlds import POLICY, Place, git, make_place

pytestmark = pytest.mark.skipif(find_renderer() is None, reason="neither kustomize nor kubectl is installed")

BASE = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [iris.yaml]\n"
OVERLAY = (
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    "resources: [../../base]\npatches: [{path: canary.yaml}]\n"
)


def files_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """A manifest as a base without a percent, and an overlay that patches it in."""
    base = copy.deepcopy(dict(manifest))
    percent = base["spec"]["predictor"].pop("canaryTrafficPercent", None)
    stated = "" if percent is None else f"    canaryTrafficPercent: {percent}  # first step\n"
    patch = (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata:\n  name: {base['metadata']['name']}\n  namespace: {base['metadata']['namespace']}\n"
        f"spec:\n  predictor:\n{stated}    timeout: 60\n"
    )
    return {
        "base/kustomization.yaml": BASE,
        "base/iris.yaml": yaml.safe_dump(base),
        "clusters/prod/kustomization.yaml": OVERLAY,
        "clusters/prod/canary.yaml": patch,
    }


def plan(place: Place, now: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    live = f"prod=snapshot:{place.snapshot('prod')}"
    assert run(["plan", "--repo", str(place.clone), "--live", live, "--now", now, "--output", "json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_the_overlays_patch_is_stepped_by_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    recorded = traces.load("A")
    place = make_place(tmp_path)
    place.commit({POLICY: PROPOSE}, "a policy", recorded.steps[0].at - timedelta(hours=1))
    for step in recorded.steps[:2]:
        assert step.manifest is not None
        place.commit(files_of(step.manifest), step.title, step.at)
    snapshot = recorded.resting(recorded.steps[1])
    place.show("prod", [snapshot.document()])
    now = (snapshot.at + timedelta(minutes=31)).isoformat()
    (target,) = plan(place, now, capsys)["targets"]
    decision = target["decision"]
    assert (decision["action"], decision["reason"], decision["to"]) == ("step", "soaked", {"predictor": 25})
    assert target["source"]["path"] == "clusters/prod/canary.yaml"
    changed = [line for line in target["change"]["diff"].splitlines()[2:] if line[:1] in "+-"]
    assert changed == [
        "-    canaryTrafficPercent: 10  # first step",
        "+    canaryTrafficPercent: 25  # first step",
    ]
    live = f"prod=snapshot:{place.snapshot('prod')}"
    assert run(["reconcile", "--repo", str(place.clone), "--live", live, "--now", now, "--forge", "local"]) == 0
    (head,) = place.refs("refs/heads/gitops-rollout/").values()
    assert git(place.remote, "diff", "--name-only", f"{head}^", head) == "clusters/prod/canary.yaml"


def test_a_base_that_feeds_an_overlay_of_no_cluster_is_not_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    recorded = traces.load("A")
    place = make_place(tmp_path)
    place.commit({POLICY: PROPOSE}, "a policy", recorded.steps[0].at - timedelta(hours=1))
    overlay = "resources: [../../base]\nnameSuffix: ''\nimages: [{name: x, newTag: '2'}]\n"
    for step in recorded.steps[:2]:
        assert step.manifest is not None
        files = {"base/kustomization.yaml": BASE, "base/iris.yaml": yaml.safe_dump(dict(step.manifest))}
        both = {f"{folder}/kustomization.yaml": overlay for folder in ("clusters/prod", "elsewhere/test")}
        place.commit({**files, **both}, step.title, step.at)
    snapshot = recorded.resting(recorded.steps[1])
    place.show("prod", [snapshot.document()])
    (target,) = plan(place, (snapshot.at + timedelta(minutes=31)).isoformat(), capsys)["targets"]
    decision = target["decision"]
    assert (decision["action"], decision["reason"], decision["alarm"]) == ("hold", "refused", True)
    assert "elsewhere/test/kustomization.yaml" in decision["message"]


def test_an_engine_has_reached_what_a_patch_changed_only_with_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    recorded = traces.load("A")
    place = make_place(tmp_path)
    place.commit({POLICY: PROPOSE}, "a policy", recorded.steps[0].at - timedelta(hours=1))
    commits = [
        place.commit(files_of(step.manifest), step.title, step.at) for step in recorded.steps[:2] if step.manifest
    ]
    commits.append(place.commit({"base/README.md": "beside it"}, "notes", recorded.steps[1].at))
    snapshot = recorded.resting(recorded.steps[1])
    now = (snapshot.at + timedelta(minutes=31)).isoformat()
    for commit, reached in zip(commits, ("no", "yes", "yes"), strict=True):
        engine = kustomization(services=(), seen=commit, applied=commit)  # it lists nothing: its folder tells
        place.show("prod", [{"items": [*snapshot.items, engine]}])
        (target,) = plan(place, now, capsys)["targets"]
        assert target["engine"]["name"] == "Flux Kustomization flux-system/models"
        assert target["engine"]["reached"] == reached
        assert (target["decision"]["action"] == "step") is (reached == "yes")
