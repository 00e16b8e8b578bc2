"""`gitops-rollout promote`: a person sends a canary everything, by pull request."""

import click

from gitops_rollout.cli.options import Options, examples
from gitops_rollout.cli.requests import answer, request_options
from gitops_rollout.model.requests import Ask


@click.command(
    epilog=examples(
        "gitops-rollout promote prod/fraud/score --reason 'urgent fix' --live prod=kube:prod-eu --dry-run",
        "gitops-rollout promote prod/fraud/score --reason 'urgent fix' --live prod=kube:prod-eu",
    )
)
@request_options
def command(options: Options, target: str, reason: str, anyway: bool, dry_run: bool) -> int:
    """Open the pull request that removes the percent now, without waiting for soak, steps, windows or analysis.

    It is refused, with what would happen, where a model that was taken back still stands, the canary is not ready or
    fails, or the cluster is not what Git says; --anyway overrules that, and an earlier veto. Once open it stands until
    it is merged, closed, not fresh, or a rollback is due.

    Exit code 0: it is open (or with --dry-run would be). 1: refused, or it failed.
    """
    return answer(Ask.PROMOTE, options, target, reason, anyway=anyway, dry_run=dry_run)
