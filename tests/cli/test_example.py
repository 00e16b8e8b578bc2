"""The example is what was recorded: its Git history and its live snapshots, under other names."""

import json
import runpy
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.example import load_example
from gitops_rollout.core.marker import parse_marker
from gitops_rollout.core.runs import running_models
from gitops_rollout.data import data_path
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.text.plain import load_documents
from tests.traces import load

EXAMPLES = data_path("examples")
SCRIPT = runpy.run_path(str(EXAMPLES / "make_live.py"))
SERVICES = [
    (cluster, target, scenario, step)
    for cluster, services in SCRIPT["SERVICES"].items()
    for target, (scenario, step) in services.items()
]
FOLDERS = {"prod-eu": ("clusters/prod-eu/", "shared/"), "prod-us": ("clusters/prod-us/", "shared/")}


example = cache(load_example)
documents = cache(load_documents)


def stated(cluster: str, target: str) -> list[tuple[dict[str, Any], datetime]]:
    """Annotations and spec of a service at each commit that changed them, and its instant, oldest first."""
    found: list[tuple[dict[str, Any], datetime]] = []
    for commit in example(EXAMPLES).commits:
        for path, data in commit.files.items():
            if not path.startswith(FOLDERS.get(cluster, (f"clusters/{cluster}/",))) or not path.endswith(".yaml"):
                continue
            for document in documents(data):
                metadata = document["metadata"]
                if document["kind"] == "InferenceService" and f"{metadata['namespace']}/{metadata['name']}" == target:
                    now = {"annotations": metadata.get("annotations"), "spec": document["spec"]}
                    found += [(now, commit.at)] if not found or now != found[-1][0] else []
    return found


def applied(target: str, scenario: str, step: int) -> list[dict[str, Any]]:
    """What the scenario's recorded manifests say up to a step, with the target's name."""
    name = target.split("/")[1]
    manifests = [
        json.loads(json.dumps(done.manifest).replace("iris", name))
        for done in load(scenario).steps[: step + 1]
        if done.manifest is not None
    ]
    return [{"annotations": m["metadata"].get("annotations"), "spec": m["spec"]} for m in manifests]


@pytest.mark.parametrize(("cluster", "target", "scenario", "step"), SERVICES)
def test_git_says_what_was_applied_when_the_statuses_were_recorded(
    cluster: str, target: str, scenario: str, step: int
) -> None:
    recorded = applied(target, scenario, step)
    history = [manifest for manifest, _ in stated(cluster, target)]
    assert history == recorded[-len(history) :]
    assert len(history) >= min(2, len(recorded))


@pytest.mark.parametrize(("cluster", "target", "scenario", "step"), SERVICES)
def test_each_state_was_committed_before_it_was_applied(cluster: str, target: str, scenario: str, step: int) -> None:
    commits = [at for _, at in stated(cluster, target)]
    steps = [done.at for done in load(scenario).steps[: step + 1] if done.manifest is not None]
    for committed, done in zip(reversed(commits), reversed(steps), strict=False):
        assert committed <= done


def test_the_live_snapshots_are_what_the_script_makes_of_the_recordings(tmp_path: Path) -> None:
    script = SCRIPT["write"]
    for cluster, services in SCRIPT["SERVICES"].items():
        script(tmp_path / f"{cluster}.json", services)
        assert (tmp_path / f"{cluster}.json").read_bytes() == (EXAMPLES / "live" / f"{cluster}.json").read_bytes()
    for cluster, changed in SCRIPT["LATER"].items():
        script(tmp_path / "later" / f"{cluster}.json", {**SCRIPT["SERVICES"][cluster], **changed})
        later = EXAMPLES / "live" / "later" / f"{cluster}.json"
        assert (tmp_path / "later" / f"{cluster}.json").read_bytes() == later.read_bytes()


def test_the_marker_of_the_rolled_back_service_names_the_model_that_git_states() -> None:
    data = (EXAMPLES / "repo" / "clusters" / "prod-us" / "recommendations" / "news.yaml").read_bytes()
    (document,) = load_documents(data)
    marker = parse_marker(data.decode())
    assert marker is not None
    assert marker.model == running_models(document["spec"]).target
    assert marker.revision == "news-predictor-00002"


def test_a_history_that_does_not_fit_its_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.yaml").write_text("percent: 1\npercent: 1\n")
    (tmp_path / "history.yaml").write_text(
        "{author: A <a@example.com>, branch: main, now: 2026-01-01T00:00:00Z, first: {at: 2026-01-01T00:00:00Z,"
        " message: x}, commits: [{at: 2026-01-01T00:00:00Z, message: y, path: a.yaml, was: {'percent: 1': ''}}]}"
    )
    with pytest.raises(RolloutError, match=r"stands 2 times in a\.yaml"):
        load_example(tmp_path)
