"""Which models rollback pull requests name: a model that one names is not sent forward again."""

from collections.abc import Iterable

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.lifecycle.vetoes import by_a_person
from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.model.change import PullRequest, PullState
from gitops_rollout.model.doors import Repository
from gitops_rollout.model.history import History
from gitops_rollout.model.observation import RollbackRecord


def rollback_records(
    repository: Repository, change: str, pulls: Iterable[PullRequest], history: History
) -> tuple[RollbackRecord, ...]:
    """One record for each digest and component that a rollback pull request of this change names.

    A digest is of the whole target, so a sibling that the pull request leaves alone is not to blame for it. Vetoed
    pull requests say so.
    """
    records = []
    for pull in pulls:
        name, marker = parse_branch(pull.branch), parse_marker(pull.body)
        if name is None or marker is None or (name.change, name.action) != (change, "rollback"):
            continue
        vetoed = pull.state is PullState.CLOSED and by_a_person(pull)
        touched = _touched_below(repository, marker.base, history)
        records += [
            RollbackRecord(pull.number, model, vetoed, component, touched) for component, model in marker.named.items()
        ]
    return tuple(records)


def _touched_below(repository: Repository, base: str, history: History) -> str | None:
    """The newest arrival that the pull request's base holds."""
    for arrival in history.arrivals:
        if arrival.commit == base or repository.touched_since(arrival.commit, base) is not None:
            return arrival.commit
    return None
