"""Opens proposals: their commits, one push for all, and care for whoever opened the same at the same moment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.lifecycle.verdicts import Close, Open, Why, superseded
from gitops_rollout.core.same_commit import same_commit
from gitops_rollout.model.change import Did, Draft, PullReport, PullRequest
from gitops_rollout.model.errors import ForgeError, RolloutError
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.judge import Ground, is_ours
from gitops_rollout.reconcile.pulls.upkeep import close, commit_request, draft_of

HEADS = "refs/heads/"
OURS = f"{HEADS}gitops-rollout/"


def clear_the_way(ground: Ground, acted: Acted, rollbacks: Mapping[str, Open]) -> None:
    """Before a rollback opens: look again, and close whatever else has been opened for its change meanwhile."""
    for change, pull in _open_now(ground, acted, rollbacks):
        rollback = rollbacks[change].proposal
        if pull.branch != rollback.change.branch:
            comment = f"Closed for a rollback ({rollback.change.decision.reason})."
            info = _heads(ground, [pull.head]).get(pull.head, False)
            close(ground, acted, change, Close(pull, Why.CONTRARY, comment, keep_branch=not info))


def open_proposals(ground: Ground, acted: Acted, opens: Mapping[str, Open]) -> None:
    """Make the commits, publish them all, then close what each supersedes with a link to the new one."""
    changes = list(opens)
    try:
        drafts = _drafts(ground, acted, opens)
        changes = list(drafts)
        reports = ground.forge.publish(list(drafts.values())) if drafts else []
    except RolloutError as error:
        for change in changes:
            acted.failed(change, f"not opened: {error.message}")
            acted.reports.pop(change, None)
        return
    for change, report in zip(changes, reports, strict=True):
        _opened(ground, acted, change, opens[change], report)


def drop_twins(ground: Ground, acted: Acted, opens: Mapping[str, Open]) -> None:
    """After opening: look again, and close what somebody else opened at the same moment; the lower number survives.

    A rollback survives whatever its number. Two runs that see each other close the same ones.
    """
    found: dict[str, list[PullRequest]] = {}
    for change, pull in _open_now(ground, acted, opens):
        found.setdefault(change, []).append(pull)
    for change, pulls in found.items():
        known = {closing.pull.number for closing in opens[change].supersedes}
        twins = sorted((p for p in pulls if p.number not in known), key=lambda p: (not _rollback(p), p.number))
        ours = _heads(ground, [pull.head for pull in twins])
        for twin in twins[1:]:
            if not ours.get(twin.head):
                continue
            comment = f"#{twins[0].number} was opened for the same change at the same moment."
            same_branch = twin.branch == twins[0].branch
            close(ground, acted, change, Close(twin, Why.DUPLICATE, comment, keep_branch=same_branch))
            if change in acted.reports and acted.reports[change].number == twin.number:
                first = twins[0]
                acted.reports[change] = PullReport(first.number, first.url, first.state, Did.FOUND)


def _drafts(ground: Ground, acted: Acted, opens: Mapping[str, Open]) -> dict[str, Draft]:
    """What is to be opened, by change; a commit that could not be made fails its own change alone."""
    proposals = {change: effect.proposal for change, effect in opens.items()}
    requests = {change: commit_request(proposal) for change, proposal in proposals.items()}
    made = dict(zip(requests, ground.repository.commit(list(requests.values())), strict=True))
    there = ground.repository.read_refs(OURS)
    left = {change: there.get(f"{HEADS}{proposal.change.branch}") for change, proposal in proposals.items()}
    ours, same = _left_behind(ground, made, left)
    wanted = [change for change in made if change not in same]
    results = ground.forge.remake([made[change] for change in wanted], [requests[change] for change in wanted])
    commits: dict[str, str | ForgeError] = {**same, **dict(zip(wanted, results, strict=True))}
    drafts = {}
    for change, proposal in proposals.items():
        commit, head = commits[change], left[change]
        if isinstance(commit, ForgeError):
            acted.failed(change, f"not opened: {commit.message}")
            acted.reports.pop(change, None)
            continue
        # A branch of ours that a run left behind when it died may be replaced; anybody else's may not.
        drafts[change] = draft_of(proposal, commit, expected=head if head and ours.get(head) else None)
    return drafts


def _left_behind(
    ground: Ground, made: Mapping[str, str], left: Mapping[str, str | None]
) -> tuple[Mapping[str, bool], dict[str, str]]:
    """Which branches' heads are ours alone; and by change those that are this very proposal, to be used as they are."""
    heads = sorted({head for head in left.values() if head})
    ours = _heads(ground, heads)
    infos = ground.repository.read_commits(sorted({*(head for head in heads if ours.get(head)), *made.values()}))
    there = {change: head for change, head in left.items() if head and ours.get(head)}
    same = {change: head for change, head in there.items() if same_commit(infos.get(head), infos.get(made[change]))}
    return ours, same


def _opened(ground: Ground, acted: Acted, change: str, effect: Open, report: PullReport) -> None:
    if report.did is Did.CONFLICT or report.number is None:
        acted.failed(change, f"not opened: {report.message}")
        acted.reports[change] = report
        return
    did = acted.reports[change].did if report.did is Did.CREATED and change in acted.reports else report.did
    acted.reports[change] = replace(report, did=did)
    for closing in effect.supersedes:
        close(ground, acted, change, superseded(closing, report.number))


def _open_now(ground: Ground, acted: Acted, opens: Mapping[str, Open]) -> list[tuple[str, PullRequest]]:
    try:
        pulls = ground.forge.open_pulls()
    except RolloutError as error:
        for change in opens:
            acted.failed(change, f"open pull requests could not be looked at again: {error.message}")
        return []
    named = [(parse_branch(pull.branch), pull) for pull in pulls if pull.base_branch == ground.base_branch]
    return [(name.change, pull) for name, pull in named if name is not None and name.change in opens]


def _heads(ground: Ground, heads: Sequence[str]) -> dict[str, bool]:
    """Which of these commits are ours alone; none where that cannot be told."""
    try:
        infos = ground.repository.read_commits(sorted(set(heads)))
    except RolloutError:
        return {}
    return {head: is_ours(infos.get(head), ground.committers) for head in heads}


def _rollback(pull: PullRequest) -> bool:
    name = parse_branch(pull.branch)
    return name is not None and name.action == "rollback"
