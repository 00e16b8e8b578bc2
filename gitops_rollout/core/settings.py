"""Which settings apply to a target: defaults, and over them every rule that matches, from top to bottom."""

from collections.abc import Mapping
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from typing import Any

from gitops_rollout.model.policy import Policy, PullPolicy, Rule, Settings
from gitops_rollout.model.targets import TargetKey

_NAMES = frozenset(field.name for field in fields(Settings))


def settings_for(policy: Policy, key: TargetKey) -> Settings:
    """The settings of one target; a later rule wins, and its lists replace the earlier ones.

    `rule` is the number (from 0) of the last rule that matched. `suspended` holds as soon as the file or the last word
    of its rules says so.
    """
    settings = policy.defaults
    for number, rule in enumerate(policy.rules):
        if _matches(rule, key):
            stated = {name: _over(settings, name, value) for name, value in rule.changes.items() if name in _NAMES}
            settings = replace(settings, **{**stated, "rule": number})
    return replace(settings, suspended=True) if policy.suspended else settings


def _over(settings: Settings, name: str, value: Any) -> Any:
    """What a rule makes of one setting: `promote` and `rollback` keep the fields that the rule does not state."""
    under = getattr(settings, name)
    return replace(under, **value) if isinstance(under, PullPolicy) and isinstance(value, Mapping) else value


def _matches(rule: Rule, key: TargetKey) -> bool:
    return (
        fnmatchcase(key.cluster, rule.cluster)
        and fnmatchcase(key.namespace, rule.namespace)
        and fnmatchcase(key.name, rule.name)
    )
