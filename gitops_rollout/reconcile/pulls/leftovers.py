"""Branches of ours that nobody needs any more, because their pull request was merged or closed by us.

A run that dies after a merge leaves one, and so does a person who merges and does not delete the branch.
"""

from collections.abc import Sequence

from gitops_rollout.core.freshness import staleness
from gitops_rollout.core.lifecycle.opened import BranchName, parse_branch
from gitops_rollout.core.lifecycle.vetoes import by_a_person
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.change import PullState, Standing
from gitops_rollout.model.doors import CommitInfo, RefUpdate
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.judge import Ground, is_ours
from gitops_rollout.reconcile.pulls.listing import Listing

HEADS = "refs/heads/"
OURS = f"{HEADS}gitops-rollout/"


def tidy(ground: Ground, acted: Acted, standings: Sequence[Standing]) -> None:
    """Delete them in one push, each if it still is what was looked at; that one has moved on is no failure."""
    listing = ground.listing or Listing(ground.forge, ground.base_branch)

    def tidied() -> None:
        heads = find_leftovers(ground, standings, listing)
        if heads:
            ground.repository.push([[RefUpdate(f"{HEADS}{branch}", None, head)] for branch, head in heads.items()])

    acted.attempt("branches that nobody needs", tidied)


def find_leftovers(ground: Ground, standings: Sequence[Standing], listing: Listing) -> dict[str, str]:
    """Branches and their heads: those of this run's changes that hold our commit alone, and are of no use.

    Of no use is, without an open pull request, what was merged, what is not fresh any more, and what we closed. What a
    person closed stays while it is fresh, so that it can be reopened; what this run proposes stays, too. Nothing is
    asked of the forge where Git alone tells; `listing` is of before this run did anything.
    """
    by_change = {standing.change: standing for standing in standings if not standing.withheld}
    used = {pull.branch for pull in listing.open()}
    used |= {one.proposal.change.branch for one in by_change.values() if one.proposal is not None}
    heads = ground.repository.read_refs(OURS)
    found: dict[str, tuple[BranchName, str]] = {}
    for ref, head in heads.items():
        branch = ref.removeprefix(HEADS)
        name = parse_branch(branch)
        if name is not None and branch not in used and name.change in by_change:
            found[branch] = name, head
    infos = ground.repository.read_commits(sorted({head for _, head in found.values()})) if found else {}
    return {
        branch: head
        for branch, (name, head) in sorted(found.items())
        if _useless(ground, listing, by_change[name.change], branch, infos.get(head))
    }


def _useless(ground: Ground, listing: Listing, standing: Standing, branch: str, info: CommitInfo | None) -> bool:
    if info is None or not is_ours(info, ground.committers):
        return False
    touched_since = ground.repository.touched_since
    if touched_since(info.id, ground.base_commit) is not None:
        return True
    base = parse_trailers(info.message).base
    if staleness(base, ground.base_commit, standing.touched, {standing.source.path}, touched_since) is not None:
        return True
    try:
        ended = listing.ended(standing.change)
    except RolloutError:
        return False  # another run will see
    pull = next((pull for pull in ended if pull.branch == branch), None)
    return pull is not None and (pull.state is PullState.MERGED or not by_a_person(pull))
