"""`gitops-rollout explain`: why one target is decided as it is."""

import click

from gitops_rollout.cli.options import Options, examples, shared_options


@click.command(
    epilog=examples(
        "gitops-rollout explain prod/fraud/score --live prod=snapshot:live.json",
        "gitops-rollout explain prod/fraud/score --live prod=kube:prod-eu --output json",
    )
)
@click.argument("target", metavar="CLUSTER/NAMESPACE/NAME")
@shared_options(outputs=("text", "json"), only=False)
def command(options: Options, target: str) -> int:
    """Show each row of the decision table in order: what it looked at, and why it did or did not match."""
    from gitops_rollout.cli.runs import open_run, request_of
    from gitops_rollout.reconcile.explain import explain_target
    from gitops_rollout.report.explanation import explanation_json, explanation_text

    explained = explain_target(open_run(request_of(options)), target)
    show = explanation_json if options.output == "json" else explanation_text
    click.echo(show(explained.target, explained.components), nl=False)
    return 1 if explained.target.error else 0
