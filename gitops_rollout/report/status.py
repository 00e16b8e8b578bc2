"""Where each rollout stands, for operators: one line a component, the three percents side by side."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

from gitops_rollout.model.engines import Delivery, Obstacle, Reached
from gitops_rollout.model.observation import RevisionState
from gitops_rollout.model.plan import ComponentReport, RunReport, TargetReport
from gitops_rollout.model.rollback import Stage
from gitops_rollout.model.targets import Component
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.escape import log_line
from gitops_rollout.report.words import (
    duration,
    label_of,
    percent,
    pull_phrase,
    rollbacks_tally,
    says,
    tally,
    waits_for,
)

if TYPE_CHECKING:
    from rich.table import Table

_HEADINGS = (
    *("target", "component", "phase", "Git", "live", "traffic", "age", "next", "when"),
    *("rollback", "pull request"),
)
_WIDE = ("created", "ready", "rolled out", "previous", "engine", "why")
_ALWAYS = ("target", "phase", "Git", "live", "traffic")  # others are left out where nothing is in them
_WRAPPED = ("traffic", "next", "rollback", "why")
_PLAIN_WIDTH = 1000  # no line is wrapped where it is not read on a terminal: people search in it


def to_status(
    report: RunReport,
    *,
    wide: bool = False,
    width: int | None = None,
    colour: bool = False,
    of: int | None = None,
) -> str:
    """The table as text that ends with a line end; `wide` adds revisions, the engine's state and the reason in full.

    `width` is the terminal's in columns, None where lines are not to be wrapped; `colour` adds escape sequences. `of`
    is how many targets there are in all, where the report holds a selection.
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
    if report.targets:
        console.print(_table(report, wide, apart=width is not None))
        console.print()
    if wide and width is not None:
        for target in sorted(report.targets, key=lambda target: target.key):
            console.print(f"{log_line(str(target.key))}: {log_line(says(target))}")
        console.print()
    base = f"{log_line(report.base_branch)} at {report.base_commit[:12]}"
    shown = f" ({len(report.targets)} of {of} shown)" if of is not None and of != len(report.targets) else ""
    counted = tally(report) if report.targets or not of else "none is as asked for"
    console.print(f"{counted}{shown}; {base}, {instant(report.now)}")
    if rollbacks := rollbacks_tally(report):
        console.print(rollbacks)
    for error in report.errors:
        console.print(f"failed: {log_line(error)}")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(report: RunReport, wide: bool, *, apart: bool) -> "Table":
    """The table; `apart`: why stands below it, since sentences make narrow columns on a terminal."""
    from rich.table import Table

    headings = (*_HEADINGS, *(_WIDE if wide else ()))
    targets = sorted(report.targets, key=lambda target: target.key)
    rows = [row for target in targets for row in _rows(target, report.now, wide)]
    filled = [index for index, name in enumerate(headings) if name in _ALWAYS or _says_something(rows, index)]
    filled = [index for index in filled if not (apart and headings[index] == "why")]
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for index in filled:
        name = headings[index]
        table.add_column(name, no_wrap=name not in _WRAPPED, overflow="fold", min_width=_least(rows, index, name))
    for row in rows:
        table.add_row(*(row[index] for index in filled))
    return table


def _says_something(rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether a column is worth its width: one that is empty, or says `predictor` alone, is not."""
    return any(row[index] not in ("", Component.PREDICTOR) for row in rows)


def _least(rows: Sequence[Sequence[str]], index: int, name: str) -> int | None:
    """Columns that are read as one word keep their width on a narrow terminal; sentences are wrapped instead."""
    return None if name in _WRAPPED else max((len(row[index]) for row in rows), default=0)


def _rows(target: TargetReport, now: datetime, wide: bool) -> Iterator[Sequence[str]]:
    found = [(component, target.components[component]) for component in Component if component in target.components]
    name = log_line(str(target.key))
    ahead = (_next(target), _when(target.decision.not_before, now), _rollback(target), log_line(pull_phrase(target)))
    age = "" if target.changed is None else duration(max(now - target.changed, timedelta()))
    why = (_engine(target.delivery), log_line(says(target)))
    if not found:
        yield (name, "", "", "", "", "", age, *ahead, *(("", "", "", "", *why) if wide else ()))
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
        rest = (age, *ahead) if first else ("",) * (1 + len(ahead))
        yield (*row, *rest, *((*_revisions(seen, now), *(why if first else ("", ""))) if wide else ()))


def _next(target: TargetReport) -> str:
    label = label_of(target)
    return label if " " in label else f"{label} ({target.decision.reason})"


def _engine(delivery: Delivery | None) -> str:
    """In one word, whether the GitOps engine has applied Git's last change, and what keeps it from that."""
    if delivery is None:
        return ""
    if delivery.obstacle is not Obstacle.NONE:
        return delivery.obstacle.value
    return {Reached.YES: "applied", Reached.NO: "waiting", Reached.UNKNOWN: "unknown"}[delivery.reached]


def _rollback(target: TargetReport) -> str:
    """What a rollback waits for; one that is done needs no eyes any more."""
    clock = target.rollback
    if clock is None or clock.stage is Stage.DONE:
        return ""
    return waits_for(clock) + (" (over budget)" if clock.overdue else "")


def _when(not_before: datetime | None, now: datetime) -> str:
    if not_before is None:
        return ""
    left = not_before - now
    if left <= timedelta(0):
        return "due"
    minutes = -(-int(left.total_seconds()) // 60)
    return f"in {minutes // 60}h{minutes % 60:02d}m" if minutes >= 60 else f"in {minutes}m"


def _split(seen: ComponentReport) -> str:
    """The traffic by revision: `00002 10 %, 00001 90 %`, short names."""
    shares: dict[str, int] = {}
    for entry in seen.traffic:
        if entry.revision_name:
            shares[entry.revision_name] = shares.get(entry.revision_name, 0) + (entry.percent or 0)
    return ", ".join(f"{_short(name)} {share} %" for name, share in shares.items() if share)


def _revisions(seen: ComponentReport, now: datetime) -> Iterable[str]:
    """The revisions that tracking names, each with its age and its pods: `00002 (5h, 2 pods)`."""
    known = {state.name: state for state in seen.revisions}
    tracking = seen.tracking
    names = (
        tracking.latest_created,
        tracking.latest_ready,
        tracking.latest_rolledout,
        tracking.previous_rolledout,
    )
    return [_named(name, known.get(name), now) if name else "" for name in names]


def _named(name: str, state: RevisionState | None, now: datetime) -> str:
    told = []
    if state is not None and state.created is not None:
        told.append(duration(max(now - state.created, timedelta())))
    if state is not None and state.replicas:
        told.append(f"{state.replicas} pod" + ("" if state.replicas == 1 else "s"))
    return _short(name) + (f" ({', '.join(told)})" if told else "")


def _short(name: str) -> str:
    """`iris-predictor-00002` as `00002`: the rest stands in the line's first column."""
    return log_line(name).rpartition("-")[2]
