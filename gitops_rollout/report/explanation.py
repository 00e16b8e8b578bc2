"""The decision table, row by row, as text and as plain data."""

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_rollout.core.explain import Explanation, RowExplanation
from gitops_rollout.model.plan import TargetReport
from gitops_rollout.model.targets import Component
from gitops_rollout.report.as_json import engine_data
from gitops_rollout.report.counts import kind_of
from gitops_rollout.report.escape import json_text, log_line
from gitops_rollout.report.words import percent


def explanation_text(target: TargetReport, components: Mapping[Component, Explanation]) -> str:
    """What was decided, and for each component every row: what it asks, what was seen, whether it holds."""
    return "".join(f"{line}\n" for line in _lines(target, components))


def explanation_json(target: TargetReport, components: Mapping[Component, Explanation]) -> str:
    """The same as indented JSON text."""
    found = {
        "version": 1,
        "target": str(target.key),
        "decision": {
            "action": target.decision.action.value,
            "reason": target.decision.reason.value,
            "alarm": target.decision.alarm,
            "message": target.decision.message,
        },
        "engine": target.delivery and engine_data(target.delivery),
        "components": {component.value: _plain(told) for component, told in components.items()},
    }
    return json_text(found) + "\n"


LEGEND = (
    "The first row whose conditions are all `yes` decides. created: the latest revision; ready: the latest that became",
    "ready; rolled: the baseline, which KServe falls back to (latestRolledoutRevision); previous: the one before it.",
)


def _lines(target: TargetReport, components: Mapping[Component, Explanation]) -> Iterator[str]:
    decision = target.decision
    yield log_line(f"{target.key}: {kind_of(target)} ({decision.reason}): {target.error or decision.message}")
    yield ""
    yield from LEGEND
    for component, told in components.items():
        seen = target.components.get(component)
        stands = f", {percent(seen.desired)} in Git, {percent(seen.live)} live" if seen else ""
        own = told.decision
        yield ""
        yield log_line(f"{component}{stands}: row {own.row}, {own.action} ({own.reason}): {own.message}")
        for row in told.rows:
            yield from _row(row)
    yield ""
    yield log_line(f"engine: {target.delivery.message}" if target.delivery else "engine: none is known for it")
    for note in target.notes:
        yield log_line(f"note: {note}")


def _row(row: RowExplanation) -> Iterator[str]:
    if not row.checks and not row.decides:
        return
    yield f"  {'>' if row.decides else ' '} {row.number:>2}  {log_line(row.title)}"
    for check in row.checks:
        what = check.asks if check.saw == check.asks else f"{check.asks}: {check.saw}"
        yield f"          {'yes' if check.holds else 'no ':3}  {log_line(what)}"


def _plain(told: Explanation) -> dict[str, Any]:
    own = told.decision
    return {
        "row": own.row,
        "action": own.action.value,
        "reason": own.reason.value,
        "message": own.message,
        "rows": [
            {
                "number": row.number,
                "title": row.title,
                "decides": row.decides,
                "checks": [{"asks": c.asks, "saw": c.saw, "holds": c.holds} for c in row.checks],
            }
            for row in told.rows
        ],
    }
