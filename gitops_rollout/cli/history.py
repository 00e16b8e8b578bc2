"""`gitops-rollout history`: what was proposed, decided, merged and vetoed, and why."""

from datetime import datetime

import click

from gitops_rollout.cli.options import Instant, Options, examples, shared_options

MOST = 50


@click.command(
    epilog=examples(
        "gitops-rollout history prod/fraud/score",
        "gitops-rollout history --since 2026-01-01T00:00:00Z --limit 500 --output json",
    )
)
@click.argument("target", metavar="[CLUSTER/NAMESPACE/NAME]", required=False)
@shared_options()
@click.option("--since", type=Instant(), help="Only what happened from this instant on.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=MOST, show_default=True, metavar="N", help="At most the newest N."
)
def command(options: Options, target: str | None, since: datetime | None, limit: int) -> int:
    """Show what was proposed, decided, merged and vetoed, and why, and what people changed themselves; newest first.

    Read from the base branch and from the forge's pull requests: no cluster is asked. Where the policy names no
    clusters, --live CLUSTER=… gives the one its name.

    Exit code 1: the forge could not be read; Git's part is shown all the same.
    """
    from dataclasses import replace

    from gitops_rollout.cli.runs import open_run, request_of
    from gitops_rollout.reconcile.people.history import read_events
    from gitops_rollout.report import events

    request = replace(request_of(options), needs_live=False)
    if target is not None:
        request = replace(request, only=(target,))
    found = read_events(open_run(request), since=since, limit=limit)
    show = {"json": events.events_json, "markdown": events.events_markdown}.get(options.output, events.events_text)
    click.echo(show(found), nl=False)
    return 1 if found.errors else 0
