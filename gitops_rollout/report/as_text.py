"""A run for people: what was found, decided and done, and where to look. Tables on a terminal, plain lines in CI."""

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import TYPE_CHECKING

from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.counts import kind_of
from gitops_rollout.report.escape import log_line
from gitops_rollout.report.words import pull_phrase, pulls_tally, says, step_of, tally

if TYPE_CHECKING:
    from rich.table import Table

_ORDER = ("error", "alarm", "rollback", "promote", "step", "start", "hold", "stable")
_STYLES = {
    "error": "bold red",
    "alarm": "bold red",
    "rollback": "red",
    "promote": "green",
    "step": "green",
    "start": "green",
    "hold": "yellow",
    "stable": "dim",
}
_PLAIN_WIDTH = 1000  # no line of a log is wrapped: people search in it


def to_text(report: RunReport, *, width: int | None = None, colour: bool = False, quiet: bool = False) -> str:
    """The report as text that ends with a line end.

    `width` is the terminal's in columns, None where lines are not to be wrapped. `colour` adds escape sequences of
    ours; none of the report's own survive. `quiet` leaves out the targets that only hold or are stable, and counts
    them.
    """
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        width=width or _PLAIN_WIDTH,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(f"{log_line(report.base_branch)} at {report.base_commit[:12]}, decided at {instant(report.now)}")
    shown = [target for target in _sorted(report.targets) if not (quiet and kind_of(target) in ("hold", "stable"))]
    if shown:
        console.print()
        console.print(_table(shown, one_line=width is None))
    for line in _rest(report):
        console.print(line)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _sorted(targets: Iterable[TargetReport]) -> list[TargetReport]:
    return sorted(targets, key=lambda target: (_ORDER.index(kind_of(target)), target.key))


def _table(targets: Iterable[TargetReport], *, one_line: bool) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading in ("decision", "because", "pull request"):
        table.add_column(heading, no_wrap=True)
    table.add_column("target, and what is said of it", ratio=1, overflow="fold")
    for target in targets:
        kind = kind_of(target)
        name, sentence = log_line(str(target.key)), Text(log_line(says(target)), style="dim")
        table.add_row(
            Text(f"{kind} {step_of(target.decision)}".rstrip(), style=_STYLES[kind]),
            Text(target.decision.reason),
            Text(log_line(pull_phrase(target))),
            Text.assemble(name, ": " if one_line else "\n", sentence),
        )
    return table


def _rest(report: RunReport) -> Iterator[str]:
    yield ""
    yield tally(report)
    if pulls := pulls_tally(report):
        yield pulls
    for item in report.skipped:
        place = log_line(item.path) + (f":{item.line}" if item.line else "")
        yield f"skipped {place} ({log_line(item.reason)}): {log_line(item.message)}"
    for note in report.notes:
        yield f"note: {log_line(note)}"
    for error in report.errors:
        yield f"failed: {log_line(error)}"
