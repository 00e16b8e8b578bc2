"""What measurements say of a revision, once they are set against the policy's thresholds."""

import math
from collections.abc import Iterable, Sequence

from gitops_rollout.model.observation import Evidence, Measurement, Verdict
from gitops_rollout.model.policy import Analysis
from gitops_rollout.model.targets import Component

# Of several verdicts the first in this order counts.
_GRAVITY = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.NO_DATA, Verdict.PASS)


def judge(
    analyses: Sequence[Analysis], measurements: Iterable[Measurement], component: Component, revision: str | None
) -> tuple[Evidence, ...]:
    """One piece of evidence for each analysis of the policy; what was not measured is no data, never healthy."""
    found = {one.name: one for one in measurements if one.component is component and one.revision == (revision or None)}
    return tuple(_evidence(analysis, found.get(analysis.name)) for analysis in analyses)


def verdict_of(evidence: Sequence[Evidence]) -> Verdict:
    """The gravest verdict; `none` where no analysis is configured."""
    verdicts = {one.verdict for one in evidence}
    return next((verdict for verdict in _GRAVITY if verdict in verdicts), Verdict.NONE)


def _evidence(analysis: Analysis, measured: Measurement | None) -> Evidence:
    threshold = analysis.fail_above if analysis.fail_above is not None else analysis.fail_below
    value = None if measured is None or measured.value is None or math.isnan(measured.value) else measured.value
    verdict, message = _verdict(analysis, measured, value)
    return Evidence(analysis.name, value, threshold, verdict, message)


def _verdict(analysis: Analysis, measured: Measurement | None, value: float | None) -> tuple[Verdict, str]:
    if measured is None:
        return Verdict.NO_DATA, "not measured"
    if measured.error is not None:
        return Verdict.INCONCLUSIVE, measured.error
    if value is None:
        return Verdict.NO_DATA, "no value"
    if analysis.min_samples and (measured.samples is None or measured.samples < analysis.min_samples):
        return Verdict.INCONCLUSIVE, f"fewer than {analysis.min_samples} samples"
    breached = _is_breached(analysis, value)
    if measured.failures > analysis.failure_limit or (breached and analysis.failure_limit == 0):
        return Verdict.FAIL, _limit(analysis)
    if breached:
        return Verdict.INCONCLUSIVE, f"{_limit(analysis)}, within the failure limit of {analysis.failure_limit}"
    return Verdict.PASS, ""


def _is_breached(analysis: Analysis, value: float) -> bool:
    above = analysis.fail_above is not None and value > analysis.fail_above
    below = analysis.fail_below is not None and value < analysis.fail_below
    return above or below


def _limit(analysis: Analysis) -> str:
    parts = [
        f"{word} {limit:g}"
        for word, limit in (("above", analysis.fail_above), ("below", analysis.fail_below))
        if limit is not None
    ]
    return f"fails {' or '.join(parts)}" if parts else "failed"
