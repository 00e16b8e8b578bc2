"""A person merges or closes a pull request: what is merged is observed again first."""

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.model.change import Did, PullReport, PullRequest, PullState
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.reconcile.checks.check import check
from gitops_rollout.reconcile.pulls.desk import Desk

# A base that moves faster than it can be looked at is somebody else's problem to slow down.
ATTEMPTS = 5


def find_pull(desk: Desk, number: int) -> PullRequest:
    """An existing pull request of ours; `ForgeError` otherwise."""
    pull = desk.forge.pull(number)
    if pull is None or parse_branch(pull.branch) is None:
        what = "there is no pull request" if pull is None else "not ours is"
        raise ForgeError(f"{what} #{number}", "See `gitops-rollout pulls list`.")
    return pull


def merge_pull(desk: Desk, number: int) -> PullReport:
    """Merge it onto the base as it is now, if it is fresh there and merges to what was decided; else say why not."""
    report: PullReport | None = None
    for _ in range(ATTEMPTS):
        desk = desk.again()
        pull = find_pull(desk, number)
        if pull.state is not PullState.OPEN:
            return PullReport(pull.number, pull.url, pull.state, Did.NONE, f"#{number} is {pull.state} already")
        checked = check(desk, pull.head, number)
        if not checked.ok:
            reasons = "; ".join(finding.message for finding in checked.findings if not finding.ok)
            return PullReport(pull.number, pull.url, pull.state, Did.CONFLICT, reasons)
        report = desk.forge.merge(pull, desk.base_commit)
        if report.did is not Did.CONFLICT or desk.again().base_commit == desk.base_commit:
            return report
    assert report is not None, "it was tried"
    return report


def close_pull(desk: Desk, number: int, reason: str) -> PullReport:
    """Close it as a person does: a veto. The branch stays, so that it can be reopened."""
    pull = find_pull(desk, number)
    if pull.state is not PullState.OPEN:
        return PullReport(pull.number, pull.url, pull.state, Did.NONE, f"#{number} is {pull.state} already")
    return desk.forge.close(pull, reason, by_us=False, keep_branch=True)
