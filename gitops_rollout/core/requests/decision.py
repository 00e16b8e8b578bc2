"""The decision that a person asks for: which components move, to which percent, and about which revisions it is."""

from collections.abc import Mapping

from gitops_rollout.core.decide.conditions import is_split
from gitops_rollout.model.decision import Action, Decision, Reason
from gitops_rollout.model.observation import Observation, RevisionRef, TargetObservation
from gitops_rollout.model.requests import Ask, Request
from gitops_rollout.model.targets import Component

ACTIONS = {Ask.PROMOTE: Action.PROMOTE, Ask.ROLLBACK: Action.ROLLBACK, Ask.RETRY: Action.START}

Moving = Mapping[Component, Observation]


def moving(ask: Ask, observation: TargetObservation) -> Moving:
    """The components that change, all of them together; empty where there is nothing to do."""
    seen = observation.components
    if ask is Ask.PROMOTE:
        return {part: one for part, one in seen.items() if one.desired is not None}
    if ask is Ask.RETRY:
        return {part: one for part, one in seen.items() if one.desired == 0 and is_taken_back(one)}
    split = {part: one for part, one in seen.items() if is_split(one.desired)}
    if split or any(one.desired == 0 for one in seen.values()):
        return split
    promoted = {part: one for part, one in seen.items() if one.previous is not None}
    return {part: one for part, one in promoted.items() if one.bake.previous_usable} or promoted


def is_taken_back(seen: Observation) -> bool:
    """Whether the component's model was rolled back, and Git does not state the baseline's again."""
    return (seen.zeroed or seen.known_bad) and not seen.restored


def requested_decision(request: Request, observation: TargetObservation, table: Decision) -> Decision:
    """What a person asks for, in place of what the `table` decided. Revisions are named as the table names them."""
    parts = moving(request.ask, observation)
    to = {part: _to(request.ask, one) for part, one in parts.items()}
    rolls_back = request.ask is Ask.ROLLBACK
    candidate = {part: candidate_of(request.ask, one) for part, one in parts.items()}
    baseline = {part: baseline_of(request.ask, one) for part, one in parts.items()}
    return Decision(
        action=ACTIONS[request.ask],
        reason=Reason.REQUESTED,
        message=f"asked for by a person: {request.words}",
        from_percents={part: one.desired for part, one in parts.items()},
        to_percents=to,
        candidate={part: ref for part, ref in candidate.items() if ref is not None},
        baseline={part: ref for part, ref in baseline.items() if ref is not None},
        evidence=tuple(evidence for one in parts.values() for evidence in one.evidence),
        marker_models={
            part: one.model
            for part, one in parts.items()
            if rolls_back and one.model and one.model != _model(baseline[part])
        },
        components=table.components,
        requested=request.words,
    )


def candidate_of(ask: Ask, seen: Observation) -> RevisionRef | None:
    """The canary; of a service without a split the one that serves everything."""
    return seen.rolled if ask is Ask.ROLLBACK and not is_split(seen.desired) else seen.created


def baseline_of(ask: Ask, seen: Observation) -> RevisionRef | None:
    """What KServe falls back to; of a service without a split the revision that served before."""
    return seen.previous if ask is Ask.ROLLBACK and not is_split(seen.desired) else seen.rolled


def _to(ask: Ask, seen: Observation) -> int | None:
    return {Ask.PROMOTE: None, Ask.ROLLBACK: 0, Ask.RETRY: seen.first_step}[ask]


def _model(revision: RevisionRef | None) -> str | None:
    return None if revision is None else revision.model
