"""`gitops-rollout status`: where each rollout stands."""

import time

import click

from gitops_rollout.cli.options import Options, examples, shared_options

WATCH_SECONDS = 15


@click.command(
    epilog=examples(
        "gitops-rollout status --live prod=snapshot:live.json",
        "gitops-rollout status --live prod=kube:prod-eu --only 'prod/fraud/*' --wide",
        "gitops-rollout status --live prod=kube:prod-eu --watch",
    )
)
@shared_options()
@click.option("--wide", is_flag=True, help="Also the revisions, and the reason in full.")
@click.option("--watch", is_flag=True, help="Look again every --every seconds until interrupted.")
@click.option("--every", type=click.IntRange(min=1), default=WATCH_SECONDS, show_default=True, metavar="SECONDS")
def command(options: Options, wide: bool, watch: bool, every: int) -> int:
    """Show each rollout: its phase, the percent in Git, live and in traffic, and what comes next. Writes nothing."""
    while True:
        failed = _show(options, wide, clear=watch)
        if not watch:
            return failed
        time.sleep(every)


def _show(options: Options, wide: bool, *, clear: bool) -> int:
    from gitops_rollout.cli.output import show_report, show_status
    from gitops_rollout.cli.runs import open_run, request_of
    from gitops_rollout.reconcile.run import plan

    report = plan(open_run(request_of(options)))
    if clear:
        click.clear()
    if options.output == "text":
        show_status(report, wide=wide)
    else:
        show_report(report, options.output)
    return 1 if report.failed else 0
