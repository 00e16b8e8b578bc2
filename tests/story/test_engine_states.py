"""Every state of an engine that matters, on a real server with the CRDs of Argo CD and Flux, under one run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.model.plan import RunReport
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import plan
from tests.engines import application, kustomization
from tests.servers.kube_api import KubeApi
from tests.story.test_three_ways import manifest, objects
from tests.worlds import POLICY, make_place

TEXT = """\
version: 1
mode: propose
clusters:
  - {name: prod, paths: ["clusters/prod/**"], destinations: [prod-eu]}
  - {name: hub, paths: ["clusters/hub/**"]}
forge: {kind: local}
defaults: {steps: [10, 50], deadline: 24h}
"""
V1, CANARY, HALF = 0, 1, 2  # stages of the recorded rollout: v1; v2 at 10; v2 at 50

Make = Callable[..., dict[str, Any]]
Engine = Callable[[Make, Make, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """What stands live, the engine (given the commit of v1 and the one of the canary), and what is decided."""

    live: int
    engine: Engine
    expected: str
    says: str = ""
    percent: int | None = None


CASES = {
    "argo-synced": Case(CANARY, lambda argo, flux, old, new: argo(seen=new, applied=new), "step soaked"),
    "argo-equal": Case(CANARY, lambda argo, flux, old, new: argo(seen=new, applied=old), "step soaked"),
    "argo-other-differs": Case(
        CANARY, lambda argo, flux, old, new: argo(seen=new, applied=new, status="OutOfSync"), "step soaked"
    ),
    "argo-not-yet": Case(
        V1,
        lambda argo, flux, old, new: argo(seen=old, applied=old),
        "hold out-of-sync",
        "has not applied",
    ),
    "argo-not-yet-equal": Case(
        CANARY, lambda argo, flux, old, new: argo(seen=old, applied=old), "hold out-of-sync", "not done: step"
    ),
    "argo-by-hand": Case(
        CANARY, lambda argo, flux, old, new: argo(seen=new, applied=new, automated=None), "step soaked", "by hand"
    ),
    "argo-by-hand-not-yet": Case(
        V1,
        lambda argo, flux, old, new: argo(seen=new, applied=old, status="OutOfSync", automated=None),
        "hold engine-paused",
        "auto-sync is off",
    ),
    "argo-failed": Case(
        V1,
        lambda argo, flux, old, new: argo(
            seen=new, applied=old, status="OutOfSync", phase="Failed", failure="admission webhook denied it"
        ),
        "alarm sync-failed",
        "admission webhook denied it",
    ),
    "argo-cannot-compare": Case(
        CANARY,
        lambda argo, flux, old, new: argo(
            seen=new, applied=new, status="Unknown", conditions=(("ComparisonError", "no such path"),)
        ),
        "alarm sync-failed",
        "no such path",
    ),
    "argo-drift": Case(
        HALF, lambda argo, flux, old, new: argo(seen=new, applied=new), "hold out-of-sync", "changed in the cluster"
    ),
    "argo-zero": Case(
        CANARY,
        lambda argo, flux, old, new: argo(seen=new, applied=new, automated={"selfHeal": True}),
        "alarm out-of-sync",
        "emergency",
        percent=0,
    ),
    "argo-hub": Case(
        V1,
        lambda argo, flux, old, new: argo(
            seen=new, applied=old, status="OutOfSync", automated=None, spec={"destination": {"name": "prod-eu"}}
        ),
        "hold engine-paused",
    ),
    "argo-elsewhere": Case(
        CANARY,
        lambda argo, flux, old, new: argo(
            seen=old, applied=old, automated=None, spec={"destination": {"name": "other-cluster"}}
        ),
        "step soaked",
    ),
    "flux-applied": Case(CANARY, lambda argo, flux, old, new: flux(seen=new, applied=new), "step soaked"),
    "flux-unhealthy": Case(
        CANARY,
        lambda argo, flux, old, new: flux(seen=new, applied=old, ready=("False", "HealthCheckFailed", "timeout")),
        "step soaked",
    ),
    "flux-suspended": Case(
        V1, lambda argo, flux, old, new: flux(seen=old, applied=old, suspend=True), "hold engine-paused", "spec.suspend"
    ),
    "flux-suspended-equal": Case(
        CANARY,
        lambda argo, flux, old, new: flux(seen=new, applied=new, suspend=True),
        "hold engine-paused",
        "not done: step",
    ),
    "flux-build-failed": Case(
        V1,
        lambda argo, flux, old, new: flux(seen=new, applied=old, ready=("False", "BuildFailed", "no kustomization")),
        "alarm sync-failed",
        "BuildFailed: no kustomization",
    ),
    "flux-waits": Case(
        V1,
        lambda argo, flux, old, new: flux(seen=new, applied=old, ready=("False", "DependencyNotReady", "kserve first")),
        "hold out-of-sync",
        "waits (kserve first)",
    ),
}


@pytest.fixture
def report(kube_api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunReport:
    """One plan over all cases, a namespace for each; `hub` is the same server under another name."""
    place, now = make_place(tmp_path), datetime.now(UTC)
    commits = []
    for stage in (V1, CANARY):
        texts = {f"clusters/prod/{case}.yaml": manifest(case, stage) for case in CASES}
        when = now - timedelta(hours=8 - stage)
        commits.append(place.commit({POLICY: TEXT, **texts}, f"stage {stage}", when))
    old, new = commits
    for name, case in CASES.items():
        about = {"name": name, "services": ((name, "iris"),), "path": "clusters/prod"}
        engine = case.engine(
            lambda about=about, **changes: application(**about, url=str(place.remote), **changes),
            lambda about=about, **changes: kustomization(**about, **changes),
            old,
            new,
        )
        items = objects(name, case.live, case.live)
        for item in items:
            if case.percent is not None and item["kind"] == "InferenceService":
                item["spec"]["predictor"]["canaryTrafficPercent"] = case.percent
        kube_api.restore(engine, *items)
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))
    live = (("prod", "kube:test"), ("hub", "kube:test"))
    request = Request(repo=str(place.remote), now=now, live=live, forge="local")
    return plan(open_world(request, tmp_path / "cache"))


def test_each_state_has_its_reason(report: RunReport) -> None:
    assert not report.errors
    found = {
        target.key.namespace: f"{'alarm' if target.decision.alarm else target.decision.action} {target.decision.reason}"
        for target in report.targets
    }
    assert found == {name: case.expected for name, case in CASES.items()}
    for target in report.targets:
        assert CASES[target.key.namespace].says in target.decision.message, target.key
