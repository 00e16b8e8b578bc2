"""`gitops-rollout check`: whether what is to be merged still stands, and does what its author means."""

import os
from typing import TYPE_CHECKING

import click

from gitops_rollout.cli.options import Options, examples, shared_options

if TYPE_CHECKING:
    from gitops_rollout.model.findings import Checked
    from gitops_rollout.reconcile.pulls.desk import Desk

# What GitHub, Gitea and Forgejo (the first) and GitLab (the second) call the commit that a job is about.
COMMIT_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA")


@click.command(
    epilog=examples(
        "gitops-rollout check",
        "gitops-rollout check --head refs/pull/12/merge --output json",
        "gitops-rollout check --head my-branch --live prod=snapshot:live.json",
        "gitops-rollout check --output sarif > rollouts.sarif",
    )
)
@shared_options(outputs=("text", "json", "sarif"), only=False)
@click.option(
    "--head",
    metavar="REV",
    envvar="GITOPS_ROLLOUT_HEAD",
    show_envvar=True,
    help="A branch, ref or commit. Default: the CI job's commit, else every open pull request of ours.",
)
def command(options: Options, head: str | None) -> int:
    """Judge what is to be merged: rollouts must be fresh and bound; people's changes are searched for hazards.

    Made to be a required status on pull requests and merge queues; green at once where no rollout is touched. Exit
    code 1 when it finds an error. One finding is silenced on purpose by a line in a commit's message:
    `Rollout-Allow: straight-to-all`, or with a name after it, `Rollout-Allow: straight-to-all models/iris`.
    """
    from gitops_rollout.cli.output import note
    from gitops_rollout.cli.runs import progress, request_of
    from gitops_rollout.cluster.sources import open_sources
    from gitops_rollout.reconcile.checks.check import check, check_open, resolve_head
    from gitops_rollout.reconcile.observation.live import read_all
    from gitops_rollout.reconcile.pulls.desk import open_desk

    desk = open_desk(request_of(options), progress=progress())
    named = head or next((os.environ[name] for name in COMMIT_VARIABLES if os.environ.get(name)), None)
    if named is None:
        checked = check_open(desk)
    else:
        views, errors = read_all(open_sources(options.live), options.now)
        for error in errors:
            note(f"{error}: checked without it")
        commit = resolve_head(desk.repository, named)
        checked = [check(desk, commit, views=[view for view in views.values() if not view.unreachable])]
    _show(desk, checked, options.output)
    return 0 if all(one.ok for one in checked) else 1


def _show(desk: "Desk", checked: list["Checked"], output: str) -> None:
    from gitops_rollout.core.hazards import RULES
    from gitops_rollout.report.checks import checks_json, checks_sarif, checks_text

    if output == "json":
        click.echo(checks_json(desk.base_branch, desk.base_commit, checked), nl=False)
    elif output == "sarif":
        click.echo(checks_sarif(checked, {rule.code: rule.title for rule in RULES}), nl=False)
    else:
        click.echo(checks_text(checked), nl=False)
        if not checked:
            click.echo("no open pull requests of ours", err=True)
