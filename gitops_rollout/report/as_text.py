"""A run for people: what was found, decided and done, where to look. Paragraphs on a terminal, plain lines in CI."""

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.counts import kind_of
from gitops_rollout.report.escape import log_line
from gitops_rollout.report.words import label_of, pull_phrase, pulls_tally, rollbacks_tally, says, tally

if TYPE_CHECKING:
    from rich.console import RenderableType

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


def to_text(report: RunReport, *, width: int | None = None, colour: bool = False, quiet: bool = False) -> str:
    """The report as text that ends with a line end.

    With `width`, a terminal's in columns, each target has a line and below it what is said of it, wrapped; without, it
    is all on one line, since people search in logs. `colour` adds escape sequences of ours; none of the report's own
    survive. `quiet` leaves out the targets that only hold or are stable, and counts them.
    """
    head = f"{log_line(report.base_branch)} at {report.base_commit[:12]}, decided at {instant(report.now)}"
    shown = [target for target in _sorted(report.targets) if not (quiet and kind_of(target) in ("hold", "stable"))]
    if width is None:
        lines = [head, "", *_lines(shown), *([""] if shown else []), *_rest(report)]
    else:
        lines = _wrapped([head, "", *_paragraphs(shown), *_rest(report)], width, colour)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _sorted(targets: Iterable[TargetReport]) -> list[TargetReport]:
    return sorted(targets, key=lambda target: (_ORDER.index(kind_of(target)), target.key))


def _cells(targets: Sequence[TargetReport]) -> list[tuple[str, ...]]:
    """Decision, target, reason and pull request of each target, padded to the same widths."""
    rows = [
        (
            label_of(target),
            log_line(str(target.key)),
            target.decision.reason.value,
            log_line(pull_phrase(target)),
        )
        for target in targets
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [tuple(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _lines(targets: Sequence[TargetReport]) -> list[str]:
    pairs = zip(_cells(targets), targets, strict=True)
    return ["  ".join((*cells, log_line(says(target)))) for cells, target in pairs]


def _paragraphs(targets: Sequence[TargetReport]) -> Iterator["RenderableType"]:
    from rich.padding import Padding
    from rich.text import Text

    for cells, target in zip(_cells(targets), targets, strict=True):
        yield Text.assemble((cells[0], _STYLES[kind_of(target)]), "  ", "  ".join(cells[1:]))
        yield Padding(Text(log_line(says(target)), style="dim"), (0, 0, 0, 4))
    if targets:
        yield ""


def _wrapped(parts: Iterable["RenderableType"], width: int, colour: bool) -> list[str]:
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
    return out.getvalue().splitlines()


def _rest(report: RunReport) -> Iterator[str]:
    yield tally(report)
    if pulls := pulls_tally(report):
        yield pulls
    if rollbacks := rollbacks_tally(report):
        yield rollbacks
    for item in report.skipped:
        place = log_line(item.path) + (f":{item.line}" if item.line else "")
        yield f"skipped {place} ({log_line(item.reason)}): {log_line(item.message)}"
    for note in report.notes:
        yield f"note: {log_line(note)}"
    for error in report.errors:
        yield f"failed: {log_line(error)}"
