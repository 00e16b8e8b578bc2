"""A run as plain data in the shape that `docs/schema/plan.json` publishes: what scripts read."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gitops_rollout.data import data_path
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.engines import Delivery
from gitops_rollout.model.live import ComponentStatus, TrafficTarget
from gitops_rollout.model.observation import Evidence, RevisionRef, RevisionState
from gitops_rollout.model.plan import ComponentReport, RunReport, TargetReport
from gitops_rollout.model.rollback import RollbackClock
from gitops_rollout.model.targets import Component
from gitops_rollout.report.counts import summarise
from gitops_rollout.report.escape import json_text


def to_json(report: RunReport) -> dict[str, Any]:
    """The whole report as dicts, lists and scalars; instants are RFC 3339 in UTC; equal reports give equal data."""
    return {
        "version": 1,
        "base": {"branch": report.base_branch, "commit": report.base_commit},
        "now": instant(report.now),
        "targets": [_target(target) for target in sorted(report.targets, key=lambda target: target.key)],
        "skipped": [
            {"path": item.path, "line": item.line, "reason": item.reason, "message": item.message}
            for item in sorted(report.skipped, key=lambda item: (item.path, item.line or 0, item.reason, item.message))
        ],
        "notes": list(report.notes),
        "errors": list(report.errors),
        "summary": dict(summarise(report.targets)),
    }


def to_json_text(report: RunReport) -> str:
    """The report as indented JSON text that ends with a line end."""
    return json_text(to_json(report)) + "\n"


def to_json_line(report: RunReport) -> str:
    """The report as one line of JSON, for looks that follow each other."""
    return json_text(to_json(report), None) + "\n"


def plan_schema() -> dict[str, Any]:
    """The published JSON schema of `plan --output json`."""
    schema: dict[str, Any] = json.loads((data_path("schema") / "plan.json").read_text(encoding="utf-8"))
    return schema


def instant(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, with a fraction only where there is one."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _target(target: TargetReport) -> dict[str, Any]:
    change, pull, source = target.change, target.pull, target.source
    return {
        "target": str(target.key),
        "cluster": target.key.cluster,
        "namespace": target.key.namespace,
        "name": target.key.name,
        "source": source and {"path": source.path, "document": source.document, "line": source.line},
        "components": {
            component.value: _component(target.components[component])
            for component in Component
            if component in target.components
        },
        "decision": _decision(target.decision),
        "change": change and {"id": change.id, "branch": change.branch, "commit": change.commit, "diff": change.diff},
        "pullRequest": pull
        and {
            "number": pull.number,
            "url": pull.url,
            "state": pull.state and pull.state.value,
            "did": pull.did.value,
            "message": pull.message,
        },
        "changed": instant(target.changed),
        "alarmSince": instant(target.alarm_since),
        "rollback": target.rollback and rollback_json(target.rollback),
        "engine": target.delivery and engine_data(target.delivery),
        "notes": list(target.notes),
        "error": target.error,
    }


def rollback_json(clock: RollbackClock) -> dict[str, Any]:
    """The clock of a rollback; instants that are not known are null."""
    return {
        "stage": clock.stage.value,
        "verdict": instant(clock.verdict),
        "pullRequest": instant(clock.opened),
        "merge": instant(clock.merged),
        "sync": instant(clock.synced),
        "traffic": instant(clock.moved),
        "waitedSeconds": _seconds(clock.waited),
        "tookSeconds": _seconds(clock.took),
        "budgetSeconds": _seconds(clock.budget),
        "overdue": clock.overdue,
        "todo": clock.todo,
    }


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def engine_data(delivery: Delivery) -> dict[str, Any]:
    """What a GitOps engine says of a target, as plain data."""
    return {
        "name": delivery.engine or None,
        "reached": delivery.reached.value,
        "obstacle": delivery.obstacle.value,
        "because": delivery.because,
        "message": delivery.message,
    }


def _component(component: ComponentReport) -> dict[str, Any]:
    return {
        "desiredPercent": component.desired,
        "livePercent": component.live,
        "phase": component.phase.value,
        "tracking": _tracking(component.tracking),
        "traffic": [_traffic(entry) for entry in component.traffic],
        "canarySince": instant(component.began),
        "revisions": [_state(state) for state in component.revisions],
    }


def _state(state: RevisionState) -> dict[str, Any]:
    return {
        "name": state.name,
        "uid": state.uid,
        "created": instant(state.created),
        "ready": state.ready,
        "replicas": state.replicas,
        "minScale": state.min_scale,
        "requests": dict(state.requests),
        "collectableFrom": instant(state.collectable_from),
    }


def _tracking(tracking: ComponentStatus) -> dict[str, str | None]:
    return {
        "latestCreatedRevision": tracking.latest_created,
        "latestReadyRevision": tracking.latest_ready,
        "latestRolledoutRevision": tracking.latest_rolledout,
        "previousRolledoutRevision": tracking.previous_rolledout,
    }


def _traffic(entry: TrafficTarget) -> dict[str, Any]:
    return {
        "revisionName": entry.revision_name,
        "latestRevision": bool(entry.latest_revision),
        "percent": entry.percent,
        "tag": entry.tag,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "action": decision.action.value,
        "reason": decision.reason.value,
        "alarm": decision.alarm,
        "message": decision.message,
        "from": _by_component(decision.from_percents),
        "to": _by_component(decision.to_percents),
        "candidate": {name: _revision(ref) for name, ref in _by_component(decision.candidate).items()},
        "baseline": {name: _revision(ref) for name, ref in _by_component(decision.baseline).items()},
        "evidence": [_evidence(item) for item in decision.evidence],
        "notBefore": instant(decision.not_before),
    }


def _by_component(values: Mapping[Component, Any]) -> dict[str, Any]:
    return {component.value: values[component] for component in Component if component in values}


def _revision(ref: RevisionRef) -> dict[str, str | None]:
    return {"name": ref.name, "uid": ref.uid, "model": ref.model}


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "name": item.name,
        "value": item.value if item.value is not None and math.isfinite(item.value) else None,
        "threshold": item.threshold,
        "verdict": item.verdict.value,
        "message": item.message,
    }
