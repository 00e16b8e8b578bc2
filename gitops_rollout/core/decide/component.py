"""Which row decides a component."""

from dataclasses import replace

from gitops_rollout.core.decide.outcomes import hold
from gitops_rollout.core.decide.rows import ROWS, Row
from gitops_rollout.model.decision import ComponentDecision, Reason
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
        return replace(hold(observation, Reason.NOT_TRACKED, message), row=0)
    return deciding_row(observation).decide(observation)
