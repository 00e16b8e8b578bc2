"""Looks at the open pull requests and at what Git says of them, and has them judged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from gitops_rollout.core.freshness import TouchedSince, staleness
from gitops_rollout.core.lifecycle.admission import Gate
from gitops_rollout.core.lifecycle.judge import Case, judge
from gitops_rollout.core.lifecycle.opened import Opened, parse_branch
from gitops_rollout.core.lifecycle.verdicts import Verdicts
from gitops_rollout.core.trailers import Trailers, parse_trailers
from gitops_rollout.model.change import Proposal, PullRequest, Standing
from gitops_rollout.model.doors import CommitInfo, Forge, Repository
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.policy import Limits
from gitops_rollout.reconcile.pulls.listing import Listing


@dataclass(frozen=True, slots=True)
class Ground:
    """What pull requests are judged on: both doors, the base as this run has it, caps, and the instant.

    `committers` are the e-mail addresses that our own commits carry; commits by anybody else make a branch theirs.
    `covered` are the clusters whose every target has a standing in this run. `listing` holds the pull requests that
    this run has looked at already, None where it has not. `statuses`: whether heads are given a commit status.
    `overrule`: a person asks in spite of an earlier veto.
    """

    repository: Repository
    forge: Forge
    base_branch: str
    base_commit: str
    limits: Limits
    now: datetime
    committers: frozenset[str]
    covered: frozenset[str] = frozenset()
    listing: Listing | None = None
    statuses: bool = True
    overrule: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts by change, and what could not be read, by change; with what they were judged on."""

    verdicts: Verdicts
    errors: Mapping[str, str] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    opened: Sequence[Opened] = ()


def judge_pulls(ground: Ground, standings: Sequence[Standing]) -> Judgement:
    """What is to be done about every change's pull requests. Writes nothing.

    `ForgeError` where the open ones cannot be listed; an earlier one that cannot be read holds back its change alone.
    """
    errors: dict[str, str] = {}
    listing = ground.listing or Listing(ground.forge, ground.base_branch)

    def ended_of(change: str) -> Sequence[PullRequest] | None:
        try:
            return listing.ended(change)
        except RolloutError as error:
            errors[change] = error.message
            return None

    opened = look(ground, standings, listing.open())
    gate = Gate(ended_of, ground.limits, ground.now, ground.overrule)
    verdicts = judge(Case(standings, opened, gate, ground.covered))
    return Judgement(verdicts, errors, {standing.change: standing for standing in standings}, opened)


def look(ground: Ground, standings: Sequence[Standing], pulls: Sequence[PullRequest]) -> list[Opened]:
    """The open pull requests into our base, each with what its branch's commit says and whether it still stands."""
    commits = ground.repository.read_commits(sorted({pull.head for pull in pulls}))
    by_change = {standing.change: standing for standing in standings}
    touched_since = cache(_touched_since(ground.repository))
    found = []
    for pull in pulls:
        name = parse_branch(pull.branch)
        if name is not None:
            info, standing = commits.get(pull.head), by_change.get(name.change)
            found.append(_opened(ground, pull, info, standing, touched_since))
    return found


def is_ours(info: CommitInfo | None, committers: Collection[str]) -> bool:
    """Whether a branch that ends in this commit holds our one commit and nothing else."""
    if info is None or info.committer not in committers:
        return False
    said = parse_trailers(info.message)
    return said.ours and info.parents == (said.base,)


def _touched_since(repository: Repository) -> TouchedSince:
    def touched_since(old: str, new: str) -> tuple[str, ...] | None:
        paths = repository.touched_since(old, new)
        return None if paths is None else tuple(paths)

    return touched_since


def _opened(
    ground: Ground,
    pull: PullRequest,
    info: CommitInfo | None,
    standing: Standing | None,
    touched_since: TouchedSince,
) -> Opened:
    name = parse_branch(pull.branch)
    assert name is not None, "only our branches are looked at"
    if info is None:  # the branch went away between the listing and the fetch
        return Opened(replace(pull, branch_deleted=True), name, Trailers())
    said = parse_trailers(info.message)
    opened = Opened(pull, name, said, info.message, ours=is_ours(info, ground.committers))
    if standing is None:
        return opened
    paths = {standing.source.path}
    stale = staleness(said.base, ground.base_commit, standing.touched, paths, touched_since) if said.ours else None
    opened = replace(opened, stale=stale)
    proposal = standing.proposal
    if stale or not opened.ours or proposal is None or proposal.change.branch != pull.branch:
        return opened
    return replace(opened, applies=applies(ground, pull.head, said.base or "", proposal))


def applies(ground: Ground, head: str, rollout_base: str, proposal: Proposal) -> bool:
    """Whether merging `head` into the base gives the files of the proposal, byte for byte."""
    repository = ground.repository
    merged: str | None = head
    moved = [
        path
        for path in proposal.files
        if repository.read_file(rollout_base, path) != repository.read_file(ground.base_commit, path)
    ]
    if moved:
        merged = repository.merge(ground.base_commit, head, "Only to see whether it applies", ground.now)
    if merged is None:
        return False
    return all(repository.read_file(merged, path) == data for path, data in proposal.files.items())
