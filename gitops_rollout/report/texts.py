"""What people read of a change: the title and body of its pull request, and the commit's message.

The same change gives the same texts: they hold no run time and no measured value, only what binds the decision.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gitops_rollout.model.change import Change
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.observation import RevisionRef
from gitops_rollout.model.plan import ComponentReport
from gitops_rollout.model.targets import Component, TargetKey
from gitops_rollout.report.escape import commit_text, markdown
from gitops_rollout.report.templates import Templates
from gitops_rollout.report.words import percent, step_of

TITLE_LIMIT = 200
_SAYS_LIMIT = 1000
_TARGETS_LIMIT = 20
_HUNK = re.compile(r"^@@ -[\d,]+ \+[\d,]+ @@", re.MULTILINE)  # its line numbers move with every edit further up
_VERBS = {
    Action.PROMOTE: "Promote",
    Action.ROLLBACK: "Roll back",
    Action.STEP: "Step",
    Action.START: "Start",
}


def pull_texts(
    change: Change,
    diff: str,
    seen: Mapping[TargetKey, Mapping[Component, ComponentReport]],
    forecast: Sequence[str],
    templates: Templates,
) -> tuple[str, str]:
    """Title and body of a change's pull request; the body ends with a line end and has no hidden line yet.

    `seen` holds the components of the change's targets as they are now; `forecast` says in sentences what happens
    once it is merged. Raises a `RolloutError` where a template cannot be rendered.
    """
    return title_of(change), templates.pull_request.render(_values(change, diff, seen, forecast), markdown)


def commit_message(change: Change, trailers: str, forecast: Sequence[str], templates: Templates) -> str:
    """The commit's message: the title, why, what happens, and `trailers` as its last paragraph.

    Raises a `RolloutError` where the template cannot be rendered.
    """
    text = templates.commit_message.render(_values(change, "", {}, forecast), commit_text)
    return f"{text.strip()}\n\n{trailers.strip()}\n"


def title_of(change: Change) -> str:
    """A title that reads by itself, at most 200 characters: `Step prod/fraud/score: 10 % → 25 %`."""
    move = step_of(change.decision).replace(" → none", " → all traffic")
    title = f"{_VERBS[change.decision.action]} {_subject(change)}: {move}"
    return commit_text(_shortened(title, TITLE_LIMIT))


def _subject(change: Change) -> str:
    if len(change.targets) == 1:
        return str(change.targets[0])
    first = change.targets[0]
    return f"{first.namespace}/{first.name} in {len(change.targets)} places"


def _values(
    change: Change,
    diff: str,
    seen: Mapping[TargetKey, Mapping[Component, ComponentReport]],
    forecast: Sequence[str],
) -> dict[str, Any]:
    """The names that a template may use; docs/templates.md lists them."""
    decision = change.decision
    targets = sorted(change.targets)
    return {
        "title": title_of(change),
        "action": decision.action.value,
        "reason": decision.reason.value,
        "message": _shortened(decision.message, _SAYS_LIMIT),
        "targets": [str(target) for target in targets[:_TARGETS_LIMIT]],
        "more_targets": max(0, len(targets) - _TARGETS_LIMIT),
        "components": _components(decision),
        "traffic": [row for target in targets[:_TARGETS_LIMIT] for row in _traffic(target, seen.get(target, {}))],
        "verdicts": [
            {"name": item.name, "verdict": item.verdict.value, "threshold": item.threshold}
            for item in decision.evidence
        ],
        "forecast": [_shortened(line, _SAYS_LIMIT) for line in forecast],
        "diff": _HUNK.sub("@@", diff),
        "path": change.source.path,
        "line": change.source.line,
        "branch": change.branch,
        "base_branch": change.base_branch,
    }


def _components(decision: Decision) -> list[dict[str, Any]]:
    return [
        {
            "name": component.value,
            "before": percent(decision.from_percents.get(component)),
            "after": percent(decision.to_percents[component]),
            "candidate": _revision(decision.candidate.get(component)),
            "baseline": _revision(decision.baseline.get(component)),
        }
        for component in Component
        if component in decision.to_percents
    ]


def _revision(ref: RevisionRef | None) -> dict[str, str] | None:
    return None if ref is None else {"name": ref.name, "uid": ref.uid or "", "model": ref.model or ""}


def _traffic(target: TargetKey, components: Mapping[Component, ComponentReport]) -> list[dict[str, Any]]:
    return [
        {
            "target": str(target),
            "component": component.value,
            "revision": entry.revision_name or "",
            "percent": entry.percent or 0,
            "tag": entry.tag or "",
        }
        for component in Component
        if component in components
        for entry in components[component].traffic
    ]


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
