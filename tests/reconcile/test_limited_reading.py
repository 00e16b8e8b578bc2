"""What a run does not read it holds, and never takes for missing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_rollout.cli.main import run
from tests import traces
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
