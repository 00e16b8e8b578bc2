"""`gitops-rollout schema`: the published shapes, for editors and for scripts that check what they read."""

import json

import click

from gitops_rollout.cli.options import examples


@click.command(name="schema", epilog=examples("gitops-rollout schema policy > policy.schema.json"))
@click.argument("what", type=click.Choice(["policy", "plan", "history"]), default="policy")
def command(what: str) -> None:
    """Print the JSON schema of the policy file (the default) or of `plan` or `history --output json`."""
    if what == "policy":
        from gitops_rollout.config.schema import policy_schema as schema
    elif what == "history":
        from gitops_rollout.report.events import history_schema as schema
    else:
        from gitops_rollout.report.as_json import plan_schema as schema
    click.echo(json.dumps(schema(), indent=2))
