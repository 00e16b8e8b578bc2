"""How a row's decision is put into words and values. Texts hold what was seen and what to do next, no run time."""

from datetime import datetime

from gitops_rollout.model.decision import Action, ComponentDecision, Reason
from gitops_rollout.model.observation import Observation, RevisionRef


def hold(
    observation: Observation, reason: Reason, message: str, *, not_before: datetime | None = None
) -> ComponentDecision:
    """Nothing to do now; `not_before` is when it may change by itself."""
    return _decision(observation, Action.HOLD, reason, message, not_before=not_before)


def alarm(observation: Observation, reason: Reason, message: str) -> ComponentDecision:
    """A hold that somebody should look at now."""
    return _decision(observation, Action.HOLD, reason, message, alarm=True)


def stable(observation: Observation, message: str) -> ComponentDecision:
    """Nothing is rolled out."""
    return _decision(observation, Action.STABLE, Reason.STABLE, message, candidate=None)


def forward(
    observation: Observation, action: Action, reason: Reason, message: str, to: int | None = None
) -> ComponentDecision:
    """A start, a step (`to` is the percent) or a promotion (None removes the field)."""
    return _decision(observation, action, reason, message, to=to)


def roll_back(
    observation: Observation,
    reason: Reason,
    message: str,
    *,
    candidate: RevisionRef | None,
    model: str | None,
    baseline: RevisionRef | None = None,
) -> ComponentDecision:
    """A 0 beside a marker that names the candidate's model; the baseline's own model is never named."""
    baseline = baseline or observation.rolled
    named = model if model and (baseline is None or model != baseline.model) else None
    return _decision(
        observation, Action.ROLLBACK, reason, message, to=0, candidate=candidate, baseline=baseline, model=named
    )


def name(revision: RevisionRef | None) -> str:
    """A revision's name for a message."""
    return "no revision" if revision is None else revision.name


_SAME = RevisionRef("")


def _decision(
    observation: Observation,
    action: Action,
    reason: Reason,
    message: str,
    *,
    alarm: bool = False,
    to: int | None = None,
    candidate: RevisionRef | None = _SAME,
    baseline: RevisionRef | None = None,
    model: str | None = None,
    not_before: datetime | None = None,
) -> ComponentDecision:
    return ComponentDecision(
        component=observation.component,
        row=0,
        action=action,
        reason=reason,
        message=message,
        alarm=alarm,
        to=to,
        candidate=observation.created if candidate is _SAME else candidate,
        baseline=baseline or observation.rolled,
        evidence=observation.evidence,
        not_before=not_before,
        marker_model=model,
    )
