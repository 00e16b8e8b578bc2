"""From Git, its history, the live objects and measurements to the row of facts that the decision table reads."""

from gitops_rollout.core.assess.subjects import Subject, subjects
from gitops_rollout.core.assess.target import assess

__all__ = ["Subject", "assess", "subjects"]
