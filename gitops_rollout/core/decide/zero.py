"""Outcomes of rows 12 to 16: percent 0."""

from gitops_rollout.core.decide.conditions import created_is_ready
from gitops_rollout.core.decide.early import no_capacity, waiting
from gitops_rollout.core.decide.outcomes import alarm, forward, hold, name
from gitops_rollout.model.decision import Action, ComponentDecision, Reason
from gitops_rollout.model.observation import Observation, Readiness

_FAILED = (Readiness.FAILED, Readiness.OVERDUE)


def zero_serves(seen: Observation) -> ComponentDecision:
    """Row 12."""
    if seen.zeroed:
        message = f"{name(seen.rolled)} was zeroed and still serves everything: KServe has nothing else to send it to"
        return alarm(seen, Reason.ZERO_SERVES, f"{message}; write the good model's spec")
    message = f"{name(seen.rolled)} serves everything: remove the percent, which splits nothing"
    return forward(seen, Action.PROMOTE, Reason.NOTHING_TO_SPLIT, message)


def restoring(seen: Observation) -> ComponentDecision:
    """Row 13."""
    if created_is_ready(seen):
        message = f"{name(seen.ready)} runs the baseline's model again: remove the percent"
        return forward(seen, Action.PROMOTE, Reason.RESTORED, message)
    if seen.created_readiness in _FAILED:
        message = f"{name(seen.created)} should restore the baseline's model and failed: {seen.readiness_message}"
        return alarm(seen, Reason.RESTORE_FAILED, f"{message}; {name(seen.rolled)} still serves")
    message = f"{name(seen.created)} restores the baseline's model and is not ready yet"
    if seen.created_readiness is Readiness.NO_CAPACITY:
        message = f"{message}; {no_capacity(seen)}"
    return hold(seen, Reason.RESTORING, message)


def taken_back(seen: Observation) -> ComponentDecision:
    """Row 14."""
    reason = Reason.ROLLED_BACK if seen.zeroed else Reason.KNOWN_BAD
    message = f"model {seen.model} was taken back, {name(seen.rolled)} serves: at 0, write the good spec or a new one;"
    return hold(seen, reason, f"{message} to try this one again, set a percent from 1 to 99 yourself")


def starting_up(seen: Observation) -> ComponentDecision:
    """Row 15."""
    if seen.created_readiness in _FAILED:
        message = f"{name(seen.created)} failed before it took any traffic: {seen.readiness_message}"
        return hold(seen, Reason.FAILED_AT_ZERO, f"{message}; write a spec that works")
    return waiting(seen)


def ready_at_zero(seen: Observation) -> ComponentDecision:
    """Row 16."""
    if seen.first_step is None:
        return alarm(seen, Reason.UNRECOGNISED, "the policy has no step between 1 and 99 to start with")
    if not seen.window_open:
        message = f"{name(seen.ready)} is ready at 0 and waits for a window"
        return hold(seen, Reason.WINDOW_CLOSED, message, not_before=seen.window_opens_at)
    message = f"{name(seen.ready)} is ready at 0: start it at {seen.first_step} %"
    return forward(seen, Action.START, Reason.READY_AT_ZERO, message, seen.first_step)
