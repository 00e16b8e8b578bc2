"""Open loop: the recorded scenarios as a history of Git and looks at the cluster, decided one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import decide_target
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.history import Arrival, History
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.observation import TargetFacts, TargetObservation
from gitops_rollout.model.policy import Settings
from gitops_rollout.model.targets import Manifest, Source, Target, TargetKey
from tests.traces import Scenario, Snapshot, Step, load

EXPECTED: Mapping[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "decisions" / "recorded.yaml").read_text()
)
SETTINGS = Settings(
    steps=tuple(EXPECTED["settings"]["steps"]),
    soak=timedelta(0),
    deadline=timedelta(hours=1),
    bake=timedelta(hours=1),
)
KINDS = ("InferenceService", "Service", "Revision")


@dataclass(frozen=True)
class Decided:
    """One snapshot, assessed and decided."""

    facts: TargetFacts
    observation: TargetObservation
    decision: Decision

    @property
    def outcome(self) -> str:
        word = "alarm" if self.decision.alarm else str(self.decision.action)
        return f"{word} {self.decision.reason}"


@cache
def replay(scenario: str) -> tuple[tuple[Step, list[Decided]], ...]:
    """Each step with the decisions of all its snapshots, in order."""
    return tuple(_replay(scenario))


def _replay(scenario: str) -> Iterator[tuple[Step, list[Decided]]]:
    recorded = load(scenario)
    arrivals: tuple[Arrival, ...] = ()
    for number, step in enumerate(recorded.steps):
        if step.manifest is not None:
            arrival = Arrival(f"{number:040x}", step.at, "a person", step.title, manifest(step.manifest))
            arrivals = (arrival, *arrivals)
        positions = range(min(step.first, step.last), step.last + 1)
        yield step, [decide(recorded, recorded.snapshots[position], History(arrivals)) for position in positions]


def decide(recorded: Scenario, snapshot: Snapshot, history: History) -> Decided:
    stated = history.arrivals[0].manifest
    assert stated is not None
    target = Target(TargetKey("prod", recorded.namespace, stated.name), stated)
    live = live_service(snapshot, recorded.namespace, stated.name)
    facts = TargetFacts(target, SETTINGS, live, history, now=snapshot.at, seen_at=snapshot.at)
    observation = assess(facts)
    return Decided(facts, observation, decide_target(observation))


def live_service(snapshot: Snapshot, namespace: str, name: str) -> LiveInferenceService | None:
    assembly = Assembly()
    for item in snapshot.items:
        if item["kind"] in KINDS:
            assembly.add(item["kind"], dict(item))
    return assembly.services().get((namespace, name))


def manifest(document: Mapping[str, Any]) -> Manifest:
    """What Git states, as the manifest reader gives it."""
    metadata = document["metadata"]
    return Manifest(
        source=Source("iris.yaml", 0, 1),
        name=metadata["name"],
        namespace=metadata.get("namespace"),
        spec=document["spec"],
        annotations=metadata.get("annotations", {}),
    )
