"""`gitops-rollout retry`: a person tries a model again that was taken back, by pull request."""

import click

from gitops_rollout.cli.options import Options, examples
from gitops_rollout.cli.requests import answer, request_options
from gitops_rollout.model.requests import Ask


@click.command(
    epilog=examples(
        "gitops-rollout retry prod/fraud/score --reason 'the database was down' --live prod=kube:prod-eu --dry-run",
        "gitops-rollout retry prod/fraud/score --reason 'the database was down' --live prod=kube:prod-eu",
    )
)
@request_options
def command(options: Options, target: str, reason: str, anyway: bool, dry_run: bool) -> int:
    """Open the pull request that sets a model which was rolled back, and stands at 0, to the first step again.

    Merged, it counts as good until it fails again. The request is the pull request: it is about this revision and
    lapses with it. It is refused where the revision is not ready: until it is, its share would go to another one, and
    only a new revision can retry. Where the baseline is no better or the model fails now, --anyway overrules.

    Exit code 0: it is open (or with --dry-run would be). 1: refused, or it failed.
    """
    return answer(Ask.RETRY, options, target, reason, anyway=anyway, dry_run=dry_run)
