"""Counts the targets of a run."""

from collections.abc import Iterable, Mapping

from gitops_rollout.model.decision import Action
from gitops_rollout.model.plan import TargetReport


def kind_of(target: TargetReport) -> str:
    """Where a target is counted: `error` if it failed, `alarm` if somebody should look, else its action."""
    if target.error:
        return "error"
    return "alarm" if target.decision.alarm else target.decision.action.value


def summarise(targets: Iterable[TargetReport]) -> Mapping[str, int]:
    """How many targets there are of each kind; every target is counted once."""
    order = (Action.PROMOTE, Action.ROLLBACK, Action.STEP, Action.START, Action.HOLD)
    counts = dict.fromkeys([*order, "alarm", Action.STABLE, "error"], 0)
    for target in targets:
        counts[kind_of(target)] += 1
    return {str(name): count for name, count in counts.items()}
