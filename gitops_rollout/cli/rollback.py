"""`gitops-rollout rollback`: a person takes a canary back, by pull request."""

import click

from gitops_rollout.cli.options import Options, examples
from gitops_rollout.cli.requests import answer, request_options
from gitops_rollout.model.requests import Ask


@click.command(
    epilog=examples(
        "gitops-rollout rollback prod/fraud/score --reason 'complaints' --live prod=kube:prod-eu --dry-run",
        "gitops-rollout rollback prod/fraud/score --reason 'complaints' --live prod=kube:prod-eu",
    )
)
@request_options
def command(options: Options, target: str, reason: str, anyway: bool, dry_run: bool) -> int:
    """Open the pull request that sets the percent of every canary of a target to 0.

    It is refused, with what would happen, where the baseline was taken back itself or is not ready, where no percent
    stands (a 0 takes traffic from a service that is whole), or the cluster is not what Git says; --anyway overrules
    that, and an earlier veto. Its model counts as taken back from then on, unless a person closes it.

    Exit code 0: it is open (or with --dry-run would be). 1: refused, or it failed.
    """
    return answer(Ask.ROLLBACK, options, target, reason, anyway=anyway, dry_run=dry_run)
