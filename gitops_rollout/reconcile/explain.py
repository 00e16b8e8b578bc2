"""Why one target is decided as it is: the table, row by row, for each of its components."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gitops_rollout.core.explain import Explanation, explain
from gitops_rollout.model.errors import UsageError
from gitops_rollout.model.plan import TargetReport
from gitops_rollout.model.targets import Component
from gitops_rollout.reconcile.run import decide, plan_of
from gitops_rollout.reconcile.world import World


@dataclass(frozen=True, slots=True)
class Explained:
    """What a run says of the target, and the rows that led there; no rows where there was nothing to observe."""

    target: TargetReport
    components: Mapping[Component, Explanation]


def explain_target(world: World, name: str) -> Explained:
    """Decide `cluster/namespace/name` and say how it came about; `UsageError` unless just one target has that name."""
    decided = decide(replace(world, only=(name,)))
    report = plan_of(world, decided)
    found = [target for target in report.targets if fnmatchcase(str(target.key), name)]
    if len(found) != 1:
        what = f"{len(found)} targets match {name!r}" if found else f"there is no target {name!r} at the base commit"
        raise UsageError(what, "name one as CLUSTER/NAMESPACE/NAME; `gitops-rollout status` lists them")
    (target,) = found
    judged = [one for document in decided.documents for one in document.targets if one.target.key == target.key]
    observed = judged[0].observation.components if judged and judged[0].observation else {}
    return Explained(target, {component: explain(seen) for component, seen in observed.items()})
