"""Clusters are read through a real API server, and every way in which that can fail has its own reason."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.cluster import kube, listing
from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.cluster.connection import Connection
from gitops_rollout.cluster.kube import KubeSource
from gitops_rollout.cluster.kubeconfig import connect
from gitops_rollout.cluster.snapshot import SnapshotSource, read_snapshot
from gitops_rollout.model.cluster import Collection
from gitops_rollout.model.doors import Counted
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.reach import Reach
from tests import traces
from tests.servers.http import until
from tests.servers.kube_api import KINDS, KubeApi

RESTING = [("A", 1), ("H", 1), ("S", 2), ("I", -1), ("M", 0)]


def recorded(name: str, step: int) -> traces.Snapshot:
    scenario = traces.load(name)
    return scenario.resting(scenario.steps[step])


def read(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> LiveView:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    limits = {name: options.pop(name) for name in ("seconds", "namespaces", "labels") if name in options}
    return KubeSource("prod", options.pop("context", None), Reach(**limits), **options).read()


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

        def page(self, *place: Any, **options: Any) -> bytes:
            self.pages += 1
            data = self.connection.page(*place, **options)
            if self.pages == 1:
                kube_api.etcd.compact()
            return data

    assembly = Assembly()
    connection = Forgetful(connect(None, 30))
    (revisions,) = (listed for listed in listing.KINDS if listed.plural == "revisions")
    assert listing.read_kind(connection, revisions, assembly, 1) == []
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
    plugin.write_text("#!/bin/sh\n(sleep 1000) & sleep 1000\n")
    began = time.monotonic()
    with pytest.raises(SourceError, match="gave no credentials in 1 seconds"):
        read(edited(kube_api.kubeconfig, user=user), monkeypatch, seconds=1)
    assert time.monotonic() - began < 100
    answer["status"] = {"token": kube_api.token, "expirationTimestamp": "2020-01-01T00:00:00Z"}
    plugin.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    with pytest.raises(SourceError, match="expired at 2020") as expired:
        read(edited(kube_api.kubeconfig, user=user), monkeypatch)
    assert kube_api.token not in f"{expired.value.message}{expired.value.hint}"
    user["exec"]["command"] = "gitops-rollout-no-such-plugin"
    with pytest.raises(SourceError, match="cannot be run"):
        read(edited(kube_api.kubeconfig, user=user), monkeypatch)


def test_impersonation_counts(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    user = {"token": kube_api.token, "as": "nobody"}
    with pytest.raises(SourceError, match=r"may not be listed \(403\)"):
        read(edited(kube_api.kubeconfig, user=user), monkeypatch)
    groups = user | {"as-groups": ["team", "system:masters"], "as-uid": "7", "as-user-extra": {"Reason/X": ["a", "b"]}}
    assert read(edited(kube_api.kubeconfig, user=groups), monkeypatch).services == {}
    with pytest.raises(SourceError, match="but no user"):
        read(edited(kube_api.kubeconfig, user={"token": kube_api.token, "as-groups": ["system:masters"]}), monkeypatch)


def namespaced(kube_api: KubeApi, *namespaces: str) -> Path:
    """The kubeconfig of an account that may list in these namespaces alone."""
    name = f"only-{'-'.join(namespaces)}"
    token = kube_api.account("team", name)
    rules = [
        {"apiGroups": ["serving.kserve.io"], "resources": ["inferenceservices"], "verbs": ["list"]},
        {"apiGroups": ["serving.knative.dev"], "resources": ["services", "revisions"], "verbs": ["list"]},
    ]
    for namespace in namespaces:
        metadata = {"name": name, "namespace": namespace}
        subjects = [{"kind": "ServiceAccount", "name": name, "namespace": "team"}]
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        kube_api.create({"kind": "Role", "metadata": metadata, "rules": rules})
        kube_api.create({"kind": "RoleBinding", "metadata": metadata, "subjects": subjects, "roleRef": reference})
        path = KINDS["Revision"].path(namespace)  # a server takes a new role in within moments
        until(partial(kube_api.call, "GET", path, token=token), lambda answer: answer.status == 200, within=240)
    return kube_api.kubeconfig_with(name, token)


def test_a_role_in_each_namespace_is_enough(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    kube_api.restore(*recorded("A", 1).items, *recorded("H", 1).items, *recorded("S", 2).items)
    narrow = namespaced(kube_api, "trace-a", "trace-h")
    with pytest.raises(SourceError, match=r"may not be listed \(403\)") as refused:
        read(narrow, monkeypatch)
    assert "name `namespaces` in the policy's cluster" in str(refused.value.hint)
    whole = read(kube_api.kubeconfig, monkeypatch).services
    view = read(narrow, monkeypatch, namespaces=("trace-a", "trace-h"))
    assert view.namespaces == frozenset({"trace-a", "trace-h"})
    assert view.services == {place: seen for place, seen in whole.items() if place[0] != "trace-s"}
    assert view.out_of_reach("trace-a", {}) is None
    assert "not among those that are read" in str(view.out_of_reach("trace-s", {}))


def test_a_namespace_that_may_not_be_read_costs_itself_alone(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    kube_api.restore(*recorded("A", 1).items, *recorded("S", 2).items)
    narrow = namespaced(kube_api, "trace-a")
    view = read(narrow, monkeypatch, namespaces=("trace-a", "trace-s"))
    assert {namespace for namespace, _ in view.services} == {"trace-a"}
    assert "inferenceservices.serving.kserve.io may not be listed there (403)" in view.unread["trace-s"]
    assert any("namespace trace-s is not read, and its targets are held" in note for note in view.notes)
    assert "could not be read" in str(view.out_of_reach("trace-s", {}))
    with pytest.raises(SourceError, match=r"may not be listed in trace-s \(403\)"):
        read(narrow, monkeypatch, namespaces=("trace-s",))


def test_labels_are_asked_of_inference_services_alone(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    items = recorded("A", 1).items
    labelled = [
        {**item, "metadata": {**item["metadata"], "labels": {"team": "fraud"}}}
        if item["kind"] == "InferenceService"
        else item
        for item in items
    ]
    kube_api.restore(*labelled, *recorded("S", 2).items)
    view = read(kube_api.kubeconfig, monkeypatch, labels={"team": "fraud"})
    assert {namespace for namespace, _ in view.services} == {"trace-a"}
    (service,) = view.services.values()
    assert all(component.revisions for component in service.components.values())
    assert view.out_of_reach("trace-a", {"team": "fraud"}) is None
    assert "only InferenceServices with team=fraud are read" in str(view.out_of_reach("trace-a", {"team": "other"}))


def test_the_clusters_own_settings_are_read(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    kube_api.restore(*recorded("A", 1).items)
    made = {
        ("knative-serving", "config-gc"): {"retain-since-create-time": "disabled", "max-non-active-revisions": "3"},
        ("kserve", "inferenceservice-config"): {"deploy": '{"defaultDeploymentMode": "Standard"}'},
    }
    for (namespace, name), data in made.items():
        metadata = {"name": name, "namespace": namespace}
        kube_api.create({"kind": "ConfigMap", "metadata": metadata, "data": data})
    try:
        settings = read(kube_api.kubeconfig, monkeypatch).settings
        assert settings.collection == Collection(retain_since_create=None, most=3)
        assert settings.default_mode == "Standard"
    finally:
        for namespace, name in made:
            kube_api.call("DELETE", KINDS["ConfigMap"].path(namespace, name)).ok()


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


def test_what_is_sent_is_counted(
    answering: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, told = answering
    told["body"] = b'{"metadata": {}, "items": []}'
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path, url)))
    source = KubeSource("prod", None)
    assert isinstance(source, Counted)
    source.read()
    first = source.sent
    source.read()
    assert (first > 0, source.sent) == (True, told["calls"])


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


def test_several_clusters_are_recorded_at_once_into_a_folder(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kube_api.restore(*recorded("H", 1).items, *recorded("A", 1).items)
    seen = read(kube_api.kubeconfig, monkeypatch).services
    folder = tmp_path / "made" / "here"
    clusters = ["--live", "prod=kube:", "--live", "eu=kube:test", "--live", "gone=kube:no-such-context"]
    assert run(["snapshot", *clusters, "--to", str(folder), "--namespace", "trace-h"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "gone: no way to reach it" in said.err
    assert f"--live prod=snapshot:{folder / 'prod.json'}" in said.err
    assert sorted(path.name for path in folder.iterdir()) == ["eu.json", "prod.json"]
    for path in folder.iterdir():
        view = SnapshotSource(path.stem, path).read()
        assert view.services == {place: one for place, one in seen.items() if place[0] == "trace-h"}
        assert view.namespaces == frozenset({"trace-h"})
    assert run(["snapshot", *clusters]) == 64
    assert "several clusters need a folder" in capsys.readouterr().err
    assert run(["snapshot", "--live", "prod=kube:", "--to", str(folder / "eu.json")]) == 64
    assert run(["snapshot", "--live", "prod=kube:", "--to", str(folder / "eu.json" / "x")]) == 1
    assert "give --to a folder that can be written" in capsys.readouterr().err


def test_only_a_cluster_can_be_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["snapshot", "--live", "prod=snapshot:live.json"]) == 64
    assert "is no cluster to be recorded" in capsys.readouterr().err
    assert run(["snapshot"]) == 64
