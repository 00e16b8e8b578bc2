"""Where each rollout stands, for operators: one line a component, the three percents side by side."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

from gitops_rollout.model.plan import ComponentReport, RunReport, TargetReport
from gitops_rollout.model.targets import Component
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.counts import kind_of
from gitops_rollout.report.escape import log_line
from gitops_rollout.report.words import percent, pull_phrase, step_of, tally

if TYPE_CHECKING:
    from rich.table import Table

_HEADINGS = ("target", "component", "phase", "Git", "live", "traffic", "next", "when", "pull request")
_WIDE = ("created", "ready", "rolled out", "previous", "why")
_PLAIN_WIDTH = 1000  # no line is wrapped where it is not read on a terminal: people search in it


def to_status(report: RunReport, *, wide: bool = False, width: int | None = None, colour: bool = False) -> str:
    """The table as text that ends with a line end; `wide` adds the revisions and the reason in full.

    `width` is the terminal's in columns, None where lines are not to be wrapped; `colour` adds escape sequences.
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
    console.print(_table(report, wide))
    console.print()
    base = f"{log_line(report.base_branch)} at {report.base_commit[:12]}"
    console.print(f"{tally(report)}; {base}, {instant(report.now)}")
    for error in report.errors:
        console.print(f"failed: {log_line(error)}")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(report: RunReport, wide: bool) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for heading in (*_HEADINGS, *(_WIDE if wide else ())):
        table.add_column(heading, no_wrap=heading != "why", overflow="fold")
    for target in sorted(report.targets, key=lambda target: target.key):
        for row in _rows(target, report.now, wide):
            table.add_row(*row)
    return table


def _rows(target: TargetReport, now: datetime, wide: bool) -> Iterator[Sequence[str]]:
    found = [(component, target.components[component]) for component in Component if component in target.components]
    name = log_line(str(target.key))
    next_is, when, pull = _next(target), _when(target.decision.not_before, now), log_line(pull_phrase(target))
    why = (log_line(target.error or target.decision.message),) if wide else ()
    if not found:
        yield (name, "", "", "", "", "", next_is, when, pull, *(("", "", "", "", *why) if wide else ()))
    for position, (component, seen) in enumerate(found):
        first = position == 0
        row = (
            name if first else "",
            component.value,
            seen.phase.value,
            percent(seen.desired),
            percent(seen.live),
            _split(seen),
        )
        rest = (next_is, when, pull) if first else ("", "", "")
        yield (*row, *rest, *((*_revisions(seen), *(why if first else ("",))) if wide else ()))


def _next(target: TargetReport) -> str:
    kind, move = kind_of(target), step_of(target.decision)
    return f"{kind} {move}" if move else f"{kind} ({target.decision.reason})"


def _when(not_before: datetime | None, now: datetime) -> str:
    if not_before is None:
        return ""
    left = not_before - now
    if left <= timedelta(0):
        return "due"
    minutes = -(-int(left.total_seconds()) // 60)
    return f"in {minutes // 60}h{minutes % 60:02d}m" if minutes >= 60 else f"in {minutes}m"


def _split(seen: ComponentReport) -> str:
    """The traffic by revision: `…-00002 10 %, …-00001 90 %`, short names."""
    shares: dict[str, int] = {}
    for entry in seen.traffic:
        if entry.revision_name:
            shares[entry.revision_name] = shares.get(entry.revision_name, 0) + (entry.percent or 0)
    return ", ".join(f"{_short(name)} {share} %" for name, share in shares.items() if share)


def _revisions(seen: ComponentReport) -> Iterable[str]:
    tracking = seen.tracking
    names = (
        tracking.latest_created,
        tracking.latest_ready,
        tracking.latest_rolledout,
        tracking.previous_rolledout,
    )
    return [_short(name) if name else "" for name in names]


def _short(name: str) -> str:
    """`iris-predictor-00002` as `…-00002`: the rest stands in the line's first column."""
    return f"…-{log_line(name).rpartition('-')[2]}"
