"""What was proposed, decided, merged and vetoed, and why: read from Git and from the forge; no cluster is asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from gitops_rollout.core.events import Told, events_of
from gitops_rollout.core.identity import change_name
from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.doors import Repository
from gitops_rollout.model.errors import RolloutError, UsageError
from gitops_rollout.model.events import Event, EventReport
from gitops_rollout.model.history import History
from gitops_rollout.model.targets import Source, Target
from gitops_rollout.reconcile.observation.observe import stated
from gitops_rollout.reconcile.world import World


def read_events(world: World, *, since: datetime | None = None, limit: int | None = None) -> EventReport:
    """The events of the world's targets (`only` narrows them), newest first, from `since` on, at most `limit`.

    `UsageError` where `only` matches nothing. A forge that does not answer is said in `errors`: Git's part stays.
    """
    seen = stated(world)
    if world.only and not seen.targets:
        names = ", ".join(world.only)
        hint = "name it as CLUSTER/NAMESPACE/NAME, `*` matches anything; `gitops-rollout status` lists them"
        raise UsageError(f"there is no target {names!r} at the base commit", hint)
    groups: dict[Source, list[Target]] = defaultdict(list)
    for target in seen.targets:
        groups[target.manifest.source].append(target)
    changes = {source: change_name(source, [one.key for one in group]) for source, group in groups.items()}
    pulls, strangers, errors = _pulls(world, set(changes.values()))
    messages, problems = _messages(world.repository, [pull.head for found in pulls.values() for pull in found])
    found: list[Event] = []
    for source, group in groups.items():
        history = seen.histories.get(source, History(complete=False))
        brought, unread = _brought(world.repository, history)
        problems += unread
        keys = tuple(sorted(one.key for one in group))
        told = Told(keys, group[0].manifest, history, pulls.get(changes[source], ()), messages, brought)
        found += events_of(told)
    wanted = [event for event in found if since is None or (event.at is not None and event.at >= since)]
    wanted.sort(key=_place, reverse=True)
    kept = wanted if limit is None else wanted[:limit]
    cut = [source for source in groups if not seen.histories.get(source, History(complete=False)).complete]
    notes = [f"{source.path}: Git's history is cut off, what was before is not shown" for source in sorted(cut)]
    unshown = "no such target at the base commit: its pull requests are not shown"
    notes += [f"{change}: {unshown}" for change in sorted(strangers)]
    notes += [f"what some pull requests said could not be read: {problem}" for problem in sorted(set(problems))]
    return EventReport(
        world.base_branch,
        world.base_commit,
        tuple(kept),
        len(wanted) - len(kept),
        (*world.notes, *notes),
        errors,
    )


def _place(event: Event) -> tuple[float, int, int]:
    """By time; at the same moment a proposal comes before what became of it."""
    order = ("changed", "proposed", "merged", "vetoed", "closed")
    return (event.at.timestamp() if event.at else 0.0, order.index(event.what), event.pull or 0)


def _pulls(world: World, changes: set[str]) -> tuple[Mapping[str, Sequence[PullRequest]], set[str], tuple[str, ...]]:
    """Open and ended pull requests by change; the changes of those that no target here has."""
    if world.forge is None:
        return {}, set(), ("pull requests are not shown: say with --forge where they live",)
    prefix = f"gitops-rollout/{next(iter(changes))}/" if len(changes) == 1 else "gitops-rollout/"
    try:
        listed = [*world.forge.open_pulls(), *world.forge.ended_pulls(prefix)]
    except RolloutError as error:
        return {}, set(), (f"pull requests could not be read: {error.message}",)
    found: dict[str, list[PullRequest]] = defaultdict(list)
    for pull in {pull.number: pull for pull in listed if pull.base_branch == world.base_branch}.values():
        name = parse_branch(pull.branch)
        if name is not None:
            found[name.change].append(pull)
    return found, set() if world.only else found.keys() - changes, ()


def _brought(repository: Repository, history: History) -> tuple[Mapping[str, str], list[str]]:
    """The message of what each merge commit without trailers brought: plain `git merge` keeps ours only there."""
    bare = [arrival.commit for arrival in history.arrivals if not parse_trailers(arrival.message).ours]
    try:
        merges = {one.id: one.parents[1] for one in repository.read_commits(bare).values() if len(one.parents) > 1}
        heads = repository.read_commits(sorted(set(merges.values())))
    except RolloutError as error:
        return {}, [error.message]
    return {merge: heads[head].message for merge, head in merges.items() if head in heads}, []


def _messages(repository: Repository, heads: Sequence[str]) -> tuple[Mapping[str, str], list[str]]:
    """The messages of branches' commits, of those that the remote still has."""
    try:
        return {one.id: one.message for one in repository.read_commits(sorted(set(heads))).values()}, []
    except RolloutError as error:
        return {}, [error.message]
