"""Prints a run: JSON and Markdown to stdout as they are, text fitted to the terminal or the CI log it goes to."""

import os
import shutil
import sys

import click

from gitops_rollout.model.plan import RunReport


def show_report(report: RunReport, output: str) -> None:
    """Print `report` as `output` (`text`, `json` or `markdown`) says."""
    click.echo(report_text(report, output), nl=False)


def report_text(report: RunReport, output: str) -> str:
    """What `show_report` prints. Colour and tables only on a terminal; CI logs leave out what only holds."""
    if output == "json":
        from gitops_rollout.report.as_json import to_json_text

        return to_json_text(report)
    if output == "markdown":
        from gitops_rollout.report.as_markdown import to_markdown

        return to_markdown(report)
    from gitops_rollout.report.as_text import to_text

    ci = bool(os.environ.get("CI"))
    if not sys.stdout.isatty() or ci:
        return to_text(report, quiet=ci)
    return to_text(report, width=shutil.get_terminal_size().columns, colour=not os.environ.get("NO_COLOR"))


def show_json(value: object) -> None:
    """Print `value` as indented JSON."""
    from gitops_rollout.report.escape import json_text

    click.echo(json_text(value))


def note(text: str) -> None:
    """Say `text` on stderr, made harmless: stdout is for the result alone."""
    from gitops_rollout.report.escape import log_line

    click.echo(log_line(text), err=True)


def status_text(report: RunReport, *, wide: bool, of: int) -> str:
    """Where each rollout of `report` stands, fitted to what it is printed on; `of` is how many targets there are."""
    from gitops_rollout.report.status import to_status

    if sys.stdout.isatty() and not os.environ.get("CI"):
        width, colour = shutil.get_terminal_size().columns, not os.environ.get("NO_COLOR")
        return to_status(report, wide=wide, width=width, colour=colour, of=of)
    return to_status(report, wide=wide, of=of)
