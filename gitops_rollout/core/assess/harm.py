"""Harm: a revision other than the baseline takes traffic, and fails its analysis or says that it is not ready."""

from gitops_rollout.core.assess.judgement import judge, verdict_of
from gitops_rollout.core.assess.known import Known
from gitops_rollout.core.assess.readiness import describe, is_unready
from gitops_rollout.model.observation import Evidence, Verdict


def harmful_revision(known: Known) -> tuple[str, str] | None:
    """Name of the revision that does harm, and what it does in words; None where none does.

    A revision that takes traffic and is not ready hurts whatever the cause: here a lack of capacity counts too.
    """
    takers = known.takers()
    for name in takers:
        revision = known.revision(name)
        if is_unready(revision):
            return name, f"takes traffic and is not ready: {describe(revision)}"
    for name in takers:
        failing = [one for one in evidence_on(known, name) if one.verdict is Verdict.FAIL]
        if failing:
            return name, f"fails {', '.join(one.name for one in failing)}"
    return None


def is_worse_than_baseline(known: Known, name: str) -> bool:
    """Whether a revision fails a check that the baseline, measured as well, passes."""
    baseline = {
        one.name: one.verdict for one in evidence_on(known, known.tracking.latest_rolledout) if one.value is not None
    }
    return any(
        one.verdict is Verdict.FAIL and baseline.get(one.name) is Verdict.PASS for one in evidence_on(known, name)
    )


def evidence_on(known: Known, name: str | None) -> tuple[Evidence, ...]:
    """What the measurements say of a revision."""
    return judge(known.facts.settings.analysis, known.facts.measurements, known.component, name)


def verdict_on(known: Known, name: str | None) -> Verdict:
    """The verdict on a revision."""
    return verdict_of(evidence_on(known, name))
