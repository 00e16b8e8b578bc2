"""Measurements on their way into a decision."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import yaml

from gitops_rollout.model.observation import Measurement
from gitops_rollout.model.plan import TargetReport
from gitops_rollout.model.policy import Analysis
from gitops_rollout.model.targets import Component, TargetKey
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import plan
from gitops_rollout.reconcile.world import World
from tests.traces import load
from tests.worlds import POLICY, make_place

CHECKED = """
version: 1
mode: propose
clusters: [{name: prod, paths: ["**"]}]
limits: {max-age: 3h}
defaults:
  soak: 1m
  analysis:
    - name: error-rate
      prometheus: {url: "http://prometheus:9090", query: "errors"}
      fail: {above: 0.01}
"""


class Rates:
    """Measures what it was told of each revision."""

    def __init__(self, rates: dict[str, float]) -> None:
        self.rates = rates

    def measure(
        self, analysis: Analysis, target: TargetKey, component: Component, revision: str, since: datetime
    ) -> Measurement:
        return Measurement(analysis.name, component, revision, self.rates[revision], samples=1000)


def canary(tmp_path: Path) -> World:
    """The recorded canary at 10 %, soaked, with an analysis in the policy."""
    recorded = load("A")
    place = make_place(tmp_path)
    place.commit({POLICY: CHECKED}, "a policy", recorded.steps[0].at)
    for step in recorded.steps[:2]:
        place.commit({"it.yaml": yaml.safe_dump(dict(step.manifest or {}))}, step.title, step.at)
    snapshot = recorded.resting(recorded.steps[1])
    place.show("prod", [snapshot.document()])
    live = (("prod", f"snapshot:{place.snapshot('prod')}"),)
    return open_world(Request(str(place.clone), recorded.snapshots[-1].at, replayed=True, live=live), tmp_path / "c")


def only_target(world: World) -> TargetReport:
    (target,) = plan(world).targets
    return target


def test_without_a_provider_nothing_goes_forward(tmp_path: Path) -> None:
    world = canary(tmp_path)
    later = replace(world, now=world.now.replace(hour=world.now.hour + 1))
    assert only_target(later).decision.reason in ("no-data", "inconclusive")


def test_measurements_decide(tmp_path: Path) -> None:
    world = canary(tmp_path)
    world = replace(world, now=world.now.replace(hour=world.now.hour + 1))
    good, bad = {"iris-predictor-00001": 0.0, "iris-predictor-00002": 0.0}, {"iris-predictor-00002": 0.5}
    going = only_target(replace(world, providers={"prometheus": Rates(good)})).decision
    assert (going.action, going.reason) == ("step", "soaked")
    failing = only_target(replace(world, providers={"prometheus": Rates(good | bad)})).decision
    assert (failing.action, failing.reason) == ("rollback", "analysis-failed")
    assert [(e.name, e.value, e.verdict) for e in failing.evidence] == [("error-rate", 0.5, "fail")]
