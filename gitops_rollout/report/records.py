"""A run as log records: one for each decision, each effect, and each failure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gitops_rollout.model.change import Did
from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.model.rollback import Stage
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.counts import summarise
from gitops_rollout.report.words import says, step_of


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its level (`info`, `warning`, `error`), what happened, and plain values; untrusted text and all."""

    level: str
    event: str
    fields: dict[str, Any] = field(default_factory=dict)


def records(report: RunReport) -> Iterator[Record]:
    """The records of a run, in the order of its targets; the last one counts."""
    base = {"branch": report.base_branch, "commit": report.base_commit[:12]}
    for target in report.targets:
        yield _decided(target)
        pull = target.pull
        if pull is not None and pull.did not in (Did.NONE, Did.FOUND):
            level = "error" if pull.did is Did.CONFLICT else "info"
            said = {"number": pull.number, "url": pull.url, "did": pull.did.value, "message": pull.message}
            yield Record(level, "pull request", {"target": str(target.key), **_known(said)})
    for item in report.skipped:
        said = {"path": item.path, "line": item.line, "reason": item.reason, "message": item.message}
        yield Record("info", "skipped", _known(said))
    for note in report.notes:
        yield Record("info", "note", {"message": note})
    for error in report.errors:
        yield Record("error", "failed", {"message": error})
    counts = {name: count for name, count in summarise(report.targets).items() if count}
    yield Record("error" if report.failed else "info", "run ended", {**base, "targets": len(report.targets), **counts})


def _decided(target: TargetReport) -> Record:
    decision, clock = target.decision, target.rollback
    level = "error" if target.error else "warning" if decision.alarm else "info"
    waits = clock.stage.value if clock is not None and clock.stage is not Stage.DONE else None
    said = {
        "target": str(target.key),
        "action": decision.action.value,
        "reason": decision.reason.value,
        "change": step_of(decision) or None,
        "alarm": decision.alarm or None,
        "waits_for": waits,
        "not_before": instant(decision.not_before),
        "message": says(target),
    }
    return Record(level, "decided", _known(said))


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}
