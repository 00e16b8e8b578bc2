"""`gitops-rollout pulls`: list, show, merge and close pull requests, on the embedded forge and where else it can."""

from typing import TYPE_CHECKING, Any

import click

from gitops_rollout.cli.options import Options, examples, shared_options

if TYPE_CHECKING:
    from gitops_rollout.model.change import PullReport, PullRequest
    from gitops_rollout.reconcile.pulls.desk import Desk

OUTPUTS = ("text", "json")


@click.group(epilog=examples("gitops-rollout pulls list", "gitops-rollout pulls merge 12"))
def command() -> None:
    """List, show, merge and close pull requests: the embedded forge's, and those of any other where it can."""


@command.command("list", epilog=examples("gitops-rollout pulls list --all --output json"))
@shared_options(outputs=OUTPUTS, live=False, only=False)
@click.option("--all", "everything", is_flag=True, help="Merged and closed ones, too.")
def list_pulls(options: Options, everything: bool) -> int:
    """List the open pull requests of this tool."""
    desk = _desk(options)
    pulls = list(desk.forge.open_pulls())
    if everything:
        pulls = sorted((*pulls, *desk.forge.ended_pulls("gitops-rollout/")), key=lambda pull: pull.number)
    if options.output == "json":
        from gitops_rollout.cli.output import show_json

        show_json([_as_json(pull) for pull in pulls])
        return 0
    for pull in pulls:
        _say(f"#{pull.number}  {_state(pull)}  {pull.title}  ({pull.branch})")
    if not pulls:
        click.echo("no pull requests" if everything else "no open pull requests", err=True)
    return 0


@command.command("show", epilog=examples("gitops-rollout pulls show 12"))
@shared_options(outputs=OUTPUTS, live=False, only=False)
@click.argument("number", type=click.IntRange(min=1))
def show(options: Options, number: int) -> int:
    """Show one pull request, and whether it may be merged as things are now."""
    from gitops_rollout.core.comment_marker import without_digest
    from gitops_rollout.core.pull_marker import without_marker
    from gitops_rollout.model.change import PullState
    from gitops_rollout.model.remarks import READY
    from gitops_rollout.reconcile.checks.check import check
    from gitops_rollout.reconcile.pulls.merge import find_pull
    from gitops_rollout.report.escape import log_text

    desk = _desk(options)
    pull = find_pull(desk, number)
    is_open = pull.state is PullState.OPEN and not pull.branch_deleted
    findings = check(desk, pull.head, number).findings if is_open else ()
    there = desk.forge.remarks_on(pull)
    if options.output == "json":
        said = [{"code": one.code, "ok": one.ok, "message": one.message} for one in findings]
        status = there.status and {"state": there.status.state, "description": there.status.description}
        more = {"body": pull.body, "check": said, "status": status, "comment": there.comment}
        from gitops_rollout.cli.output import show_json

        show_json({**_as_json(pull), **more})
        return 0
    _say(f"#{pull.number}  {_state(pull)}  {pull.title}")
    _say(f"{pull.branch} at {pull.head[:12]}, into {pull.base_branch}")
    for finding in findings:
        _say(f"{'may be merged' if finding.ok else 'may not be merged'}: {finding.message}")
    if there.status is not None:
        _say(f"{READY}: {there.status.state}, {there.status.description}")
    click.echo()
    click.echo(log_text(without_marker(pull.body)))
    if there.comment is not None:
        click.echo(f"\n{log_text(without_digest(there.comment))}")
    return 0


@command.command("merge", epilog=examples("gitops-rollout pulls merge 12"))
@shared_options(outputs=OUTPUTS, live=False, only=False)
@click.argument("number", type=click.IntRange(min=1))
def merge(options: Options, number: int) -> int:
    """Merge a pull request, if it is fresh on the base as it is now and merges to what was decided.

    Exit code 1 and the reason where it is not.
    """
    from gitops_rollout.model.change import PullState
    from gitops_rollout.reconcile.pulls.merge import merge_pull

    report = merge_pull(_desk(options), number)
    return _report(report, options, number, done=report.state is PullState.MERGED)


@command.command("close", epilog=examples("gitops-rollout pulls close 12 --reason 'the metric is wrong'"))
@shared_options(outputs=OUTPUTS, live=False, only=False)
@click.option("--reason", metavar="TEXT", default="", help="What to say on it.")
@click.argument("number", type=click.IntRange(min=1))
def close(options: Options, number: int, reason: str) -> int:
    """Close a pull request: a veto. It is not proposed again until its action or candidate changes."""
    from gitops_rollout.model.change import PullState
    from gitops_rollout.reconcile.pulls.merge import close_pull

    report = close_pull(_desk(options), number, reason)
    return _report(report, options, number, done=report.state is PullState.CLOSED)


def _desk(options: Options) -> "Desk":
    from gitops_rollout.cli.runs import progress, request_of
    from gitops_rollout.reconcile.pulls.desk import open_desk

    return open_desk(request_of(options), progress=progress())


def _report(report: "PullReport", options: Options, number: int, *, done: bool) -> int:
    if options.output == "json":
        fields = {"number": report.number, "url": report.url, "state": report.state, "did": report.did}
        from gitops_rollout.cli.output import show_json

        show_json({**fields, "message": report.message})
    else:
        _say(f"#{number}  {report.state}{f': {report.message}' if report.message else ''}")
    return 0 if done else 1


def _as_json(pull: "PullRequest") -> dict[str, Any]:
    return {
        "number": pull.number,
        "url": pull.url,
        "state": pull.state,
        "title": pull.title,
        "branch": pull.branch,
        "head": pull.head,
        "base": pull.base_branch,
        "author": pull.author,
        "labels": list(pull.labels),
        "draft": pull.draft,
        "branchDeleted": pull.branch_deleted,
        "closedByUs": pull.closed_by_us,
        "mergedCommit": pull.merged_commit,
        "created": pull.created.isoformat() if pull.created else None,
        "ended": pull.ended.isoformat() if pull.ended else None,
    }


def _state(pull: "PullRequest") -> str:
    return "open, its branch is gone" if pull.branch_deleted else str(pull.state)


def _say(line: str) -> None:
    from gitops_rollout.report.escape import log_line

    click.echo(log_line(line))
