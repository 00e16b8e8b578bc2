"""`gitops-rollout status`: where each rollout stands."""

import sys
import time
from typing import TYPE_CHECKING

import click

from gitops_rollout.cli.options import Options, examples, shared_options
from gitops_rollout.model.decision import Phase, Reason
from gitops_rollout.model.errors import RolloutError, UsageError

if TYPE_CHECKING:
    from gitops_rollout.report.selection import Selection

WATCH_SECONDS = 15


@click.command(
    epilog=examples(
        "gitops-rollout status --live prod=snapshot:live.json",
        "gitops-rollout status --live prod=kube:prod-eu --only 'prod/fraud/*' --wide",
        "gitops-rollout status --live prod=kube:prod-eu --alarms --watch",
        "gitops-rollout status --phase active --phase pending --output json",
    )
)
@shared_options()
@click.option("--wide", is_flag=True, help="Also the revisions, and the reason in full.")
@click.option(
    "--phase",
    "phases",
    type=click.Choice([phase.value for phase in Phase]),
    multiple=True,
    metavar="PHASE",
    help="Only targets in this phase: active, pending, failed, rolled-back, … Repeatable.",
)
@click.option(
    "--reason",
    "reasons",
    type=click.Choice([reason.value for reason in Reason]),
    multiple=True,
    metavar="REASON",
    help="Only targets decided for this reason: soaking, in-flight, baseline-gone, … Repeatable.",
)
@click.option("--alarms", is_flag=True, help="Only what somebody should look at now: alarms and failures.")
@click.option("--watch", is_flag=True, help="Look again every --every seconds until interrupted.")
@click.option("--every", type=click.IntRange(min=1), default=WATCH_SECONDS, show_default=True, metavar="SECONDS")
def command(
    options: Options,
    wide: bool,
    phases: tuple[str, ...],
    reasons: tuple[str, ...],
    alarms: bool,
    watch: bool,
    every: int,
) -> int:
    """Show each rollout: its phase, the percent in Git, live and in traffic, and what comes next. Writes nothing.

    `age` is how long ago Git last changed it, `rollback` the stage that an open rollback waits in. --phase and
    --reason may be given several times. With --watch a terminal is drawn anew; elsewhere each look is written below
    the last one, as JSON on one line each. A look that fails is said, and the next one tries again.
    """
    from gitops_rollout.report.selection import Selection

    if watch and options.now is not None:
        raise UsageError("--watch looks at what is now, and --now says when that is", "leave one of them out")
    selection = Selection(phases, reasons, alarms)
    if not watch:
        return _show(options, wide, selection)
    while True:
        try:
            _show(options, wide, selection, watching=True)
        except UsageError:
            raise
        except RolloutError as error:
            from gitops_rollout.cli.output import note

            note(f"{error.message}; looking again in {every} s")
        sys.stdout.flush()
        time.sleep(every)


def _show(options: Options, wide: bool, selection: "Selection", *, watching: bool = False) -> int:
    from gitops_rollout.cli.output import report_text, status_text
    from gitops_rollout.cli.runs import open_run, request_of
    from gitops_rollout.reconcile.run import plan
    from gitops_rollout.report.as_json import to_json_line
    from gitops_rollout.report.selection import select

    whole = plan(open_run(request_of(options)))
    report = select(whole, selection)
    if options.output == "text":
        text = status_text(report, wide=wide, of=len(whole.targets))
    elif options.output == "json" and watching:
        text = to_json_line(report)
    else:
        text = report_text(report, options.output)
    if watching and options.output == "text":
        if sys.stdout.isatty():
            sys.stdout.write("\x1b[2J\x1b[1;1H")  # only now; click would leave it out with NO_COLOR
        else:
            text += "\n"
    click.echo(text, nl=False)
    return 1 if whole.failed else 0
