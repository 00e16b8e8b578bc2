"""Whether the live spec is what Git says: the percent, and what the components run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gitops_rollout.core.differences import differing, left_over
from gitops_rollout.core.history import Timeline
from gitops_rollout.core.percent import FIELD, Percent, read_percent
from gitops_rollout.core.runs import runs_of
from gitops_rollout.model.live import FieldOwner
from gitops_rollout.model.policy import Settings
from gitops_rollout.model.targets import Component


def difference(component: Component, line: Timeline, live: Mapping[str, Any], ignored: tuple[str, ...]) -> str | None:
    """What of a component is not live as Git states it, in words; None when it is in sync.

    `live` is the live InferenceService's spec. `ignored` are patterns of paths such as `predictor.containers.*.env.X`;
    the percent cannot be ignored.
    """
    held = live.get(component)
    today = line.versions[0]
    if not isinstance(held, Mapping) or today.runs is None:
        return f"the live {component} is absent"
    percent = read_percent(held)
    if percent != today.percent:
        return f"{component}.{FIELD} is {_text(percent)} in the cluster and {_text(today.percent)} in Git"
    patterns = component_patterns(component, ignored)
    runs = runs_of(held)
    if paths := differing(today.runs, runs, patterns):
        return f"{component}.{paths[0]} is not live as Git states it{_more(paths)}"
    for version in line.versions[1:]:
        if version.runs and (paths := left_over(version.runs, today.runs, runs, patterns)):
            return f"{component}.{paths[0]} is still live, Git no longer states it{_more(paths)}"
    return None


def component_patterns(component: Component, ignored: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the policy's `ignore-differences` that concern a component, without its name."""
    heads = (f"{component}.", "*.")
    return tuple(pattern[len(head) :] for pattern in ignored for head in heads if pattern.startswith(head))


def sync_overdue(line: Timeline, settings: Settings, seen_at: datetime) -> bool:
    """Whether Git's newest text has been there longer than the deadline."""
    return seen_at - line.versions[0].committed > settings.deadline


def percent_owner(owners: tuple[FieldOwner, ...] | None, component: Component) -> str | None:
    """Who manages the live percent, as the API server tells; None where it was not shown."""
    if owners is None:
        return None
    names = sorted({owner.manager for owner in owners if owner.component is component})
    return ", ".join(names) or "nobody"


def _text(percent: Percent) -> str:
    if percent.invalid is not None:
        return repr(percent.invalid)
    return "absent" if percent.value is None else str(percent.value)


def _more(paths: tuple[str, ...]) -> str:
    return f" (and {len(paths) - 1} more)" if len(paths) > 1 else ""
