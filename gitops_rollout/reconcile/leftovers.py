"""Branches of ours that nobody needs any more: their pull request was merged, or closed by us, and they are still there.

A run that dies after a merge leaves one, and so does a person who merges and does not delete the branch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_rollout.core.freshness import staleness
from gitops_rollout.core.lifecycle.opened import BranchName, parse_branch
from gitops_rollout.core.lifecycle.vetoes import by_a_person
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.change import PullRequest, PullState, Standing
from gitops_rollout.model.doors import CommitInfo, RefUpdate
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.reconcile.acted import Acted
from gitops_rollout.reconcile.pulls import OURS, Ground, is_ours

HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A branch that may go if it still is at this commit, and the change that it was about."""

    change: str
    branch: str
    head: str


def find_leftovers(
    ground: Ground, standings: Sequence[Standing], opened: Sequence[PullRequest]
) -> tuple[Leftover, ...]:
    """Branches of this run's changes without an open pull request that hold our commit alone, and are of no use.

    Of no use is what was merged, what is not fresh any more, and what we closed. What a person closed stays while it
    is fresh, so that it can be reopened; what this run proposes stays, too. Nothing is asked of the forge where Git
    alone tells.
    """
    by_change = {standing.change: standing for standing in standings if not standing.withheld}
    used = {pull.branch for pull in opened}
    used |= {one.proposal.change.branch for one in by_change.values() if one.proposal is not None}
    heads = ground.repository.read_refs(OURS)
    found: dict[str, tuple[BranchName, str]] = {}
    for ref, head in heads.items():
        branch = ref.removeprefix(HEADS)
        name = parse_branch(branch)
        if name is not None and branch not in used and name.change in by_change:
            found[branch] = name, head
    infos = ground.repository.read_commits(sorted({head for _, head in found.values()})) if found else {}
    return tuple(
        Leftover(name.change, branch, head)
        for branch, (name, head) in sorted(found.items())
        if _useless(ground, by_change[name.change], branch, infos.get(head))
    )


def delete_leftovers(ground: Ground, acted: Acted, leftovers: Sequence[Leftover]) -> None:
    """Delete them in one push, each if it is still what was looked at; that one has moved on is no failure."""
    if leftovers:
        moves = [[RefUpdate(f"{HEADS}{one.branch}", None, one.head)] for one in leftovers]
        acted.attempt(leftovers[0].change, lambda: ground.repository.push(moves))


def _useless(ground: Ground, standing: Standing, branch: str, info: CommitInfo | None) -> bool:
    if info is None or not is_ours(info, ground.committers):
        return False
    touched_since = ground.repository.touched_since
    if touched_since(info.id, ground.base_commit) is not None:
        return True
    base = parse_trailers(info.message).base
    if staleness(base, ground.base_commit, standing.touched, {standing.source.path}, touched_since) is not None:
        return True
    try:
        ended = ground.forge.ended_pulls(f"gitops-rollout/{standing.change}/")
    except RolloutError:
        return False  # another run will see
    last: Mapping[str, PullRequest] = {pull.branch: pull for pull in reversed(ended)}
    pull = last.get(branch)
    return pull is not None and (pull.state is PullState.MERGED or not by_a_person(pull))
