"""What a run does not read it holds, and never takes for missing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gitops_rollout.cli.main import run
from tests import traces
from tests.servers.kube_api import KINDS, KubeApi
from tests.worlds import make_place

WHEN = datetime(2026, 11, 23, 16, tzinfo=UTC)
MANIFEST = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: iris, namespace: {namespace}}}
spec:
  predictor:
    model: {{modelFormat: {{name: sklearn}}, storageUri: "s3://models/iris/v1"}}
"""


def test_targets_out_of_reach_are_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = make_place(tmp_path)
    files: dict[str, str | bytes | None] = {
        f"{one}.yaml": MANIFEST.format(namespace=one) for one in ("trace-a", "unread", "elsewhere")
    }
    place.commit(files, "three of them", WHEN)
    scenario = traces.load("A")
    document = scenario.resting(scenario.steps[0]).document()
    document["metadata"] = {"namespaces": ["trace-a", "unread"], "unread": {"unread": "may not be listed"}}
    live = tmp_path / "live.json"
    live.write_text(json.dumps(document))
    source = f"default=snapshot:{live}@2026-11-23T17:00:00Z"
    arguments = ["plan", "--repo", str(place.clone), "--live", source, "--now", "2026-11-23T17:00:00Z"]
    assert run([*arguments, "--output", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    decided = {one["namespace"]: one["decision"] for one in told["targets"]}
    assert decided["trace-a"]["reason"] not in ("missing", "unreachable")
    for namespace, says in (("unread", "could not be read: may not be listed"), ("elsewhere", "not among those")):
        assert decided[namespace]["reason"] == "unreachable"
        assert says in decided[namespace]["message"]


def test_a_snapshot_decides_as_the_cluster_did(
    kube_api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings, limits and all: what a run saw, and what it decided by, is in the file."""
    place = make_place(tmp_path)
    place.commit({f"{one}.yaml": MANIFEST.format(namespace=one) for one in ("trace-a", "elsewhere")}, "two", WHEN)
    scenario = traces.load("A")
    kube_api.restore(*scenario.resting(scenario.steps[0]).items)
    garbage = {"kind": "ConfigMap", "metadata": {"name": "config-gc", "namespace": "knative-serving"}}
    kube_api.create({**garbage, "data": {"max-non-active-revisions": "0"}})
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))
    live = tmp_path / "live.json"
    try:
        arguments = ["plan", "--repo", str(place.clone), "--output", "json", "--only", "default/trace-a/*"]
        assert run(["snapshot", "--live", "default=kube:", "--to", str(tmp_path), "--namespace", "trace-a"]) == 0
        (tmp_path / "default.json").rename(live)
        seen_at = datetime.fromisoformat(json.loads(live.read_text())["metadata"]["seenAt"])
        now = (seen_at + timedelta(minutes=5)).isoformat()  # leaves a slow machine time to look at the cluster again
        capsys.readouterr()
        assert run([*arguments, "--live", "default=kube:", "--now", now]) == 0
        there = json.loads(capsys.readouterr().out)
        assert run([*arguments, "--live", f"default=snapshot:{live}", "--now", now]) == 0
        assert json.loads(capsys.readouterr().out) == there
        assert [one["decision"]["action"] for one in there["targets"]] == ["stable"]
        assert '"max-non-active-revisions":"0"' in live.read_text()
    finally:
        kube_api.call("DELETE", KINDS["ConfigMap"].path("knative-serving", "config-gc")).ok()
