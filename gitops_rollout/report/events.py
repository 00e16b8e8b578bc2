"""The history of rollouts as text, Markdown, and plain data in the shape of `docs/schema/history.json`."""

import json
from typing import Any

from gitops_rollout.data import data_path
from gitops_rollout.model.events import Event, EventReport
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.escape import cell_code, code, log_line, markdown
from gitops_rollout.report.words import percent


def events_text(report: EventReport) -> str:
    """One line an event, newest first, in columns; then what is missing."""
    rows = [_cells(event) for event in report.events]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if not rows:
        lines = ["nothing has happened"]
    return "".join(f"{line}\n" for line in [*lines, *(log_line(remark) for remark in _remarks(report))])


def events_markdown(report: EventReport) -> str:
    """A table, newest first."""
    head = [f"### History of {code(report.base_branch)} at {code(report.base_commit[:12])}", ""]
    rows = ["| when | target | what | change | who | why |", "|---|---|---|---|---|---|"]
    for event in report.events:
        cells = [
            instant(event.at) or "",
            ", ".join(cell_code(str(target)) for target in event.targets),
            f"**{event.what}**" + (f" {markdown(_pull(event))}" if event.pull else ""),
            markdown(_change(event)),
            markdown(event.who),
            markdown(_why(event)),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    remarks = [f"- {markdown(remark)}" for remark in _remarks(report)]
    return "\n".join([*head, *rows, *([""] if remarks else []), *remarks]) + "\n"


def events_json(report: EventReport) -> str:
    """The same as indented JSON text; equal histories give equal bytes."""
    found = {
        "version": 1,
        "base": {"branch": report.base_branch, "commit": report.base_commit},
        "events": [_plain(event) for event in report.events],
        "more": report.more,
        "notes": list(report.notes),
        "errors": list(report.errors),
    }
    return json.dumps(found, indent=2) + "\n"


def history_schema() -> dict[str, Any]:
    """The published JSON schema of `history --output json`."""
    schema: dict[str, Any] = json.loads((data_path("schema") / "history.json").read_text(encoding="utf-8"))
    return schema


def _plain(event: Event) -> dict[str, Any]:
    return {
        "at": instant(event.at),
        "what": event.what.value,
        "targets": [str(target) for target in event.targets],
        "action": event.action,
        "reason": event.reason,
        "words": event.words,
        "who": event.who,
        "from": {component.value: old for component, (old, _) in event.percents.items()},
        "to": {component.value: new for component, (_, new) in event.percents.items()},
        "model": None if event.model is None else {"from": event.model[0], "to": event.model[1]},
        "commit": event.commit,
        "pullRequest": None if event.pull is None else {"number": event.pull, "url": event.url},
    }


def _cells(event: Event) -> tuple[str, ...]:
    when = (instant(event.at) or "?").partition(".")[0].rstrip("Z")
    first = log_line(str(event.targets[0])) if event.targets else ""
    target = first if len(event.targets) < 2 else f"{first} and {len(event.targets) - 1} more"
    return (
        f"{when}Z",
        target,
        event.what.value,
        log_line(_change(event)),
        _pull(event) or (event.commit or "")[:12],
        log_line("; ".join(part for part in (_why(event), event.who) if part)),
    )


def _change(event: Event) -> str:
    """`promote 10 % → none`, `model 3f9c… → 41bc…`, both, or the action alone."""
    moves = {component: f"{percent(old)} → {percent(new)}" for component, (old, new) in event.percents.items()}
    told = next(iter(moves.values())) if len(set(moves.values())) == 1 else ""
    told = told or ", ".join(f"{component} {move}" for component, move in moves.items())
    parts = [" ".join(part for part in (event.action or "", told) if part)]
    if event.model is not None:
        old, new = event.model
        parts.append(f"model {old or 'none'} → {new or 'none'}")
    return ", ".join(part for part in parts if part)


def _why(event: Event) -> str:
    return ": ".join(part for part in (event.reason or "", event.words) if part)


def _pull(event: Event) -> str:
    return f"#{event.pull}" if event.pull else ""


def _remarks(report: EventReport) -> list[str]:
    more = [f"{report.more} more are older: raise --limit"] if report.more else []
    return [*more, *(f"note: {note}" for note in report.notes), *(f"error: {error}" for error in report.errors)]
