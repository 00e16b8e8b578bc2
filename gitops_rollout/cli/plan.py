"""`gitops-rollout plan`: decide, and show what would be done."""

from pathlib import Path

import click

from gitops_rollout.cli.options import Options, examples, shared_options
from gitops_rollout.cli.telling import Telling, run_and_tell, telling_options

CHANGES_PENDING = 2


@click.command(
    epilog=examples(
        "gitops-rollout plan --live prod=snapshot:live.json",
        "gitops-rollout plan --live prod=kube:prod-eu --only 'prod/fraud/*' --output json",
        "gitops-rollout plan --live prod=snapshot:live.json --try-config draft.yaml",
    )
)
@shared_options()
@click.option(
    "--try-config", type=click.Path(path_type=Path), metavar="FILE", help="A policy that is not committed yet."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when changes are pending, as Terraform does.")
@telling_options("plan", webhook=False)
def command(options: Options, telling: Telling, try_config: Path | None, detailed_exitcode: bool) -> int:
    """Decide every rollout, and show what `reconcile` would do. Writes nothing.

    Exit code 0: decided (holds and alarms are findings, not failures). 1: a source, the policy or a target could not
    be read; every other target is still decided.
    """
    from gitops_rollout.cli.output import show_report
    from gitops_rollout.cli.runs import open_run, request_of
    from gitops_rollout.model.decision import CHANGING
    from gitops_rollout.reconcile.run import plan

    report = run_and_tell(telling, lambda: open_run(request_of(options, try_config=try_config)), plan)
    show_report(report, options.output)
    if report.failed:
        return 1
    pending = any(target.decision.action in CHANGING for target in report.targets)
    return CHANGES_PENDING if detailed_exitcode and pending else 0
