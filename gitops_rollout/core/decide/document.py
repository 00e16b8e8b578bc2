"""What is decided for a document that feeds several clusters: all must agree to go forward, one failure goes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gitops_rollout.core.decide.conditions import is_split, ready_is_rolled
from gitops_rollout.core.decide.target import rank
from gitops_rollout.model.change import Held
from gitops_rollout.model.decision import FORWARD, Action, Decision, Reason
from gitops_rollout.model.observation import Observation, RevisionRef, TargetObservation
from gitops_rollout.model.targets import Component, TargetKey


@dataclass(frozen=True, slots=True)
class Member:
    """One target of a document: what was observed and decided of it, or why it could not be (`held`)."""

    key: TargetKey
    observation: TargetObservation | None = None
    decision: Decision | None = None
    held: Held | None = None


def decide_document(members: Sequence[Member]) -> Decision:
    """One decision for one document, from all targets that it feeds.

    Combined like components. A target that is held (an unreachable cluster, a stale view) closes the way forward,
    never the way back. Forward also needs every cluster in sync with the same baseline model, and a 0 must raise no
    known-bad baseline anywhere: else the alarm `clusters-diverge`.
    """
    decided = [member for member in sorted(members, key=lambda one: one.key) if member.decision and not member.held]
    held = [member for member in sorted(members, key=lambda one: one.key) if member.held or not member.decision]
    if len(members) == 1 and decided:
        return _of(decided[0])
    combined = _combine(decided)
    if combined is not None and combined.action is Action.ROLLBACK:
        refusal = _refuses_zero(decided, combined)
        return combined if refusal is None else _diverged(combined, refusal)
    if held:
        return _blocked(held[0], combined)
    if combined is None:
        return Decision(Action.HOLD, Reason.UNREACHABLE, "no target of this document could be decided")
    if combined.action in FORWARD:
        difference = _divergence(decided)
        return combined if difference is None else _diverged(combined, difference)
    return combined


def _of(member: Member) -> Decision:
    if member.decision is None:
        raise ValueError(f"{member.key} was not decided")
    return member.decision


def _combine(decided: Sequence[Member]) -> Decision | None:
    """The decision that ranks first; rollbacks are joined, and of several steps the smallest is taken."""
    if not decided:
        return None
    decisions = {member.key: _of(member) for member in decided}
    first = min(rank(one.action, one.alarm) for one in decisions.values())
    leading = {key: one for key, one in decisions.items() if rank(one.action, one.alarm) == first}
    head = next(iter(leading.values()))
    message = head.message if len(decided) == 1 else "; ".join(f"{key}: {one.message}" for key, one in leading.items())
    moved = sorted({component for one in leading.values() for component in one.to_percents})
    if head.action is Action.STEP:
        lowest = min(one.from_percents[part] or 0 for one in leading.values() for part in one.from_percents)
        moved = [part for part in moved if any(one.from_percents.get(part) == lowest for one in leading.values())]
    candidate = {part: ref for one in reversed(leading.values()) for part, ref in one.candidate.items()}
    baseline = {part: ref for one in reversed(leading.values()) for part, ref in one.baseline.items()}
    if head.action is Action.ROLLBACK:
        for part in moved:
            _name_alike(decisions.values(), part, candidate, baseline)
    return replace(
        head,
        message=message,
        from_percents={part: _first(leading, part).from_percents[part] for part in moved},
        to_percents={part: _smallest(leading, part) for part in moved},
        candidate=candidate,
        baseline=baseline,
        evidence=tuple(evidence for one in leading.values() for evidence in one.evidence),
        marker_models={part: model for one in reversed(leading.values()) for part, model in one.marker_models.items()},
        not_before=None if len(leading) > 1 else head.not_before,
    )


def _name_alike(
    decisions: Iterable[Decision],
    part: Component,
    candidate: dict[Component, RevisionRef],
    baseline: dict[Component, RevisionRef],
) -> None:
    """Of the clusters that run the candidate's model the first one is named, whichever of them asked for the rollback.

    Once it is proposed the others ask for it too, and some may recover: it remains the same proposal.
    """
    model = candidate[part].model if part in candidate else None
    for one in (found.components[part] for found in decisions if part in found.components):
        if one.candidate is not None and one.baseline is not None and model and one.candidate.model == model:
            candidate[part], baseline[part] = one.candidate, one.baseline
            return


def _first(leading: Mapping[TargetKey, Decision], part: Component) -> Decision:
    return next(one for one in leading.values() if part in one.to_percents)


def _smallest(leading: Mapping[TargetKey, Decision], part: Component) -> int | None:
    percents = [one.to_percents[part] for one in leading.values() if part in one.to_percents]
    numbers = [percent for percent in percents if percent is not None]
    return min(numbers) if numbers else None


def _blocked(member: Member, combined: Decision | None) -> Decision:
    """Forward is closed by a target that could not be decided; an alarm of another one still shows."""
    if combined is not None and combined.action is Action.HOLD and combined.alarm:
        return combined
    reason = member.held.reason if member.held else Reason.UNREACHABLE
    message = member.held.message if member.held else "it could not be decided"
    alarm = member.held.alarm if member.held else False
    return Decision(Action.HOLD, reason, f"{member.key}: {message}", alarm=alarm)


def _divergence(decided: Sequence[Member]) -> str | None:
    """Why the clusters do not go forward together, None when they do."""
    observations = {member.key: member.observation for member in decided if member.observation is not None}
    for key, target in observations.items():
        late = next((one for one in target.components.values() if not one.in_sync), None)
        if late is not None:
            return f"{key} is not in sync"
    models: dict[Component, dict[str | None, TargetKey]] = {}
    for key, target in observations.items():
        for component, one in target.components.items():
            models.setdefault(component, {}).setdefault(one.rolled.model if one.rolled else None, key)
    for component, found in models.items():
        if len(found) > 1:
            told = ", ".join(f"{key} has {model or 'an unknown one'}" for model, key in found.items())
            return f"the baselines of the {component} differ: {told}"
    return None


def _refuses_zero(decided: Sequence[Member], combined: Decision) -> str | None:
    """Where the 0 would send more traffic to a baseline that is known-bad or cannot be gone back to."""
    for member in decided:
        for part, seen in (member.observation.components if member.observation else {}).items():
            own = _of(member)
            rolls_back = own.action is Action.ROLLBACK and part in own.to_percents
            if part in combined.to_percents and not rolls_back and _raises_bad_baseline(seen):
                return f"a 0 would send more to a baseline that was taken back in {member.key}"
    return None


def _raises_bad_baseline(seen: Observation) -> bool:
    if not seen.present:
        return False
    if is_split(seen.desired):
        return seen.baseline_known_bad and not ready_is_rolled(seen)
    if seen.desired in (None, 100):  # a 0 here goes back to what was before: only a usable previous one will do
        return seen.previous is not None and not seen.bake.previous_usable
    return False


def _diverged(combined: Decision, because: str) -> Decision:
    message = f"{because}; not done: {combined.action} ({combined.message})"
    return Decision(Action.HOLD, Reason.CLUSTERS_DIVERGE, message, alarm=True, components=combined.components)
