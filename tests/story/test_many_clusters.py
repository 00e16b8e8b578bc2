"""Ten clusters at once: they take the time of the slowest, and one that is cut off holds its own targets only."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from gitops_rollout.cluster.sources import open_sources
from gitops_rollout.reconcile.observation.live import read_all
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import plan
from tests.servers.kube_api import KubeApi
from tests.servers.relay import Relay, relay
from tests.traces import load
from tests.worlds import POLICY, make_place

CLUSTERS = tuple(f"cluster-{number}" for number in range(10))
LIVE = tuple((name, f"kube:{name}") for name in CLUSTERS)


@pytest.fixture
def lines(kube_api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Relay]]:
    """Ten names for one server, each with a line and a context of its own."""
    scenario = load("A")
    kube_api.restore(*scenario.resting(scenario.steps[0]).items)
    config = json.loads(kube_api.kubeconfig.read_text())
    with ExitStack() as open_lines:
        lines = {name: open_lines.enter_context(relay(kube_api.url)) for name in CLUSTERS}
        cluster = config["clusters"][0]["cluster"]
        config["clusters"] = [
            {"name": name, "cluster": {**cluster, "server": f"https://127.0.0.1:{line.port}"}}
            for name, line in lines.items()
        ]
        config["contexts"] = [{"name": name, "context": {"cluster": name, "user": "admin"}} for name in CLUSTERS]
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(config))
        monkeypatch.setenv("KUBECONFIG", str(path))
        yield lines


def test_one_that_is_cut_off_holds_its_own_targets(lines: dict[str, Relay], tmp_path: Path) -> None:
    place, now = make_place(tmp_path), datetime.now(UTC)
    clusters = "".join(f"  - {{name: {name}, paths: ['{name}/**']}}\n" for name in CLUSTERS)
    text = yaml.safe_dump(load("A").steps[0].manifest)
    files = {f"{name}/iris.yaml": text for name in CLUSTERS}
    policy = f"version: 1\nforge: {{kind: local}}\nclusters:\n{clusters}"
    place.commit({POLICY: policy, **files}, "all", now - timedelta(hours=5))
    lines["cluster-3"].cut_after = 2_000
    request = Request(repo=str(place.remote), now=now, live=LIVE, forge="local")
    report = plan(open_world(request, tmp_path / "cache"))
    reasons = {target.key.cluster: target.decision.reason for target in report.targets}
    assert reasons == dict.fromkeys(CLUSTERS, "stable") | {"cluster-3": "unreachable"}
    assert report.failed
    assert any("cluster-3" in error for error in report.errors)


def test_ten_are_read_at_the_same_time(lines: dict[str, Relay]) -> None:
    """No line answers before all ten have been asked, so that the whole takes the time of the slowest."""
    all_asked = threading.Barrier(len(lines))
    for line in lines.values():
        line.before_answering = lambda: all_asked.wait(60)
    views, errors = read_all(open_sources(LIVE), None)
    assert not errors
    assert all(len(view.services) == 1 for view in views.values())
