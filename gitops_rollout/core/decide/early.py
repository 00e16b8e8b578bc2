"""Outcomes of rows 1 to 11: what stands before a rollout can be judged, harm, and services without a split."""

from gitops_rollout.core.decide.conditions import created_is_ready
from gitops_rollout.core.decide.outcomes import alarm, forward, hold, name, roll_back, stable
from gitops_rollout.model.decision import Action, ComponentDecision, Reason
from gitops_rollout.model.engines import Reached
from gitops_rollout.model.observation import Observation, Readiness

_KNATIVE_ONLY = (
    "remove it, or make the InferenceService anew with the annotation serving.kserve.io/deploymentMode: Knative "
    "(KServe refuses to change the mode of one that is there)"
)


def missing(seen: Observation) -> ComponentDecision:
    """Row 1."""
    delivery = seen.delivery
    if delivery is not None and delivery.reached is Reached.NO:
        return hold(seen, Reason.MISSING, f"Git states it, the cluster does not have it yet: {delivery.message}")
    return hold(
        seen, Reason.MISSING, "Git states it, the cluster does not have it: is it applied, or is the path wrong?"
    )


def unusable_percent(seen: Observation) -> ComponentDecision:
    """Row 2."""
    if seen.mode_without_traffic is not None and (seen.desired is not None or seen.invalid_percent is not None):
        message = f"canaryTrafficPercent does nothing in {seen.mode_without_traffic} mode: a new model gets everything"
        return alarm(seen, Reason.IGNORED_FIELD, f"{message} at once; {_KNATIVE_ONLY}")
    if seen.ignored_field is not None:
        message = f"canaryTrafficPercent stands at {seen.ignored_field}, where KServe ignores it"
        return alarm(seen, Reason.IGNORED_FIELD, f"{message}: write it in spec.{seen.component} of a Knative service")
    message = f"canaryTrafficPercent is {seen.invalid_percent!r}: write a whole number from 0 to 100, or remove it"
    return alarm(seen, Reason.INVALID_PERCENT, message)


def halted(seen: Observation) -> ComponentDecision:
    """Row 3."""
    if seen.stopped:
        message = "stopped: on resume KServe has forgotten its baseline, and a percent below 100 is ignored"
        return hold(seen, Reason.STOPPED, message)
    return hold(seen, Reason.INERT, "auto-update is disabled: what is merged does not reach the cluster")


def harm(seen: Observation) -> ComponentDecision:
    """Row 4."""
    is_plain = seen.in_sync and seen.settled and created_is_ready(seen)
    reason = Reason.ANALYSIS_FAILED if is_plain else Reason.HARM
    message = f"{name(seen.harmful)} {seen.harm_message}: back to {name(seen.rolled)}"
    model = None if seen.harmful is None else seen.harmful.model
    return roll_back(seen, reason, message, candidate=seen.harmful, model=model)


def baseline_gone(seen: Observation) -> ComponentDecision:
    """Row 6."""
    message = f"the revision that traffic is pinned to is gone (baseline {name(seen.rolled)}): Knative keeps the old"
    return alarm(seen, Reason.BASELINE_GONE, f"{message} traffic; write the good model's spec, or remove the percent")


def unsettled(seen: Observation) -> ComponentDecision:
    """Row 7."""
    if seen.not_created:
        return alarm(seen, Reason.NOT_CREATED, f"Knative cannot create the revision: {seen.unsettled_because}")
    message = seen.unsettled_because or "the Knative Service has not come to rest"
    if seen.settle_overdue:
        return alarm(seen, Reason.SETTLING, f"{message}, past the deadline")
    return hold(seen, Reason.SETTLING, message)


def unguarded(seen: Observation) -> ComponentDecision:
    """Row 8."""
    if seen.created_readiness in (Readiness.FAILED, Readiness.OVERDUE):
        message = f"{name(seen.created)} failed without a split ({seen.readiness_message}): traffic goes to it once it"
        return alarm(seen, Reason.FAILED_UNGUARDED, f"{message} is ready; write the spec that ran before")
    return waiting(seen)


def waiting(seen: Observation) -> ComponentDecision:
    """A created revision that is neither ready nor failed: no capacity, or pending."""
    if seen.created_readiness is Readiness.NO_CAPACITY:
        return hold(seen, Reason.NO_CAPACITY, no_capacity(seen))
    return hold(seen, Reason.PENDING, f"{name(seen.created)} is not ready yet")


def no_capacity(seen: Observation) -> str:
    """What was asked for, and what would help: a lack of room is no fault of the model's."""
    message = f"{name(seen.created)} cannot be scheduled: {seen.readiness_message}"
    wants = f"; it wants {seen.wanted}" if seen.wanted else ""
    if seen.scaled_away:
        message = f"{message}{wants}, and was scaled to zero: only a new revision tries again"
        return f"{message}; once there is room, write a spec that makes one, or one that asks for less"
    return f"{message}{wants}: free or add such room, or ask for less" if wants else message


def cleanup(seen: Observation) -> ComponentDecision:
    """Row 9."""
    if seen.known_bad and not seen.restored:
        return hold(seen, Reason.KNOWN_BAD, f"model {seen.model} was taken back: nothing is proposed for it")
    message = f"{name(seen.ready)} has 100 %: remove the percent, which does the same"
    return forward(seen, Action.PROMOTE, Reason.CLEANUP, message)


def serving(seen: Observation) -> ComponentDecision:
    """Row 10."""
    bake = seen.bake
    if bake.open and bake.failing and bake.previous_usable:
        message = f"{name(seen.rolled)} fails its analysis while it bakes: back to {name(seen.previous)}"
        return roll_back(
            seen, Reason.BAKE_FAILED, message, candidate=seen.rolled, model=seen.model, baseline=seen.previous
        )
    note, why = "", f" ({bake.trouble})" if bake.trouble else ""
    if bake.open and bake.failing:
        note = f"; it fails its analysis while it bakes, but {name(seen.previous)} is nothing to go back to{why}"
    return stable(seen, f"{name(seen.rolled)} serves everything{note}")


def no_baseline(seen: Observation) -> ComponentDecision:
    """Row 11."""
    message = f"nothing is rolled out yet, so KServe ignores the percent: everything goes to {name(seen.ready)}"
    return alarm(seen, Reason.NO_BASELINE, message)
