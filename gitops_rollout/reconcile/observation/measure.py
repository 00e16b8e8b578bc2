"""Asks the providers of the policy's analysis for measurements of every revision that is worth one."""

from collections.abc import Mapping

from gitops_rollout.core.assess import Subject, subjects
from gitops_rollout.model.doors import Provider
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.observation import Measurement, TargetFacts
from gitops_rollout.model.policy import Analysis


def measure(facts: TargetFacts, providers: Mapping[str, Provider]) -> tuple[Measurement, ...]:
    """One measurement for each check and revision, none without an analysis.

    What could not be measured has an `error` and no value: it is inconclusive, never healthy.
    """
    return tuple(
        _one(facts, subject, check, providers.get(check.provider))
        for subject in subjects(facts)
        for check in facts.settings.analysis
    )


def _one(facts: TargetFacts, subject: Subject, check: Analysis, provider: Provider | None) -> Measurement:
    if provider is None:
        return _failed(subject, check, f"this release has no provider `{check.provider}`")
    try:
        return provider.measure(check, facts.target.key, subject.component, subject.revision, subject.since)
    except RolloutError as error:
        return _failed(subject, check, error.message)


def _failed(subject: Subject, check: Analysis, message: str) -> Measurement:
    return Measurement(check.name, subject.component, subject.revision, value=None, error=message)
