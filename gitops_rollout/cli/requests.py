"""What `promote`, `rollback` and `retry` share: a person's decision, made, shown, and refused where it is not meant."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from gitops_rollout.cli.options import Options, shared_options
from gitops_rollout.model.errors import UsageError
from gitops_rollout.model.requests import Ask, Request

if TYPE_CHECKING:
    from gitops_rollout.reconcile.people.request import Answer

MOST_WORDS = 300


def request_options(function: Callable[..., int]) -> Callable[..., int | None]:
    """Decorate a command so that it gets a target, a reason, what is shared, and how far it may go."""
    decorated: Callable[..., int | None] = function
    for decorate in (
        click.option("--dry-run", is_flag=True, help="Show the edit and what it would do; write nothing."),
        click.option("--anyway", is_flag=True, help="Do it although something speaks against it."),
        click.option("--reason", required=True, metavar="TEXT", help="Why: it stands in the pull request and in Git."),
        shared_options(only=False),
        click.argument("target", metavar="CLUSTER/NAMESPACE/NAME"),
    ):
        decorated = decorate(decorated)
    return decorated


def answer(ask: Ask, options: Options, target: str, reason: str, *, anyway: bool, dry_run: bool) -> int:
    """Put a person's decision through; the exit code: 0 done (or could be), 1 refused or failed."""
    from gitops_rollout.cli.output import show_report
    from gitops_rollout.cli.reconcile import check_replay
    from gitops_rollout.cli.runs import open_run, request_of
    from gitops_rollout.reconcile.people import request as people

    words = " ".join(reason.split())[:MOST_WORDS]
    if not words:
        raise UsageError("--reason says nothing", "say in a few words why")
    if options.now is not None and not dry_run:
        check_replay(options)
    world = open_run(request_of(options, needs_policy=True))
    if options.now is not None and not dry_run and (world.forge is None or world.forge.kind != "local"):
        raise UsageError("--now with a real forge would act on the past", "leave --now out, or use --forge local")
    found = people.ask(world, target, Request(ask, words, anyway), dry_run=dry_run)
    show_report(found.report, options.output)
    if options.output == "text":
        _show(found, dry_run=dry_run)
    return 0 if found.done else 1


def _show(found: "Answer", *, dry_run: bool) -> None:
    from gitops_rollout.report.escape import log_line, log_text

    for line in found.foretold:
        click.echo(log_line(line))
    if dry_run and found.diff:
        click.echo(f"\n{log_text(found.diff)}", nl=False)
