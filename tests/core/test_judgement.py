import math
from dataclasses import replace

import pytest

from gitops_rollout.core.assess.judgement import judge, verdict_of
from gitops_rollout.model.observation import Evidence, Measurement, Verdict
from gitops_rollout.model.policy import Analysis
from gitops_rollout.model.targets import Component

PREDICTOR = Component.PREDICTOR
CHECK = Analysis("error-rate", "prometheus", fail_above=0.01)
GOOD = Measurement("error-rate", PREDICTOR, "r2", 0.001, samples=500)


def verdict(analysis: Analysis, measured: Measurement) -> Verdict:
    return judge([analysis], [measured], PREDICTOR, "r2")[0].verdict


@pytest.mark.parametrize(("value", "expected"), [(0.0, "pass"), (0.01, "pass"), (0.0101, "fail"), (math.inf, "fail")])
def test_above_the_threshold_fails(value: float, expected: str) -> None:
    assert verdict(CHECK, replace(GOOD, value=value)) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.95, "pass"), (0.9, "pass"), (0.89, "fail")])
def test_below_the_threshold_fails(value: float, expected: str) -> None:
    analysis = Analysis("error-rate", "prometheus", fail_below=0.9)
    found = judge([analysis], [replace(GOOD, value=value)], PREDICTOR, "r2")[0]
    assert (found.verdict, found.threshold) == (expected, 0.9)


def test_both_thresholds_count() -> None:
    both = replace(CHECK, fail_below=0.001)
    assert [verdict(both, replace(GOOD, value=value)) for value in (0.0005, 0.005, 0.05)] == ["fail", "pass", "fail"]


@pytest.mark.parametrize("value", [None, math.nan])
def test_no_value_is_no_data_never_healthy(value: float | None) -> None:
    found = judge([CHECK], [replace(GOOD, value=value)], PREDICTOR, "r2")[0]
    assert (found.verdict, found.value) == (Verdict.NO_DATA, None)


def test_what_was_not_measured_is_no_data() -> None:
    assert judge([CHECK], [], PREDICTOR, "r2")[0].verdict is Verdict.NO_DATA
    assert judge([CHECK], [replace(GOOD, revision="r1")], PREDICTOR, "r2")[0].verdict is Verdict.NO_DATA
    assert (
        judge([CHECK], [replace(GOOD, component=Component.TRANSFORMER)], PREDICTOR, "r2")[0].verdict is Verdict.NO_DATA
    )
    assert judge([CHECK], [replace(GOOD, name="latency")], PREDICTOR, "r2")[0].verdict is Verdict.NO_DATA
    assert judge([CHECK], [GOOD], PREDICTOR, None)[0].verdict is Verdict.NO_DATA


def test_an_error_is_inconclusive_and_told() -> None:
    found = judge([CHECK], [replace(GOOD, error="timeout", value=5.0)], PREDICTOR, "r2")[0]
    assert (found.verdict, found.message) == (Verdict.INCONCLUSIVE, "timeout")


@pytest.mark.parametrize(("samples", "expected"), [(None, "inconclusive"), (199, "inconclusive"), (200, "fail")])
def test_too_few_samples_are_inconclusive_also_when_they_look_bad(samples: int | None, expected: str) -> None:
    assert verdict(replace(CHECK, min_samples=200), replace(GOOD, value=0.5, samples=samples)) == expected


def test_without_a_minimum_samples_need_not_be_counted() -> None:
    assert verdict(CHECK, replace(GOOD, samples=None)) is Verdict.PASS


@pytest.mark.parametrize(
    ("limit", "failures", "value", "expected"),
    [(0, 0, 0.0, "pass"), (0, 1, 0.0, "fail"), (2, 2, 0.0, "pass"), (2, 3, 0.0, "fail"), (2, 1, 0.5, "inconclusive")],
)
def test_failures_count_up_to_a_limit(limit: int, failures: int, value: float, expected: str) -> None:
    assert verdict(replace(CHECK, failure_limit=limit), replace(GOOD, value=value, failures=failures)) == expected


def test_the_evidence_names_value_and_threshold() -> None:
    found = judge([CHECK], [replace(GOOD, value=0.2)], PREDICTOR, "r2")[0]
    assert found == Evidence("error-rate", 0.2, 0.01, Verdict.FAIL, "fails above 0.01")


def test_the_gravest_verdict_counts() -> None:
    def of(*verdicts: Verdict) -> Verdict:
        return verdict_of([Evidence("x", None, None, one) for one in verdicts])

    assert of() is Verdict.NONE
    assert of(Verdict.PASS) is Verdict.PASS
    assert of(Verdict.PASS, Verdict.NO_DATA) is Verdict.NO_DATA
    assert of(Verdict.NO_DATA, Verdict.INCONCLUSIVE, Verdict.PASS) is Verdict.INCONCLUSIVE
    assert of(Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.NO_DATA) is Verdict.FAIL
