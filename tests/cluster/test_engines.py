"""Argo CD's and Flux's objects, from an API server and from files: the same words, and no harm where there are none."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cluster import listing
from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.cluster.flux import commit_of
from gitops_rollout.cluster.kube import KubeSource
from gitops_rollout.cluster.snapshot import SnapshotSource, read_snapshot
from gitops_rollout.model.engines import EngineKind, IgnoredDifference, LiveEngine, Managed
from tests import traces
from tests.engines import NEW, OLD, URL, application, git_repository, kustomization
from tests.servers.kube_api import KINDS, KubeApi

IRIS = ("trace-a", "iris")


def read(*objects: Any) -> LiveEngine:
    assembly = Assembly()
    for found in objects:
        assembly.add(found["kind"], json.dumps(found).encode())
    (engine,) = assembly.engines()
    assert not assembly.unreadable
    return engine


def test_an_application_says_what_it_follows_and_what_it_manages() -> None:
    engine = read(application(status="OutOfSync", applied=OLD))
    (source,) = engine.following
    assert (source.repository, source.revision, source.path) == (URL, "main", "clusters/prod")
    assert (source.seen, source.applied) == (NEW, OLD)
    assert engine.manages == {IRIS: Managed("OutOfSync")}
    assert (engine.status, engine.automated, engine.heals, engine.stopped) == ("OutOfSync", True, False, None)
    assert engine.title == "Argo CD Application argocd/models"


@pytest.mark.parametrize(
    ("automated", "expected"),
    [
        (None, (False, False)),
        ({}, (True, False)),
        ({"selfHeal": True}, (True, True)),
        ({"enabled": False, "selfHeal": True}, (False, False)),
        ({"enabled": True}, (True, False)),
    ],
)
def test_auto_sync_is_on_off_or_switched_off(automated: dict[str, Any] | None, expected: tuple[bool, bool]) -> None:
    engine = read(application(automated=automated))
    assert (engine.automated, engine.heals) == expected


def test_a_failed_sync_says_so_of_each_object() -> None:
    failed = application(status="OutOfSync", applied=OLD, phase="Failed", message="one failed", failure="no such field")
    engine = read(failed)
    assert engine.manages == {IRIS: Managed("OutOfSync", "no such field")}
    assert engine.operation is not None
    assert (engine.operation.phase, engine.operation.message, engine.operation.results) == (
        "Failed",
        "one failed",
        True,
    )
    assert engine.following[0].applied == OLD
    del failed["status"]["history"]
    assert read(failed).following[0].applied is None


def test_each_of_several_sources_has_a_revision_of_its_own() -> None:
    sources = [{"repoURL": "https://charts.example.com", "chart": "kserve", "targetRevision": "1.2.3"},
               {"repoURL": URL, "path": "./clusters/prod/", "targetRevision": "main"}]  # fmt: skip
    found = application(spec={"sources": sources})
    found["status"]["sync"] |= {"revision": "", "revisions": ["1.2.3", NEW]}
    found["status"]["history"][0] |= {"revision": "", "revisions": ["1.2.3", OLD]}
    chart, ours = read(found).following
    assert (chart.path, chart.seen) == (None, None)
    assert (ours.path, ours.seen, ours.applied) == ("clusters/prod", NEW, OLD)


def test_who_made_an_application_and_what_it_does_not_look_at() -> None:
    metadata = {
        "ownerReferences": [{"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": "teams"}],
        "annotations": {
            "argocd.argoproj.io/tracking-id": "root:argoproj.io/Application:argocd/models",
            "argocd.argoproj.io/skip-reconcile": "true",
        },
    }
    ignored = {"group": "serving.kserve.io", "kind": "InferenceService",
               "jsonPointers": ["/spec/predictor/canaryTrafficPercent"]}  # fmt: skip
    engine = read(application(metadata=metadata, spec={"ignoreDifferences": [ignored]}))
    assert engine.made_by == ("ApplicationSet teams", "Application root")
    assert "skip-reconcile" in str(engine.stopped)
    assert engine.ignored == (
        IgnoredDifference("serving.kserve.io", "InferenceService", fields=("/spec/predictor/canaryTrafficPercent",)),
    )


def test_a_kustomization_says_what_it_applied() -> None:
    engine = read(kustomization(applied=OLD, ready=("False", "BuildFailed", "kustomize build failed"), suspend=True))
    (source,) = engine.following
    assert (source.path, source.seen, source.applied) == ("clusters/prod", NEW, OLD)
    assert (engine.kind, engine.status, engine.stopped) == (EngineKind.KUSTOMIZATION, "False", "spec.suspend")
    assert engine.manages == {IRIS: Managed()}
    remote = read(kustomization(spec={"kubeConfig": {"secretRef": {"name": "prod-eu"}}}))
    assert remote.destination == {"kubeConfig": "prod-eu"}


def test_a_registrys_artifact_is_no_commit_but_says_what_it_was_made_from() -> None:
    found = kustomization(spec={"sourceRef": {"kind": "OCIRepository", "name": "models"}})
    found["status"]["lastAppliedRevision"] = f"latest@sha256:{'c' * 64}"
    assert read(found).following[0].applied is None
    found["status"]["lastAppliedOriginRevision"] = f"main@sha1:{OLD}"
    assert read(found).following[0].applied == OLD


@pytest.mark.parametrize(
    ("revision", "expected"),
    [(f"main@sha1:{NEW}", NEW), (f"sha1:{NEW}", NEW), (f"main/{NEW}", NEW), (f"team/x@sha1:{NEW}", NEW),
     (f"main@sha256:{'d' * 64}", "d" * 64), ("v1.2.3", None), ("", None), (7, None), (None, None),
     ("main@sha1:xyz", None), (f"main@md5:{NEW}", None)],
)  # fmt: skip
def test_the_commit_in_a_revision_of_flux(revision: Any, expected: str | None) -> None:
    assert commit_of(revision) == expected


def test_odd_sources_cost_only_themselves() -> None:
    found = git_repository()
    for part in ("spec", "status"):
        for key in found[part]:
            for odd in (7, "text", [1, None], {"a": {"b": 1}}):
                assert read(kustomization(), {**found, part: {**found[part], key: odd}}).fetching is not None


@pytest.mark.parametrize("kind", ["Application", "Kustomization"])
def test_odd_statuses_cost_only_themselves(kind: str) -> None:
    found = application() if kind == "Application" else kustomization()
    for part in ("spec", "status"):
        for key in found[part]:
            for odd in (7, "text", [1, None], {"a": {"b": 1}}, [{"kind": 3}]):
                engine = read({**found, part: {**found[part], key: odd}})
                assert engine.name == "models"
    found["metadata"] |= {"labels": 3, "annotations": ["x"], "ownerReferences": "none"}
    assert read(found).made_by == ()


def test_a_server_and_its_recording_show_the_same(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scenario = traces.load("A")
    kube_api.restore(*scenario.resting(scenario.steps[1]).items, application(), kustomization(), git_repository())
    for kind in ("Application", "Kustomization", "GitRepository"):
        shown = kube_api.call("GET", KINDS[kind].path(None)).ok()["items"]
        assert len(shown) == 1  # the server's own schema takes what is written here
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))
    view = KubeSource("prod", None, page=1).read()
    assert [engine.kind for engine in view.engines] == [EngineKind.APPLICATION, EngineKind.KUSTOMIZATION]
    assert {engine.cluster for engine in view.engines} == {"prod"}
    assert all(IRIS in engine.manages for engine in view.engines)
    assert view.engines[1].fetching is not None
    recording, _ = KubeSource("prod", None).record()
    stream = io.BytesIO()
    recording.write(stream)
    (tmp_path / "live.json").write_bytes(stream.getvalue())
    again = SnapshotSource("prod", tmp_path / "live.json").read()
    assert (again.engines, again.services) == (view.engines, view.services)


def test_statuses_are_what_the_crds_allow(kube_api: KubeApi) -> None:
    for found in (application(conditions=(("SyncError", "x"),), failure="no"), kustomization(), git_repository()):
        plain = {**found, "metadata": {"name": found["metadata"]["name"], "namespace": "team"}}
        kube_api.namespace("team")
        kube_api.apply_dry(plain).ok()


def test_kustomizes_own_kind_is_another_thing() -> None:
    other = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": []}
    app = {"apiVersion": "app.k8s.io/v1beta1", "kind": "Application", "metadata": {"name": "a", "namespace": "b"}}
    items = [other, app, *traces.load("A").snapshots[-1].items]
    assert read_snapshot(json.dumps({"kind": "List", "items": items}).encode(), "file").engines() == ()


def test_a_hub_without_kserve_is_read_for_its_engines(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))
    gone = tuple(one._replace(plural=f"no{one.plural}") if not one.without else one for one in listing.KINDS)
    monkeypatch.setattr(listing, "KINDS", gone)
    kube_api.restore(application())
    view = KubeSource("hub", None).read()
    assert [engine.name for engine in view.engines] == ["models"]
    assert "its 1 engines are read" in view.notes[0]
    assert not view.unreachable
