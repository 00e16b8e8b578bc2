"""Which models the rollback pull requests of a change name, open ones and ended ones alike."""

from collections.abc import Callable, Collection, Iterable

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.lifecycle.vetoes import by_a_person
from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.model.change import PullRequest, PullState
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.observation import RollbackRecord, TargetObservation
from gitops_rollout.model.targets import Component


def rollback_records(
    pulls: Iterable[PullRequest],
    change: str,
    touched_below: Callable[[str], str | None],
    reverted: Collection[str] = (),
) -> tuple[RollbackRecord, ...]:
    """One record for each digest and component that a rollback pull request of this change names.

    A digest is of the whole target, so a sibling that the pull request leaves alone is not to blame for it. A close by
    a person, and a person's revert of the merge (`reverted` holds such merges), take back what it names itself; what
    it only carries on from an earlier one was not what they looked at. `touched_below` gives the newest commit that
    touched the document at or below a base commit.
    """
    records: list[RollbackRecord] = []
    for pull in pulls:
        name, marker = parse_branch(pull.branch), parse_marker(pull.body)
        if name is None or marker is None or (name.change, name.action) != (change, "rollback"):
            continue
        touched = touched_below(marker.base)
        vetoed = _is_vetoed(pull, reverted)
        records += [
            RollbackRecord(pull.number, model, vetoed, component, touched) for component, model in marker.named.items()
        ]
        records += [
            RollbackRecord(pull.number, model, False, component, touched)
            for component, models in marker.earlier.items()
            for model in models
        ]
    return tuple(records)


def carried(observations: Iterable[TargetObservation], decision: Decision) -> dict[Component, tuple[str, ...]]:
    """What other rollback pull requests name and still counts, by component, for a rollback to carry on.

    It may take their place, and what they named stays known-bad without a look at all that ever was closed.
    """
    if decision.action is not Action.ROLLBACK:
        return {}
    named: dict[Component, set[str]] = {}
    for observation in observations:
        for component, seen in observation.components.items():
            named.setdefault(component, set()).update(seen.named_models)
    mine = decision.marker_models
    others = {component: tuple(sorted(models - {mine.get(component)})) for component, models in named.items()}
    return {component: models for component, models in others.items() if models}


def _is_vetoed(pull: PullRequest, reverted: Collection[str]) -> bool:
    if pull.state is PullState.MERGED:
        return pull.merged_commit in reverted
    return pull.state is PullState.CLOSED and by_a_person(pull)
