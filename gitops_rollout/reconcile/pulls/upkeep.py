"""Effects on pull requests that are open: closed, updated, merged."""

from gitops_rollout.core.lifecycle.verdicts import Close, Merge, Update
from gitops_rollout.core.pull_marker import body_of, unmark_closed
from gitops_rollout.model.change import Did, Draft, Proposal, PullReport, PullRequest
from gitops_rollout.model.doors import CommitRequest
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.policy import Merge as WhoMerges
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.judge import Ground


def draft_of(proposal: Proposal, commit: str, expected: str | None = None) -> Draft:
    """What the forge is to open or update: `expected` is a commit of ours that the branch may hold."""
    change, policy = proposal.change, proposal.policy
    return Draft(
        change=change.identity.change,
        branch=change.branch,
        commit=commit,
        base_branch=change.base_branch,
        title=proposal.title,
        body=body_of(proposal),
        labels=policy.labels,
        reviewers=policy.reviewers,
        assignees=policy.assignees,
        draft=policy.draft,
        expected=expected,
    )


def commit_request(proposal: Proposal) -> CommitRequest:
    """The one commit of a proposal, on the base that it was decided on."""
    return CommitRequest(proposal.change.base_commit, proposal.files, proposal.message)


def make_commit(ground: Ground, proposal: Proposal) -> str:
    """The commit of one proposal, made by whoever makes them here."""
    requests = [commit_request(proposal)]
    (commit,) = ground.forge.remake(ground.repository.commit(requests), requests)
    if isinstance(commit, RolloutError):
        raise commit
    return commit


def close(ground: Ground, acted: Acted, change: str, effect: Close) -> None:
    """Close one; that it is closed already is no failure."""
    report = acted.attempt(
        change, lambda: ground.forge.close(effect.pull, effect.comment, keep_branch=effect.keep_branch)
    )
    if report is not None and report.did is Did.CONFLICT:
        acted.failed(change, f"#{effect.pull.number} could not be closed: {report.message}")


def update(ground: Ground, acted: Acted, change: str, effect: Update) -> None:
    """Give it the proposal's texts, and its commit where that is due."""

    def updated() -> PullReport:
        pull, proposal = effect.pull, effect.proposal
        commit = make_commit(ground, proposal) if effect.push else pull.head
        return ground.forge.update(pull, draft_of(proposal, commit))

    _keep_report(acted, change, acted.attempt(change, updated))


def unmark(ground: Ground, acted: Acted, change: str, pull: PullRequest) -> None:
    """Take the mark of our own close back; all else stays as it is."""
    body = unmark_closed(pull.body)
    draft = Draft(change, pull.branch, pull.head, pull.base_branch, pull.title, body, pull.labels, draft=pull.draft)
    acted.attempt(change, lambda: ground.forge.update(pull, draft))


def merge(ground: Ground, acted: Acted, change: str, effect: Merge) -> None:
    """Merge it if the base has not moved in its file since this run decided; else the next run decides anew."""

    def merged() -> PullReport:
        pull = effect.pull
        _, onto = ground.repository.base_commit(ground.base_branch)
        if onto != ground.base_commit:
            since = ground.repository.touched_since(ground.base_commit, onto)
            if since is None or set(since) & set(effect.proposal.files):
                message = "not merged: its file has just changed on the base branch, the next run decides anew"
                return PullReport(pull.number, pull.url, pull.state, Did.FOUND, message)
        queued = effect.proposal.policy.merge is WhoMerges.QUEUE
        return ground.forge.enqueue(pull, onto) if queued else ground.forge.merge(pull, onto)

    _keep_report(acted, change, acted.attempt(change, merged))


def _keep_report(acted: Acted, change: str, report: PullReport | None) -> None:
    if report is not None and report.did is not Did.NONE:
        acted.reports[change] = report
