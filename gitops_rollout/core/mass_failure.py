"""Failures with a common cause: when many canaries of a cluster fail at once, it is not the canaries."""

from collections import Counter
from collections.abc import Mapping

from gitops_rollout.core.decide.conditions import is_split
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.observation import TargetObservation
from gitops_rollout.model.targets import TargetKey

FEW = 3
SHARE = 5  # one in five: 20 %


def mass_failures(decided: Mapping[TargetKey, tuple[TargetObservation, Decision]]) -> Mapping[str, int]:
    """Clusters in which more than max(3, 20 %) of the canaries fail in this run, and how many do.

    A canary is a target with a percent of 1 to 99 in Git; it fails when it is to be rolled back.
    """
    canaries: Counter[str] = Counter()
    failing: Counter[str] = Counter()
    for key, (observation, decision) in decided.items():
        if any(is_split(one.desired) for one in observation.components.values()):
            canaries[key.cluster] += 1
            failing[key.cluster] += decision.action is Action.ROLLBACK
    return {name: count for name, count in failing.items() if count > max(FEW, canaries[name] / SHARE)}


def is_its_own_fault(observation: TargetObservation) -> bool:
    """Whether the canary does worse than its own baseline: then a failure all around does not excuse it."""
    return any(one.worse_than_baseline for one in observation.components.values())
