"""What is decided for a target: its components are judged each on their own and change together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitops_rollout.core.decide.arrival import with_engine
from gitops_rollout.core.decide.component import decide_component
from gitops_rollout.core.decide.conditions import is_split, ready_is_rolled, same
from gitops_rollout.model.decision import Action, ComponentDecision, Decision, Reason
from gitops_rollout.model.observation import Observation, RevisionRef, TargetObservation
from gitops_rollout.model.targets import Component

# The first of these that any component (or any cluster) asks for is what happens. An alarm is a hold.
_ORDER = (
    (Action.ROLLBACK, False),
    (Action.HOLD, True),
    (Action.HOLD, False),
    (Action.START, False),
    (Action.STEP, False),
    (Action.PROMOTE, False),
    (Action.STABLE, False),
)


def rank(action: Action, alarm: bool) -> int:
    """Place in: roll back > alarm > hold > start > step > promote > stable; a smaller number wins."""
    return _ORDER.index((action, alarm))


def decide_target(observation: TargetObservation) -> Decision:
    """The table for each component, then all of them as one."""
    seen = observation.components
    decisions = {component: decide_component(one) for component, one in seen.items()}
    if not decisions:
        message = "the manifest states no predictor, transformer or explainer"
        return Decision(Action.HOLD, Reason.UNRECOGNISED, message, alarm=True)
    return with_engine(combine(seen, decisions), observation.delivery)


def combine(seen: Mapping[Component, Observation], decisions: Mapping[Component, ComponentDecision]) -> Decision:
    """One decision from those of all components; the texts and revisions are those of the components it is about."""
    first = min(rank(one.action, one.alarm) for one in decisions.values())
    leading = [one for one in decisions.values() if rank(one.action, one.alarm) == first]
    action = leading[0].action
    if action is Action.ROLLBACK:
        zeroed = _zeroed_with(seen, decisions)
        return _decision(action, leading, seen, decisions, [*leading, *zeroed])
    if action is Action.STEP:
        leading = _lagging(seen, leading)
    moving = leading if action in (Action.START, Action.STEP, Action.PROMOTE) else []
    return _decision(action, leading, seen, decisions, moving)


def _lagging(seen: Mapping[Component, Observation], stepping: Sequence[ComponentDecision]) -> list[ComponentDecision]:
    """Steps move only those that lag: the ones with the smallest percent."""
    lowest = min(seen[one.component].desired or 0 for one in stepping)
    return [one for one in stepping if (seen[one.component].desired or 0) == lowest]


def _zeroed_with(
    seen: Mapping[Component, Observation], decisions: Mapping[Component, ComponentDecision]
) -> list[ComponentDecision]:
    """Healthy siblings that go to 0 too: with a settled canary, or promoted by the commit of what fails its bake.

    Never one without a percent (that would itself be a rollback), nor one whose 0 would send more to a baseline that
    is known-bad or not ready.
    """
    promotions = {seen[part].set_by for part, one in decisions.items() if one.reason is Reason.BAKE_FAILED}
    found: list[ComponentDecision] = []
    for component, decision in decisions.items():
        one = seen[component]
        if decision.action is Action.ROLLBACK:
            continue
        if _has_settled_canary(one):
            found.append(_sibling(decision, one.ready, one.rolled))
        elif one.desired is None and one.set_by in promotions - {None} and one.bake.previous_usable:
            found.append(_sibling(decision, one.rolled, one.previous))
    return found


def _has_settled_canary(one: Observation) -> bool:
    is_canary = is_split(one.desired) and one.in_sync and one.settled and one.rolled is not None
    is_split_now = not ready_is_rolled(one) or not same(one.created, one.rolled)
    return is_canary and is_split_now and not one.regressed and one.baseline_ready and not one.baseline_known_bad


def _sibling(
    decision: ComponentDecision, candidate: RevisionRef | None, baseline: RevisionRef | None
) -> ComponentDecision:
    model = None if candidate is None else candidate.model
    named = model if baseline is None or model != baseline.model else None
    return replace(decision, to=0, candidate=candidate, baseline=baseline, marker_model=named)


def _decision(
    action: Action,
    leading: Sequence[ComponentDecision],
    seen: Mapping[Component, Observation],
    decisions: Mapping[Component, ComponentDecision],
    moving: Sequence[ComponentDecision],
) -> Decision:
    about = moving or leading
    waits = [one.not_before for one in leading if one.not_before is not None]
    return Decision(
        action=action,
        reason=leading[0].reason,
        message=_message(leading, len(decisions)),
        alarm=leading[0].alarm,
        from_percents={one.component: seen[one.component].desired for one in moving},
        to_percents={one.component: one.to for one in moving},
        candidate={one.component: one.candidate for one in about if one.candidate is not None},
        baseline={one.component: one.baseline for one in about if one.baseline is not None},
        evidence=tuple(evidence for one in about for evidence in one.evidence),
        not_before=max(waits) if waits and len(waits) == len(leading) else None,
        marker_models={one.component: one.marker_model for one in moving if one.marker_model is not None},
        components=decisions,
    )


def _message(leading: Sequence[ComponentDecision], components: int) -> str:
    if components == 1:
        return leading[0].message
    return "; ".join(f"{one.component}: {one.message}" for one in leading)
