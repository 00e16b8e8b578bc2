"""The recorded scenarios as worlds of one component, read by the room that reads clusters."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.core.forecast.live import world_of
from gitops_rollout.core.forecast.world import Outcome, Spec, State, World
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Component
from tests.traces import Snapshot, Step, load

OUTCOMES = {State.READY: Outcome.READY, State.PENDING: Outcome.PENDING, State.FAILED: Outcome.FAILED}


@dataclass(frozen=True)
class Story:
    """One recorded step of one component: the world it began in, where it came to rest, and what came in between.

    `rested` is the world in which the step before it came to rest.
    """

    step: Step
    rested: World
    began: World
    ended: World
    between: tuple[World, ...]

    @property
    def outcome(self) -> Outcome:
        """What became of the newest revision."""
        newest = self.ended.revision(self.ended.service.status.latest_created) if self.ended.service else None
        return OUTCOMES[newest.state] if newest else Outcome.READY


def live(snapshot: Snapshot) -> LiveInferenceService | None:
    """The InferenceService of a snapshot."""
    assembly = Assembly()
    for item in snapshot.items:
        if item["kind"] in assembly.counts:
            assembly.add(item["kind"], dict(item))
    return next(iter(assembly.services().values()), None)


def stories(scenario: str, component: Component) -> Iterator[Story]:
    """The steps of a serverless scenario in which the component is asked for and something was seen to change."""
    recorded = load(scenario)
    rested = World(f"iris-{component}", Spec(template="nothing"), component)
    before: Any = None
    for step in recorded.steps:
        if step.last < step.first:
            continue
        shown = [live(snapshot) for snapshot in recorded.snapshots[step.first : step.last + 1]]
        raw = [_template(snapshot, component) for snapshot in recorded.snapshots[step.first : step.last + 1]]
        if shown[-1] is None or (component not in shown[-1].components and component.value not in shown[-1].spec):
            continue
        worlds = [world_of(one, component) for one in shown if one is not None]
        ended = worlds[-1]
        # In the first snapshot KServe may not have written the new template yet: the Knative Service's own says.
        began = worlds[0]
        if began.service and raw[0] == before:
            old = replace(began.service, template=rested.spec.template, configured=rested.spec.template)
            began = replace(began, service=old)
        yield Story(step, rested, began, ended, tuple(worlds))
        rested = ended if ended.service else replace(ended, services=rested.services)
        before = raw[-1]


def _template(snapshot: Snapshot, component: Component) -> Any:
    return next(
        (
            s["spec"]["template"]
            for s in snapshot.of_kind("Service")
            if s["metadata"]["labels"]["component"] == component
        ),
        None,
    )
