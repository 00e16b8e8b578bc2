"""Whether an Application was told not to look at canaryTrafficPercent (`spec.ignoreDifferences`)."""

from fnmatch import fnmatchcase

from gitops_rollout.core.percent import FIELD
from gitops_rollout.model.engines import IgnoredDifference, LiveEngine
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Component, TargetKey


def ignores_percent(engine: LiveEngine, key: TargetKey, live: LiveInferenceService | None) -> bool:
    """Whether a difference of any component's percent is none to the engine; `managers` count where they own it."""
    owners = {owner.manager for owner in live.owners or ()} if live is not None else set()
    return any(
        _is_about(entry, key) and (_covers(entry) or bool(owners & set(entry.managers))) for entry in engine.ignored
    )


def _is_about(entry: IgnoredDifference, key: TargetKey) -> bool:
    asked = (
        (entry.group, "serving.kserve.io"),
        (entry.kind, "InferenceService"),
        (entry.namespace, key.namespace),
        (entry.name, key.name),
    )
    return all(not pattern or fnmatchcase(value, pattern) for pattern, value in asked)


def _covers(entry: IgnoredDifference) -> bool:
    return any(_names(field, component) for field in entry.fields for component in Component)


def _names(field: str, component: Component) -> bool:
    """Whether a JSON pointer or a jq expression is the percent's, or that of something that holds it."""
    if field.startswith("/"):
        return f"/spec/{component}/{FIELD}".startswith(f"{field.rstrip('/')}/") or field == f"/spec/{component}/{FIELD}"
    return FIELD in field or field.strip() in (".spec", f".spec.{component}", ".spec[]", ".spec[]?")
