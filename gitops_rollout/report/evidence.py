"""The one comment on a pull request: what a run sees of its targets, and what they wait for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gitops_rollout.core.comment_marker import verdict_digest, with_digest
from gitops_rollout.model.decision import Reason
from gitops_rollout.model.observation import Evidence
from gitops_rollout.model.plan import TargetReport
from gitops_rollout.model.targets import Component
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.escape import markdown
from gitops_rollout.report.templates import Templates
from gitops_rollout.report.words import percent

MOST_TARGETS = 20
_SAYS_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """One target as a run reports it, and when each component has soaked or will have."""

    report: TargetReport
    soaked: Mapping[Component, datetime] = field(default_factory=dict)


def evidence_comment(seen: Sequence[Seen], reason: Reason | None, message: str, templates: Templates) -> str:
    """The comment's text, ending in the hidden line with the digest of its verdict.

    `reason` and `message` are what the look at pull requests adds. It holds no run time, and the digest covers no
    measured number: actions, reasons, percents, revisions, verdicts, and the instants that are waited for. Raises a
    `RolloutError` where the template cannot be rendered.
    """
    ordered = sorted(seen, key=lambda one: one.report.key)
    values = {
        "message": _shortened(message),
        "targets": [_target(one) for one in ordered[:MOST_TARGETS]],
        "more_targets": max(0, len(ordered) - MOST_TARGETS),
    }
    digest = verdict_digest([reason, message, [_verdict(one) for one in ordered]])
    return with_digest(templates.evidence.render(values, markdown), digest)


def _verdict(seen: Seen) -> list[Any]:
    """What makes a verdict another one: never a number that moves with every look."""
    report, decision = seen.report, seen.report.decision
    return [
        str(report.key),
        [decision.action, decision.reason, decision.alarm, instant(decision.not_before)],
        sorted((str(component), value) for component, value in decision.to_percents.items()),
        sorted((str(component), one.uid or one.name) for component, one in decision.candidate.items()),
        [(one.name, one.verdict, one.threshold) for one in decision.evidence],
        sorted((str(component), one.desired, one.live, one.phase) for component, one in report.components.items()),
    ]


def _target(seen: Seen) -> dict[str, Any]:
    report, decision = seen.report, seen.report.decision
    return {
        "name": str(report.key),
        "action": decision.action.value,
        "reason": decision.reason.value,
        "alarm": decision.alarm,
        "message": _shortened(report.error or decision.message),
        "not_before": instant(decision.not_before) or "",
        "components": [_component(part, seen) for part in Component if part in report.components],
        "checks": [_check(one) for one in decision.evidence],
    }


def _component(component: Component, seen: Seen) -> dict[str, str]:
    one = seen.report.components[component]
    traffic = [f"{entry.revision_name or 'the latest'} {entry.percent or 0} %" for entry in one.traffic]
    return {
        "name": component.value,
        "desired": percent(one.desired),
        "live": percent(one.live),
        "phase": one.phase.value,
        "traffic": ", ".join(traffic),
        "soaked": instant(seen.soaked.get(component)) or "",
    }


def _check(evidence: Evidence) -> dict[str, str]:
    return {
        "name": evidence.name,
        "value": "none" if evidence.value is None else f"{evidence.value:.6g}",
        "threshold": "" if evidence.threshold is None else f"{evidence.threshold:g}",
        "verdict": evidence.verdict.value,
        "message": _shortened(evidence.message),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= _SAYS_LIMIT else text[: _SAYS_LIMIT - 1] + "…"
