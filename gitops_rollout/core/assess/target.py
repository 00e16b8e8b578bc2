"""One target's observation: its components, and what concerns them all."""

from collections.abc import Mapping
from dataclasses import replace

from gitops_rollout.core.assess.component import observe
from gitops_rollout.core.assess.known import Known, know
from gitops_rollout.core.assess.readiness import has_status
from gitops_rollout.core.assess.reliance import collection_trouble, holding
from gitops_rollout.core.history import Timeline, timelines
from gitops_rollout.core.percent import MODEL_MESH, PERCENT_ANNOTATION, misplaced, without_traffic
from gitops_rollout.core.runs import all_runs, running_models
from gitops_rollout.core.steps import first_step
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.observation import Observation, TargetFacts, TargetObservation
from gitops_rollout.model.targets import Component

STOP = "serving.kserve.io/stop"
NO_AUTO_UPDATE = "serving.kserve.io/disable-auto-update"


def assess(facts: TargetFacts) -> TargetObservation:
    """The observation of one target: what is not known is taken for what forbids most. Never raises for bad input.

    An instant of the live view that lies after `now` (a clock runs ahead) counts as `now`.
    """
    facts = replace(facts, seen_at=min(facts.seen_at, facts.now))
    lines = timelines(facts.history, facts.target.manifest)
    seen = {component: observe(know(facts, component, line)) for component, line in lines.items()}
    seen = {component: _with_target(one, facts) for component, one in seen.items()}
    left = _left_behind(facts, lines)
    if left is not None:
        seen = {component: _out_of_sync(one, left) for component, one in seen.items()}
    markers = {component: line.versions[0].marker for component, line in lines.items()}
    return TargetObservation(
        target=facts.target,
        models=running_models(facts.target.manifest.spec),
        components=seen,
        last_touched=facts.history.arrivals[0].commit if facts.history.arrivals else None,
        markers={component: marker for component, marker in markers.items() if marker is not None},
        notes=(*_notes(facts, lines, seen), *(facts.delivery.notes if facts.delivery else ())),
        delivery=facts.delivery,
    )


def _with_target(observation: Observation, facts: TargetFacts) -> Observation:
    """Adds what the target's manifest and its live object as a whole say."""
    manifest, live = facts.target.manifest, facts.live
    annotations = [live.annotations if live else {}, manifest.annotations]
    percents = observation.desired is not None or observation.invalid_percent is not None
    default = None if _has_service(live) else facts.cluster.default_mode
    mode = without_traffic(live.deployment_mode if live else None, *annotations, default=default)
    return replace(
        observation,
        mode_without_traffic=mode,
        ignored_field=_ignored_field(facts, observation.component, mode, percents),
        stopped=_is_on(STOP, annotations) or _is_stopped(live),
        inert=_is_on(NO_AUTO_UPDATE, annotations),
    )


def _ignored_field(facts: TargetFacts, component: Component, mode: str | None, stated: bool) -> str | None:
    """Where a percent stands that KServe ignores, in words; a place inside a component concerns that one alone.

    What ModelMesh serves is not KServe's, and left alone.
    """
    if mode == MODEL_MESH:
        return None
    if mode is not None and stated:
        return f"spec.{component} (KServe ignores it in {mode} mode)"
    for path in misplaced(facts.target.manifest.spec):
        part = path.removeprefix("spec").removeprefix(".").split(".")[0].split("[")[0]
        if part == component or part not in set(Component):
            return path
    if not stated and PERCENT_ANNOTATION in facts.target.manifest.annotations:
        return f"the annotation {PERCENT_ANNOTATION}"
    return None


def _left_behind(facts: TargetFacts, lines: Mapping[Component, Timeline]) -> str | None:
    """A component that Git stated once, states no longer, and that is still live."""
    if facts.live is None:
        return None
    extra = [component for component in all_runs(facts.live.spec) if component not in lines]
    stated = {
        component
        for arrival in facts.history.arrivals
        if arrival.manifest is not None
        for component in all_runs(arrival.manifest.spec)
    }
    return next((f"the {one} is still live, Git no longer states it" for one in extra if one in stated), None)


def _out_of_sync(observation: Observation, difference: str) -> Observation:
    return replace(observation, in_sync=False, difference=observation.difference or difference)


def _notes(facts: TargetFacts, lines: Mapping[Component, Timeline], seen: Mapping[Component, Observation]) -> list[str]:
    notes = [f"{one.component}: {one.tracking_disagrees}" for one in seen.values() if one.tracking_disagrees]
    for component, line in lines.items() if facts.live is not None else ():
        notes += [f"{component}: {told}" for told in _of_revisions(know(facts, component, line), seen[component])]
    if facts.live is not None:
        extra = [component for component in all_runs(facts.live.spec) if component not in lines]
        notes += [f"the live object has a {component} that Git does not state" for component in extra]
    return notes + [f"{component}: unguarded" for component, line in lines.items() if _is_unguarded(line, facts)]


def _of_revisions(known: Known, seen: Observation) -> list[str]:
    """What a canary at 0 holds, and a revision that is about to be collected while a bake may go back to it."""
    found = [held] if (held := holding(known)) else []
    previous = known.tracking.previous_rolledout
    if seen.bake.open and previous and (why := collection_trouble(known, previous)):
        found.append(f"a failing bake would not go back to {previous}: {why}")
    return found


def _is_unguarded(line: Timeline, facts: TargetFacts) -> bool:
    """Whether today's model came without a percent, or above the first step, over one that ran before."""
    first = first_step(facts.settings.steps)
    today = line.versions[0].digest
    for newer, older in zip(line.versions, line.versions[1:], strict=False):
        if older.runs is not None and newer.digest == today and older.digest != today:
            percent = newer.percent.value
            return percent is None or (first is not None and percent > first)
    return False


def _has_service(live: LiveInferenceService | None) -> bool:
    return live is not None and any(one.service is not None for one in live.components.values())


def _is_stopped(live: LiveInferenceService | None) -> bool:
    return live is not None and has_status(live.conditions, "Stopped", "True")


def _is_on(annotation: str, stated: list[Mapping[str, str]]) -> bool:
    return any(str(found.get(annotation, "")).lower() == "true" for found in stated)
