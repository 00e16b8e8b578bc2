"""`gitops-rollout reconcile`: decide, and act on pull requests."""

from typing import TYPE_CHECKING

import click

from gitops_rollout.cli.options import Options, examples, shared_options
from gitops_rollout.cli.telling import Telling, run_and_tell, telling_options
from gitops_rollout.model.errors import UsageError

if TYPE_CHECKING:
    from gitops_rollout.reconcile.world import World

REPLAYABLE = ("snapshot:", "simulated:")


@click.command(
    epilog=examples(
        "gitops-rollout reconcile --live prod=kube:prod-eu",
        "gitops-rollout reconcile --repo https://git.example.com/models.git --live prod=snapshot:live.json",
    )
)
@shared_options()
@telling_options("reconcile", webhook=True)
def command(options: Options, telling: Telling) -> int:
    """Decide every rollout, and open, update, close and merge pull requests accordingly.

    A second run on a world that stands still does nothing. What failed for one target never stops the others, and
    shows in the exit code (1). A webhook that cannot be told is said on stderr and in the metrics, and fails nothing.
    """
    from gitops_rollout.cli.output import show_report
    from gitops_rollout.cli.runs import open_run, request_of
    from gitops_rollout.reconcile.run import reconcile

    if options.now is not None:
        check_replay(options)

    def opened() -> "World":
        world = open_run(request_of(options, needs_policy=True))
        if options.now is not None and (world.forge is None or world.forge.kind != "local"):
            raise UsageError("--now with a real forge would act on the past", "leave --now out, or use --forge local")
        return world

    report = run_and_tell(telling, opened, reconcile)
    show_report(report, options.output)
    return 1 if report.failed else 0


def check_replay(options: Options) -> None:
    """`UsageError` where `--now` would act on the past of something that is real."""
    real = [f"{cluster}={source}" for cluster, source in options.live if not source.startswith(REPLAYABLE)]
    if real or not options.live:
        what = ", ".join(real) or "the policy's clusters"
        raise UsageError(f"--now cannot go with a live cluster ({what})", "use snapshot: sources, or leave --now out")
    if options.forge not in (None, "local"):
        raise UsageError(f"--now cannot go with --forge {options.forge}", "use --forge local, or leave --now out")
