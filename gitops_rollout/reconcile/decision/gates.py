"""What keeps a decision back before it becomes a proposal: an old view, and what the policy has not enrolled."""

from dataclasses import replace
from datetime import datetime, timedelta

from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.decision import CHANGING, Decision, Reason
from gitops_rollout.model.policy import Limits, Mode
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.report.words import duration

# Clocks of a cluster and of a CI runner differ by seconds; a view from further ahead is a clock that is wrong.
CLOCK_TOLERANCE = timedelta(minutes=1)


def age_problem(seen_at: datetime, now: datetime, limits: Limits) -> str | None:
    """Why a view of the cluster may not be acted on, or None."""
    age = now - seen_at
    if age > limits.max_age:
        return (
            f"the live view is {duration(age)} old, more than limits.max-age {duration(limits.max_age)}: take a new one"
        )
    if age < -CLOCK_TOLERANCE:
        return f"the live view is {duration(-age)} ahead of the instant to decide at: check the clocks, or --now"
    return None


def in_flight(judged: Judged) -> Judged:
    """Say of a target that is only waiting for our own merge to arrive that it is; past the deadline it is an alarm."""
    decision, arrivals = judged.outcome, judged.history.arrivals
    if decision.reason is not Reason.OUT_OF_SYNC or decision.alarm or not arrivals:
        return judged
    merged = parse_trailers(arrivals[0].message)
    if not merged.ours:
        return judged
    message = f"{merged.action} was merged as {arrivals[0].commit[:12]} and is not live yet: {decision.message}"
    return judged.kept(Reason.IN_FLIGHT, message)


def enrol(judged: Judged) -> Judged:
    """Keep back what the policy has not enrolled: suspended targets, and `mode: observe`."""
    settings, decision = judged.settings, judged.outcome
    if not settings.suspended and settings.mode is Mode.PROPOSE:
        return judged
    withheld = replace(judged, withheld=True)
    if decision.action not in CHANGING:
        return withheld
    if settings.suspended:
        return withheld.kept(Reason.SUSPENDED, f"suspended by the policy; without that: {_would(decision)}")
    return withheld.kept(Reason.OBSERVING, f"mode is observe; with `mode: propose`: {_would(decision)}")


def _would(decision: Decision) -> str:
    return f"{decision.action} ({decision.reason}): {decision.message}"
