"""Clusters are read through a real API server, and every way in which that can fail has its own reason."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.cluster import kube
from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.cluster.connection import Connection, connect
from gitops_rollout.cluster.kube import KubeSource
from gitops_rollout.cluster.snapshot import SnapshotSource, read_snapshot
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.live import LiveView
from tests import traces
from tests.servers.kube_api import KubeApi

RESTING = [("A", 1), ("H", 1), ("S", 2), ("I", -1), ("M", 0)]


def recorded(name: str, step: int) -> traces.Snapshot:
    scenario = traces.load(name)
    return scenario.resting(scenario.steps[step])


def read(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> LiveView:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    return KubeSource("prod", options.pop("context", None), **options).read()


def edited(kubeconfig: Path, **changes: Any) -> Path:
    """A copy of a kubeconfig whose one user or cluster is another."""
    config = json.loads(kubeconfig.read_text())
    config["users"][0]["user"] = changes.get("user", config["users"][0]["user"])
    config["clusters"][0]["cluster"] |= changes.get("cluster", {})
    copy = kubeconfig.with_suffix(".edited")
    copy.write_text(json.dumps(config))
    return copy


@pytest.mark.parametrize(("name", "step"), RESTING)
def test_a_cluster_is_seen_as_its_snapshot(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, name: str, step: int
) -> None:
    snapshot = recorded(name, step)
    kube_api.restore(*(item for item in snapshot.items if item["kind"] != "Deployment"))
    expected = read_snapshot(json.dumps(snapshot.document()).encode(), "file").services()
    for page in (1, 500):
        view = read(kube_api.kubeconfig, monkeypatch, page=page)
        assert dict(view.services) == expected
        assert view.unreachable is None
        assert view.notes == ()
        assert view.seen_at is not None
        assert abs(datetime.now(UTC) - view.seen_at) < timedelta(seconds=60)


def test_a_list_that_grows_too_old_is_begun_anew(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = recorded("A", 1)
    kube_api.restore(*snapshot.items)
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))

    class Forgetful:
        """Has the storage forget the state of the list after its first page."""

        def __init__(self, connection: Connection) -> None:
            self.connection = connection
            self.pages = 0

        def page(self, *place: str, **options: Any) -> bytes:
            self.pages += 1
            data = self.connection.page(*place, **options)
            if self.pages == 1:
                kube_api.etcd.compact()
            return data

    assembly = Assembly()
    connection = Forgetful(connect(None, 30))
    (revisions,) = (listed for listed in kube.KINDS if listed.plural == "revisions")
    assert kube._read_kind(connection, revisions, assembly, 1) is None
    assert assembly.counts["Revision"] == len(list(snapshot.of_kind("Revision")))
    assert connection.pages > assembly.counts["Revision"]
    assert not assembly.repeated


@pytest.mark.parametrize("missing", ["inferenceservices", "services", "revisions"])
def test_each_right_that_is_missing_is_named_with_its_rule(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    rights = [
        ("serving.kserve.io", "inferenceservices"),
        ("serving.knative.dev", "services"),
        ("serving.knative.dev", "revisions"),
    ]
    rules = [
        {"apiGroups": [group], "resources": [plural], "verbs": ["get", "list"]}
        for group, plural in rights
        if plural != missing
    ]
    reader = f"lacks-{missing}"
    token = kube_api.account("team", reader)
    kube_api.create({"kind": "ClusterRole", "metadata": {"name": reader}, "rules": rules})
    kube_api.create(
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": reader},
            "subjects": [{"kind": "ServiceAccount", "name": reader, "namespace": "team"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": reader},
        }
    )
    with pytest.raises(SourceError, match=rf"{missing}\..* may not be listed \(403\)") as refused:
        read(kube_api.kubeconfig_with(reader, token), monkeypatch)
    assert f'resources: ["{missing}"]' in str(refused.value.hint)
    assert token not in f"{refused.value.message}{refused.value.hint}"


def test_credentials_that_are_refused_say_so(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match=r"refused \(401\)"):
        read(kube_api.kubeconfig_with("admin", "none"), monkeypatch)


def test_a_certificate_that_is_not_trusted_says_so(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = json.loads(kube_api.kubeconfig.read_text())
    del config["clusters"][0]["cluster"]["certificate-authority"]
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(config))
    with pytest.raises(SourceError, match="certificate is not trusted"):
        read(path, monkeypatch)


def test_credential_plugins_are_run(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": kube_api.token},
    }
    plugin.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    plugin.chmod(0o755)
    user = {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}
    }
    assert read(edited(kube_api.kubeconfig, user=user), monkeypatch).services == {}
    plugin.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(SourceError, match=r"credential plugin .*plugin gave no credentials"):
        read(edited(kube_api.kubeconfig, user=user), monkeypatch)


def test_impersonation_counts(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    user = {"token": kube_api.token, "as": "nobody"}
    with pytest.raises(SourceError, match=r"may not be listed \(403\)"):
        read(edited(kube_api.kubeconfig, user=user), monkeypatch)
    with pytest.raises(SourceError, match="impersonation of groups"):
        read(edited(kube_api.kubeconfig, user=user | {"as-groups": ["a"]}), monkeypatch)


def test_the_kubeconfig_is_left_as_it_is(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kube_api.kubeconfig
    before = path.read_bytes(), path.stat().st_mtime_ns
    read(path, monkeypatch)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_clocks_that_differ_are_said_and_the_earlier_counts() -> None:
    here = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert kube._dated(here, "Thu, 01 Jan 2026 12:00:30 GMT") == (here, [])
    seen_at, notes = kube._dated(here, "Thu, 01 Jan 2026 11:00:00 GMT")
    assert seen_at == here - timedelta(hours=1)
    assert "differ by 1:00:00" in notes[0]
    assert kube._dated(here, "no date") == kube._dated(here, None) == (here, [])


# Servers that are no API server


def kubeconfig(tmp_path: Path, server: str) -> Path:
    path = tmp_path / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "planted-secret"}}],
        "contexts": [{"name": n, "context": {"cluster": "c", "user": "u"}} for n in ("one", "two")],
    }
    path.write_text(json.dumps(config))
    return path


@pytest.fixture
def answering() -> Iterator[tuple[str, dict[str, Any]]]:
    """A server that gives the one answer it is told, slowly where it is told to."""
    told: dict[str, Any] = {"status": 200, "body": b"<html>", "headers": {}, "calls": 0}
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told["calls"] += 1
            self.send_response(told["status"])
            for name, value in told["headers"].items():
                self.send_header(name, value)
            self.end_headers()
            if told.get("drip"):
                while not stop.wait(0.1):
                    try:
                        self.wfile.write(b" " * 10)
                    except OSError:
                        return
            self.wfile.write(told["body"])

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", told
    stop.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"kind": "List"', b"[]", b"{}", b'{"metadata": {}, "items": 3}', b"\xff"]
)
def test_a_proxy_in_between_is_suspected(
    answering: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: bytes
) -> None:
    url, told = answering
    told["body"] = body
    with pytest.raises(SourceError, match="is no list of objects") as refused:
        read(kubeconfig(tmp_path, url), monkeypatch)
    assert "proxy" in str(refused.value.hint)


def test_an_answer_that_drips_ends_at_the_deadline(
    answering: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, told = answering
    told["drip"] = True
    started = datetime.now(UTC)
    with pytest.raises(SourceError, match="did not answer"):
        read(kubeconfig(tmp_path, url), monkeypatch, seconds=1)
    assert datetime.now(UTC) - started < timedelta(seconds=5)


def test_an_overloaded_server_is_asked_again_a_few_times(
    answering: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, told = answering
    told |= {"status": 429, "headers": {"Retry-After": "0"}}
    with pytest.raises(SourceError, match=r"could not be listed \(429\)"):
        read(kubeconfig(tmp_path, url), monkeypatch)
    assert told["calls"] == 4


def test_a_cluster_without_kserve_is_not_taken_for_an_empty_one(
    answering: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, told = answering
    told["status"] = 404
    with pytest.raises(SourceError, match="has no inferenceservices"):
        read(kubeconfig(tmp_path, url), monkeypatch)


def test_a_server_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SourceError, match="did not answer: the connection was refused") as refused:
            read(kubeconfig(tmp_path, url), monkeypatch)
    assert "planted-secret" not in f"{refused.value.message}{refused.value.hint}"


def test_a_context_that_is_not_known_names_those_that_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no way to reach it") as refused:
        read(kubeconfig(tmp_path, "http://x"), monkeypatch, context="three")
    assert refused.value.hint == "contexts in the kubeconfig: one, two"


@pytest.mark.parametrize("text", [None, "", "a: [", "- 1", "users: 3", "\x00"])
def test_a_kubeconfig_that_cannot_be_read_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "config"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SourceError, match=r"(no way to reach it|the kubeconfig cannot be read)"):
        read(path, monkeypatch)
    assert os.environ["KUBECONFIG"] == str(path)


def test_what_was_recorded_reads_back_as_it_was_seen(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    kube_api.restore(*recorded("H", 1).items)
    seen = read(kube_api.kubeconfig, monkeypatch)
    assert run(["snapshot", "--live", "prod=kube:"]) == 0
    said = capfdbinary.readouterr()
    assert b"objects, seen at " in said.err
    path = tmp_path / "live.json"
    path.write_bytes(said.out)
    view = SnapshotSource("prod", path).read()
    assert (view.services, view.notes, view.unreachable) == (seen.services, (), None)
    assert view.seen_at is not None
    assert seen.seen_at is not None
    assert timedelta(0) <= view.seen_at - seen.seen_at < timedelta(minutes=1)
    said_by_hand = datetime(2026, 1, 1, tzinfo=UTC)
    assert SnapshotSource("prod", path, said_by_hand).read().seen_at == said_by_hand


def test_only_a_cluster_can_be_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["snapshot", "--live", "prod=snapshot:live.json"]) == 64
    assert "is no cluster to be recorded" in capsys.readouterr().err
    assert run(["snapshot"]) == 64
