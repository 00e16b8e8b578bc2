"""A real API server behind a bad line: each fault has its reason, and none of them looks like an empty cluster."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitops_rollout.cluster.kube import KubeSource
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.reach import Reach
from tests.servers.kube_api import KubeApi
from tests.servers.relay import Relay, relay
from tests.traces import Snapshot, load

Read = Callable[..., LiveView]


@pytest.fixture
def snapshot(kube_api: KubeApi) -> Snapshot:
    """What the cluster shows: three components, each with revisions."""
    scenario = load("H")
    shown = scenario.resting(scenario.steps[1])
    kube_api.restore(*shown.items)
    return shown


@pytest.fixture
def line(kube_api: KubeApi, snapshot: Snapshot) -> Iterator[Relay]:
    """The line that leads to the server."""
    with relay(kube_api.url) as between:
        yield between


@pytest.fixture
def read(kube_api: KubeApi, line: Relay, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads the cluster over the line."""
    config = kube_api.kubeconfig_with("admin", kube_api.token, f"https://127.0.0.1:{line.port}")
    monkeypatch.setenv("KUBECONFIG", str(config))
    return lambda seconds=60.0, **options: KubeSource("prod", "test", Reach(seconds=seconds), **options).read()


def test_a_good_line_shows_the_cluster(read: Read, snapshot: Snapshot) -> None:
    (service,) = read().services.values()
    assert len(service.components) == 3
    revisions = sum(len(component.revisions) for component in service.components.values())
    assert revisions == len(list(snapshot.of_kind("Revision")))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_line_that_is_cut_anywhere_never_shows_half_a_cluster(read: Read, line: Relay, share: float) -> None:
    whole = read(page=1).services
    line.cut_after = line.answered + int(line.answered * share)
    with pytest.raises(SourceError, match="did not answer: the connection was cut"):
        read(page=1)
    line.cut_after = None
    assert read(page=1).services == whole


def test_a_slow_line_ends_at_the_deadline(read: Read, line: Relay) -> None:
    line.pause = 20  # for each of some dozen chunks
    began = time.monotonic()
    with pytest.raises(SourceError, match="did not answer"):
        read(seconds=1.5, page=1)
    assert time.monotonic() - began < 30


def test_a_server_that_was_stopped_is_refused_connections(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    with relay(kube_api.url) as gone:
        config = kube_api.kubeconfig_with("admin", kube_api.token, f"https://127.0.0.1:{gone.port}")
    monkeypatch.setenv("KUBECONFIG", str(config))
    with pytest.raises(SourceError, match="connection was refused"):
        KubeSource("prod", "test").read()


def test_a_proxy_is_used_where_the_kubeconfig_names_one(
    kube_api: KubeApi, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with relay(kube_api.url, proxy=True) as proxy:
        config = json.loads(kube_api.kubeconfig.read_text())
        config["clusters"][0]["cluster"]["proxy-url"] = f"http://127.0.0.1:{proxy.port}"
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(config))
        monkeypatch.setenv("KUBECONFIG", str(path))
        assert len(KubeSource("prod", "test").read().services) == 1
        assert proxy.asked
