"""Git, the live object and the traffic, each at one of four stages of a rollout: all 64 combinations on a real server.

Only where all three agree is anything decided; where they do not, the message says which of them lags.
"""

import json
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import plan
from tests.servers.kube_api import KubeApi
from tests.traces import load
from tests.worlds import POLICY, make_place

STAGES = range(4)  # v1; v2 at 10; v2 at 50; v2 without a percent
AGREED = {0: ("stable", "stable"), 1: ("step", "soaked"), 2: ("promote", "soaked"), 3: ("stable", "stable")}
TEXT = """\
version: 1
mode: propose
clusters: [{name: prod}]
forge: {kind: local}
defaults: {steps: [10, 50], deadline: 24h}
"""


def expected(git: int, live: int, traffic: int) -> tuple[str, str]:
    """Which of the three lags behind."""
    if git != live:
        return "hold", "out-of-sync"
    return AGREED[git] if live == traffic else ("hold", "settling")


def namespace_of(git: int, live: int, traffic: int) -> str:
    return f"git{git}-live{live}-traffic{traffic}"


def objects(namespace: str, live: int, traffic: int) -> list[dict[str, Any]]:
    """The cluster's objects: the InferenceService's spec is of one stage, all that controllers wrote of another."""
    scenario = load("A")
    states = [scenario.resting(scenario.steps[stage]) for stage in (live, traffic)]
    (wanted,), (seen,) = (state.of_kind("InferenceService") for state in states)
    service = {**wanted, "status": seen["status"]}
    items = [service, *(item for item in states[1].items if item["kind"] != "InferenceService")]
    moved: list[dict[str, Any]] = json.loads(json.dumps(items).replace(scenario.namespace, namespace))
    return moved


def manifest(namespace: str, stage: int) -> str:
    scenario = load("A")
    recorded = json.dumps(scenario.steps[stage].manifest).replace(scenario.namespace, namespace)
    return yaml.safe_dump(json.loads(recorded), sort_keys=False)


def test_only_what_agrees_three_ways_is_decided(
    kube_api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, now = make_place(tmp_path), datetime.now(UTC)
    cells = list(product(STAGES, STAGES, STAGES))
    for stage in STAGES:
        texts = {
            f"{namespace_of(*cell)}.yaml": manifest(namespace_of(*cell), stage) for cell in cells if cell[0] >= stage
        }
        place.commit({POLICY: TEXT, **texts}, f"stage {stage}", now - timedelta(hours=8 - stage))
    kube_api.restore(*(item for cell in cells for item in objects(namespace_of(*cell), *cell[1:])))
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))
    request = Request(repo=str(place.remote), now=now, live=(("prod", "kube:test"),), forge="local")
    report = plan(open_world(request, tmp_path / "cache"))
    decided = {target.key.namespace: (target.decision.action, target.decision.reason) for target in report.targets}
    assert decided == {namespace_of(*cell): expected(*cell) for cell in cells}
