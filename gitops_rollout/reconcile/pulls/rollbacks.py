"""Which models rollback pull requests name: a model that one names is not sent forward again."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from gitops_rollout.core.identity import change_name
from gitops_rollout.core.lifecycle.named import rollback_records
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.doors import Repository
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.history import History
from gitops_rollout.model.observation import RollbackRecord
from gitops_rollout.model.targets import Source, TargetKey
from gitops_rollout.reconcile.decision.documents import Document, reverted
from gitops_rollout.reconcile.observation.observe import Seen
from gitops_rollout.reconcile.pulls.listing import Listing
from gitops_rollout.reconcile.world import World

Rollbacks = Mapping[Source, tuple[RollbackRecord, ...]]


def open_rollbacks(world: World, seen: Seen, listing: Listing | None) -> Rollbacks:
    """What open rollback pull requests name, for the documents of this run that have one."""
    if listing is None:
        return {}
    try:
        pulls = listing.open()
    except RolloutError:
        return {}  # said once, where the pull requests are judged
    keys: dict[Source, list[TargetKey]] = {}
    for target in seen.targets:
        keys.setdefault(target.manifest.source, []).append(target.key)
    found = {}
    for source, history in seen.histories.items():
        records = _records(world, pulls, change_name(source, keys[source]), history)
        if records:
            found[source] = records
    return found


def ended_rollbacks(world: World, seen: Seen, documents: Iterable[Document], listing: Listing | None) -> Rollbacks:
    """What the ended ones name besides, for the documents with a proposal that is not open yet.

    Open ones tell enough while nothing is proposed, and a rollback carries on what those before it named. Before
    something new is proposed, the ended ones are looked at: one that we closed ourselves still speaks.
    """
    if listing is None:
        return {}
    found = {}
    for document in documents:
        standing = document.standing
        if standing.proposal is None:
            continue
        try:
            pulls = listing.open()
            if any(pull.branch == standing.proposal.change.branch for pull in pulls):
                continue
            ended = listing.ended(standing.change)
        except RolloutError:
            continue  # nothing is opened either: said where the pull requests are judged
        history = seen.histories.get(standing.source, History(complete=False))
        records = _records(world, [*pulls, *ended], standing.change, history)
        if any(record.number in {pull.number for pull in ended} for record in records):
            found[standing.source] = records
    return found


def _records(world: World, pulls: Sequence[PullRequest], change: str, history: History) -> tuple[RollbackRecord, ...]:
    return rollback_records(pulls, change, _touched_below(world.repository, history), reverted(history))


def _touched_below(repository: Repository, history: History) -> Callable[[str], str | None]:
    """The newest arrival that a base commit holds."""

    def touched(base: str) -> str | None:
        for arrival in history.arrivals:
            if arrival.commit == base or repository.touched_since(arrival.commit, base) is not None:
                return arrival.commit
        return None

    return touched
