"""A run as Prometheus metrics in the text format, for the textfile collector of node_exporter or a push gateway."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from gitops_rollout import __version__
from gitops_rollout.model.decision import CHANGING, Action, Phase
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.model.rollback import Stage
from gitops_rollout.report.counts import kind_of

PREFIX = "gitops_rollout"
LAST_SUCCESS, DECIDED = f"{PREFIX}_last_success_timestamp_seconds", f"{PREFIX}_last_decided_timestamp_seconds"
# What a target counts as that has several components: the phase that needs eyes most.
_URGENT = (
    *(Phase.FAILED, Phase.IGNORED, Phase.MISSING, Phase.ROLLED_BACK, Phase.PENDING, Phase.SETTLING),
    *(Phase.ACTIVE, Phase.FIRST, Phase.STOPPED, Phase.PROMOTED, Phase.STABLE),
)
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run besides its report: `command`, when it ended, how long it took, requests by API.

    `succeeded` is when a run last succeeded before this one, as the former file says; `decided` the instant that a
    run last decided at.
    """

    command: str
    ended: datetime
    took: timedelta
    succeeded: datetime | None = None
    decided: datetime | None = None
    requests: Mapping[str, int] = field(default_factory=dict)
    webhook_failed: bool = False


def read_instant(path: Path, name: str, command: str) -> datetime | None:
    """An instant that the former file holds for a command; None where there is none, or nothing that can be read."""
    try:
        text = path.read_text(encoding="utf-8")
        families = list(text_string_to_metric_families(text))
    except (OSError, ValueError):  # no file yet, or not one of ours: it is written anew
        return None
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    found = next((sample.value for sample in samples if sample.labels.get("command") == command), None)
    return None if not found else _instant(found)


def write_metrics(path: Path, report: RunReport | None, facts: RunFacts) -> None:
    """Write the file whole or not at all (a file beside it, then a rename); `report` is None where the run broke off.

    Raises a `RolloutError` where the file cannot be written.
    """
    try:
        write_to_textfile(str(path), registry_of(report, facts))
    except OSError as error:
        raise RolloutError(f"{path}: {error.strerror}", "--metrics-file needs a folder that can be written") from error


def registry_of(report: RunReport | None, facts: RunFacts) -> CollectorRegistry:
    """All metrics of a run; of one that broke off only those about the run itself."""
    registry = CollectorRegistry()
    failed = report is None or report.failed
    succeeded = facts.succeeded if failed else facts.ended
    _one(registry, "info", "The release that ran.", {"version": __version__, "command": facts.command}, 1)
    run = {"command": facts.command}
    _one(registry, "run_failed", "Whether something failed in the last run.", run, int(failed))
    _one(registry, "run_duration_seconds", "How long the last run took.", run, facts.took.total_seconds())
    _one(registry, "last_run_timestamp_seconds", "When the last run ended.", run, facts.ended.timestamp())
    if succeeded is not None:
        said = "When a run last ended without a failure; kept over runs that fail."
        _one(registry, "last_success_timestamp_seconds", said, run, succeeded.timestamp())
    if facts.decided is not None:
        said = "The instant that a run last decided at."
        _one(registry, "last_decided_timestamp_seconds", said, run, facts.decided.timestamp())
    _one(registry, "webhook_failed", "Whether the webhook could not be told.", run, int(facts.webhook_failed))
    requests = _gauge(registry, "api_requests", "Requests that the last run sent, by API.", "api")
    for api, count in facts.requests.items():
        requests.labels(api).set(count)
    if report is not None:
        _of_report(registry, report)
    return registry


def _of_report(registry: CollectorRegistry, report: RunReport) -> None:
    clusters = sorted({target.key.cluster for target in report.targets})
    phases = Counter((target.key.cluster, _phase(target)) for target in report.targets)
    actions = Counter((target.key.cluster, target.decision.action.value) for target in report.targets)
    _counts(registry, "targets", "Targets by phase.", "phase", phases, clusters, (*Phase, UNKNOWN))
    _counts(registry, "decisions", "Targets by what was decided.", "action", actions, clusters, Action)
    alarms = [target for target in report.targets if target.decision.alarm]
    _by_reason(registry, "alarms", "Targets that somebody should look at now, by reason.", alarms)
    held = [target for target in report.targets if target.decision.action is Action.HOLD]
    _by_reason(registry, "holds", "Targets that are held, by reason.", held)
    said = "How long ago Git last changed the longest held target, by reason."
    ages = [(target, _age(report, target)) for target in held]
    _oldest(registry, "hold_oldest_seconds", said, "reason", [(t, t.decision.reason.value, age) for t, age in ages])
    _of_pulls(registry, report)
    _of_rollbacks(registry, report, clusters)
    failed = sum(kind_of(target) == "error" for target in report.targets)
    _one(
        registry, "errors", "What failed: targets, and what belongs to no one target.", {}, failed + len(report.errors)
    )
    _one(registry, "skipped", "Files and documents that were passed over.", {}, len(report.skipped))


def _of_pulls(registry: CollectorRegistry, report: RunReport) -> None:
    pulls = {
        target.pull.number: (target.decision.action.value, target.pull.did.value)
        for target in report.targets
        if target.pull is not None and target.pull.number is not None
    }
    gauge = _gauge(registry, "pull_requests", "Pull requests by what the run did about them.", "action", "did")
    for labels, count in sorted(Counter(pulls.values()).items()):
        gauge.labels(*labels).set(count)
    proposals = Counter(t.decision.action.value for t in report.targets if t.decision.action in CHANGING)
    due = _gauge(registry, "proposals", "Targets with a change to Git that is due, by action.", "action")
    for action in Action:
        if action in CHANGING:
            due.labels(action.value).set(proposals[action.value])


def _of_rollbacks(registry: CollectorRegistry, report: RunReport, clusters: Iterable[str]) -> None:
    waiting = [(t, t.rollback) for t in report.targets if t.rollback is not None and t.rollback.stage is not Stage.DONE]
    stages = Counter((target.key.cluster, clock.stage.value) for target, clock in waiting)
    under_way = [stage for stage in Stage if stage is not Stage.DONE]
    _counts(registry, "rollbacks", "Rollbacks under way, by what they wait for.", "stage", stages, clusters, under_way)
    said = "How long the slowest rollback under way has taken so far, by what it waits for."
    took = [(target, clock.stage.value, clock.took) for target, clock in waiting]
    _oldest(registry, "rollback_oldest_seconds", said, "stage", took)
    late = Counter(target.key.cluster for target, clock in waiting if clock.overdue)
    gauge = _gauge(registry, "rollbacks_over_budget", "Rollbacks under way for longer than their budget.", "cluster")
    for cluster in clusters:
        gauge.labels(cluster).set(late[cluster])


def _phase(target: TargetReport) -> str:
    phases = {component.phase for component in target.components.values()}
    return next((phase.value for phase in _URGENT if phase in phases), UNKNOWN)


def _age(report: RunReport, target: TargetReport) -> timedelta | None:
    return None if target.changed is None else max(report.now - target.changed, timedelta())


def _gauge(registry: CollectorRegistry, name: str, said: str, *labels: str) -> Gauge:
    return Gauge(f"{PREFIX}_{name}", said, labels, registry=registry)


def _one(registry: CollectorRegistry, name: str, said: str, labels: Mapping[str, str], value: float) -> None:
    gauge = _gauge(registry, name, said, *labels)
    (gauge.labels(**labels) if labels else gauge).set(value)


def _counts(
    registry: CollectorRegistry,
    name: str,
    said: str,
    label: str,
    counted: Mapping[tuple[str, str], int],
    clusters: Iterable[str],
    words: Iterable[str],
) -> None:
    """One sample for each cluster and word, zeros included, so that alerts need not care for absent ones."""
    gauge, every = _gauge(registry, name, said, "cluster", label), list(words)
    for cluster in clusters:
        for word in every:
            gauge.labels(cluster, str(word)).set(counted.get((cluster, str(word)), 0))


def _by_reason(registry: CollectorRegistry, name: str, said: str, targets: Iterable[TargetReport]) -> None:
    gauge = _gauge(registry, name, said, "cluster", "reason")
    counted = Counter((target.key.cluster, target.decision.reason.value) for target in targets)
    for labels, count in sorted(counted.items()):
        gauge.labels(*labels).set(count)


def _oldest(
    registry: CollectorRegistry,
    name: str,
    said: str,
    label: str,
    spans: Iterable[tuple[TargetReport, str, timedelta | None]],
) -> None:
    gauge = _gauge(registry, name, said, "cluster", label)
    longest: dict[tuple[str, str], timedelta] = {}
    for target, word, span in spans:
        if span is not None:
            key = (target.key.cluster, word)
            longest[key] = max(span, longest.get(key, span))
    for labels, span in sorted(longest.items()):
        gauge.labels(*labels).set(span.total_seconds())


def _instant(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # no instant at all
        return None
