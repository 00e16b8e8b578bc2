"""Which row decides a component."""

from dataclasses import replace
from datetime import UTC

from gitops_rollout.core.decide.outcomes import hold
from gitops_rollout.core.decide.rows import ROWS, Row
from gitops_rollout.core.percent import MODEL_MESH
from gitops_rollout.model.decision import Action, ComponentDecision, Reason
from gitops_rollout.model.observation import Observation


def deciding_row(observation: Observation) -> Row:
    """The first row that matches; the last one matches everything."""
    return next(row for row in ROWS if row.matches(observation))


def decide_component(observation: Observation) -> ComponentDecision:
    """What the table says of one component.

    A component without a percent in a deployment mode that has no Knative Service is not for the table (row 0).
    """
    if observation.present and observation.mode_without_traffic is not None and observation.ignored_field is None:
        message = f"{observation.mode_without_traffic} mode has no Knative revisions to split traffic between"
        if observation.mode_without_traffic == MODEL_MESH:
            message = "ModelMesh serves it, which has no canaries: left alone"
        return replace(hold(observation, Reason.NOT_TRACKED, message), row=0)
    return _aged(deciding_row(observation).decide(observation), observation)


def _aged(decision: ComponentDecision, observation: Observation) -> ComponentDecision:
    """What only waits becomes an alarm once the canary is older than the policy lets one be."""
    if decision.action is not Action.HOLD or decision.alarm or not observation.too_old or observation.began is None:
        return decision
    since = observation.began.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    message = f"{decision.message}; its canary stands since {since}, longer than max-canary-age allows"
    return replace(decision, message=message, alarm=True)
