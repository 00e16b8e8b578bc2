"""Sync windows: which of them concern an Application, and when they keep it from syncing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.cluster.kube import KubeSource
from gitops_rollout.cluster.sync_windows import closing
from gitops_rollout.model.engines import LiveEngine, SyncWindow
from gitops_rollout.model.live import LiveView
from gitops_rollout.reconcile.engines.checkup import engine_findings
from gitops_rollout.reconcile.engines.windows import engines_at
from tests.engines import application
from tests.servers.kube_api import KubeApi

NIGHT = {"kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "applications": ["*"]}
OFFICE = {"kind": "allow", "schedule": "0 9 * * 1-5", "duration": "8h", "applications": ["*"]}


def project(*windows: dict[str, Any], name: str = "default", namespace: str = "argocd") -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"sourceRepos": ["*"], "syncWindows": list(windows)},
    }


def read(*objects: dict[str, Any]) -> LiveEngine:
    assembly = Assembly()
    for found in objects:
        assembly.add(found["kind"], json.dumps(found).encode())
    (engine,) = assembly.engines()
    return engine


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def closed(when: str, *windows: dict[str, Any]) -> SyncWindow | None:
    return closing(read(application(), project(*windows)).windows, at(when))


@pytest.mark.parametrize(
    ("when", "windows", "expected"),
    [
        ("2026-03-02T21:59", [NIGHT], None),
        ("2026-03-02T22:00", [NIGHT], "deny `0 22 * * *` for 8h, UTC"),
        ("2026-03-03T05:59", [NIGHT], "deny `0 22 * * *` for 8h, UTC"),
        ("2026-03-03T06:00", [NIGHT], None),
        ("2026-03-02T12:00", [OFFICE], None),
        ("2026-03-02T18:00", [OFFICE], "allow `0 9 * * 1-5` for 8h, UTC"),
        ("2026-03-07T12:00", [OFFICE], "allow `0 9 * * 1-5` for 8h, UTC"),  # a Saturday
        ("2026-03-02T12:00", [OFFICE, NIGHT], None),
        ("2026-03-02T12:00", [OFFICE, {**NIGHT, "schedule": "0 11 * * *"}], "deny `0 11 * * *` for 8h, UTC"),
        ("2026-03-02T18:00", [OFFICE, {**OFFICE, "schedule": "0 17 * * *"}], None),  # one that is open is enough
        ("2026-07-01T20:30", [{**NIGHT, "timeZone": "Europe/Berlin"}], "deny `0 22 * * *` for 8h, Europe/Berlin"),
        ("2026-07-01T20:30", [{**NIGHT, "timeZone": "Nowhere/At-All"}], None),  # taken for UTC
        ("2026-03-02T12:00", [{**NIGHT, "schedule": "often"}], "deny `often` for 8h, UTC"),
        ("2026-03-02T12:00", [{**NIGHT, "duration": "long"}], "deny `0 22 * * *` for long, UTC"),
        ("2026-03-02T23:00", [{**NIGHT, "kind": "other"}], None),
        ("2026-03-02T23:00", [], None),
    ],
)
def test_when_a_window_keeps_an_application_from_syncing(
    when: str, windows: list[dict[str, Any]], expected: str | None
) -> None:
    found = closed(when, *windows)
    assert (None if found is None else str(found)) == expected


@pytest.mark.parametrize(
    ("stated", "concerned"),
    [
        ({"applications": ["mod*"]}, True),
        ({"applications": ["other"]}, False),
        ({"namespaces": ["models"]}, True),
        ({"clusters": ["https://kubernetes.default.svc"]}, True),
        ({"clusters": ["prod-*"]}, False),
        ({"applications": ["other"], "namespaces": ["models"]}, True),
        ({"applications": ["other"], "namespaces": ["models"], "andOperator": True}, False),
        ({"applications": ["models"], "namespaces": ["models"], "andOperator": True}, True),
        ({}, False),
    ],
)
def test_which_windows_concern_an_application(stated: dict[str, Any], concerned: bool) -> None:
    plain = {key: value for key, value in NIGHT.items() if key != "applications"}
    assert (closed("2026-03-02T23:00", {**plain, **stated}) is not None) is concerned


def test_only_the_windows_of_its_own_project_count() -> None:
    assert read(application(), project(NIGHT, name="other")).windows == ()
    elsewhere = application(metadata={"namespace": "team"})
    assert len(read(elsewhere, project(NIGHT)).windows) == 1
    assert read(elsewhere, project(NIGHT), project(NIGHT, namespace="argocd-2")).windows == ()


@pytest.mark.parametrize("odd", [7, "text", [1], {"a": 1}, [{"kind": "deny"}], [{"kind": "deny", "schedule": 3}]])
def test_odd_projects_cost_only_themselves(odd: Any) -> None:
    found = project()
    found["spec"]["syncWindows"] = odd
    assert closing(read(application(), found).windows, at("2026-03-02T23:00")) is None
    assert read(application(), {**found, "spec": odd}).windows == ()


def test_an_application_in_a_closed_window_is_stopped_by_it_at_that_instant(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    always = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["models"]}
    kube_api.restore(application(), project(always))
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))
    view = KubeSource("prod", None).read()
    assert view.seen_at is not None
    (engine,) = engines_at(view, view.seen_at)
    assert engine.stopped == "sync window deny `* * * * *` for 1h, UTC of default"
    told = "\n".join(finding.message for finding in engine_findings(view, view.seen_at))
    assert "is paused: it is stopped (sync window deny `* * * * *` for 1h, UTC of default)" in told
    (calm,) = engines_at(LiveView("prod", None, engines=(read(application(), project(NIGHT)),)), at("2026-03-02T12:00"))
    assert calm.stopped is None
