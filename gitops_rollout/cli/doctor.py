"""`gitops-rollout doctor`: whether a run can do its work here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gitops_rollout.cli.options import Options, examples, shared_options

if TYPE_CHECKING:
    from gitops_rollout.model.checkup import Finding

COLOURS = {"ok": "green", "warn": "yellow", "error": "red"}


@click.command(
    epilog=examples(
        "gitops-rollout doctor --live prod=snapshot:live.json",
        "gitops-rollout doctor --live prod=kube:prod-eu --cluster",
        "gitops-rollout doctor --live prod=kube:prod-eu --output json",
    )
)
@shared_options(outputs=("text", "json"), only=False)
@click.option("--cluster", is_flag=True, help="Look into each cluster, too: rights, versions, settings.")
def command(options: Options, cluster: bool) -> int:
    """Check git, repository, remote, policy, live sources, forge and templates; say what to do about each finding.

    Writes nothing, anywhere. Exit code 1 when it finds an error; warnings are none. --cluster asks every cluster of
    --live and of the policy's contexts which rights are missing (an access review, which is a question and no write),
    which versions of KServe and Knative run, and which settings matter to rollouts.
    """
    from gitops_rollout.cli.runs import request_of
    from gitops_rollout.reconcile.setup.doctor import examine

    findings = examine(request_of(options), cluster=cluster)
    failed = any(finding.level == "error" for finding in findings)
    if options.output == "json":
        from gitops_rollout.cli.output import show_json

        show_json(_as_json(findings, failed))
    else:
        for finding in findings:
            _show(finding)
    return 1 if failed else 0


def _as_json(findings: Sequence["Finding"], failed: bool) -> dict[str, object]:
    checks = [
        {"check": one.check, "level": one.level.value, "message": one.message, "hint": one.hint} for one in findings
    ]
    return {"version": 1, "ok": not failed, "checks": checks}


def _show(finding: "Finding") -> None:
    from gitops_rollout.report.escape import log_line

    level = click.style(f"{finding.level:5}", fg=COLOURS[finding.level])
    click.echo(f"{level} {finding.check:10} {log_line(finding.message)}")
    if finding.hint:
        click.echo(f"{'':16} {log_line(finding.hint)}")
