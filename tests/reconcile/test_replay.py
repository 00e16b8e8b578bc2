"""Open loop, with real Git: every recorded scenario, each step committed, its snapshots shown in order."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.plan import TargetReport
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import plan
from gitops_rollout.reconcile.world import World
from tests.traces import Scenario, Snapshot, Step, load
from tests.worlds import POLICY, make_place

EXPECTED: Mapping[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "decisions" / "recorded.yaml").read_text()
)
SETTINGS = EXPECTED["settings"]
KINDS = ("InferenceService", "Service", "Revision")


class Shown:
    """A live source that shows one snapshot."""

    name = "prod"

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def read(self) -> LiveView:
        assembly = Assembly()
        for item in self.snapshot.items:
            if item["kind"] in KINDS:
                assembly.add(item["kind"], dict(item))
        return LiveView("prod", self.snapshot.at, assembly.services())


@pytest.mark.parametrize("scenario", sorted(EXPECTED["scenarios"]))
def test_every_snapshot_of_a_scenario_is_decided_as_derived_by_hand(scenario: str, tmp_path: Path) -> None:
    recorded = load(scenario)
    place = make_place(tmp_path)
    policy = {
        "version": 1,
        "mode": "propose",
        "clusters": [{"name": "prod", "paths": ["**"]}],
        "defaults": {"steps": SETTINGS["steps"], "soak": SETTINGS["soak"], "deadline": SETTINGS["deadline"]},
    }
    place.commit({POLICY: yaml.safe_dump(policy)}, "a policy", recorded.steps[0].at)
    for step, expected in zip(recorded.steps, EXPECTED["scenarios"][scenario], strict=True):
        if step.manifest is not None:
            place.commit({"models/it.yaml": yaml.safe_dump(dict(step.manifest))}, step.title, step.at)
        request = Request(repo=str(place.clone), now=step.at, live=(("prod", "snapshot:unread"),))
        world = open_world(request, tmp_path / "cache")
        reports = [decided(world, snapshot) for snapshot in looks(recorded, step)]
        outcomes = [outcome(report) for report in reports]
        distinct = [word for before, word in zip([None, *outcomes], outcomes, strict=False) if word != before]
        assert distinct == expected["seen"], f"{scenario}: {step.title}"
        written = {str(part): percent for part, percent in reports[-1].decision.to_percents.items()}
        assert written == expected.get("to", {}), f"{scenario}: {step.title}"
        assert (reports[-1].change is not None) == bool(written), f"{scenario}: {step.title}"


def looks(recorded: Scenario, step: Step) -> Iterator[Snapshot]:
    """The step's snapshots, but for those in which nothing that is read differs from the one before."""
    before: tuple[object, ...] | None = None
    for position in range(min(step.first, step.last), step.last + 1):
        snapshot = recorded.snapshots[position]
        read = tuple(id(item) for item in snapshot.items if item["kind"] in KINDS)
        if read != before or position == step.last:
            yield snapshot
        before = read


def decided(world: World, snapshot: Snapshot) -> TargetReport:
    report = plan(replace(world, sources=(Shown(snapshot),), now=snapshot.at))
    assert not report.errors
    assert not report.skipped
    (target,) = report.targets
    assert target.error is None
    return target


def outcome(target: TargetReport) -> str:
    decision = target.decision
    return f"{'alarm' if decision.alarm else decision.action} {decision.reason}"
