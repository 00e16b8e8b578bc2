"""`gitops-rollout check`: whether what is to be merged still stands on the ground that it was decided on."""

import json
import os
from typing import TYPE_CHECKING

import click

from gitops_rollout.cli.options import Options, examples, shared_options

if TYPE_CHECKING:
    from gitops_rollout.reconcile.check import Checked
    from gitops_rollout.reconcile.desk import Desk

# What GitHub, Gitea and Forgejo (the first) and GitLab (the second) call the commit that a job is about.
COMMIT_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA")


@click.command(epilog=examples("gitops-rollout check", "gitops-rollout check --head refs/pull/12/merge --output json"))
@shared_options(outputs=("text", "json"), live=False, only=False)
@click.option(
    "--head",
    metavar="REV",
    envvar="GITOPS_ROLLOUT_HEAD",
    show_envvar=True,
    help="A branch, ref or commit at the remote. Default: the CI job's commit, else every open pull request of ours.",
)
def command(options: Options, head: str | None) -> int:
    """Judge what is to be merged: is each rollout in it fresh, and does it merge to what was decided?

    Made to be a required status on pull requests and merge queues; green at once where no rollout is touched. Exit
    code 1 when it finds an error.
    """
    from gitops_rollout.cli.runs import progress, request_of
    from gitops_rollout.reconcile.check import check, check_open, resolve_head
    from gitops_rollout.reconcile.desk import open_desk

    desk = open_desk(request_of(options), progress=progress())
    named = head or next((os.environ[name] for name in COMMIT_VARIABLES if os.environ.get(name)), None)
    checked = check_open(desk) if named is None else [check(desk, resolve_head(desk.repository, named))]
    _show(desk, checked, options.output)
    return 0 if all(one.ok for one in checked) else 1


def _show(desk: "Desk", checked: list["Checked"], output: str) -> None:
    from gitops_rollout.report.escape import log_line

    if output == "json":
        base = {"branch": desk.base_branch, "commit": desk.base_commit}
        found = {"version": 1, "base": base, "ok": all(one.ok for one in checked), "checked": _as_json(checked)}
        click.echo(json.dumps(found, indent=2))
        return
    for one in checked:
        name = f"#{one.pull}" if one.pull else one.head[:12]
        for finding in one.findings:
            what = ", ".join(finding.targets)
            says = f"{finding.code}: {what}: {finding.message}" if what else f"{finding.code}: {finding.message}"
            click.echo(log_line(f"{name}  {'ok' if finding.ok else 'error'}  {says}"))
    if not checked:
        click.echo("no open pull requests of ours", err=True)


def _as_json(checked: list["Checked"]) -> list[dict[str, object]]:
    return [
        {
            "head": one.head,
            "pull": one.pull,
            "ok": one.ok,
            "findings": [
                {"code": found.code, "ok": found.ok, "targets": list(found.targets), "message": found.message}
                for found in one.findings
            ],
        }
        for one in checked
    ]
