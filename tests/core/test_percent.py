from typing import Any

import pytest

from gitops_rollout.core.percent import Percent, misplaced, read_percent, without_traffic


@pytest.mark.parametrize("value", [0, 1, 50, 100])
def test_whole_numbers_from_0_to_100_are_percents(value: int) -> None:
    assert read_percent({"canaryTrafficPercent": value}) == Percent(value=value)


@pytest.mark.parametrize("value", [-1, 101, 150, "10", 10.0, True, False, [10], {"a": 1}, "x" * 500])
def test_anything_else_is_invalid_and_told(value: Any) -> None:
    found = read_percent({"canaryTrafficPercent": value})
    assert found.value is None
    assert found.invalid == str(value)[:40]
    assert found.stated


@pytest.mark.parametrize("component", [{}, {"canaryTrafficPercent": None}, None, "text", [1]])
def test_absent_and_null_are_no_percent(component: Any) -> None:
    assert read_percent(component) == Percent()
    assert not read_percent(component).stated


def test_percents_where_kserve_reads_none_are_found() -> None:
    spec = {
        "canaryTrafficPercent": 10,
        "predictor": {"canaryTrafficPercent": 20, "model": {"canaryTrafficPercent": 30}},
        "canary": [{"predictor": {"canaryTrafficPercent": 5}}],
        "transformer": {"canaryTrafficPercent": 40, "containers": [{"name": "x"}]},
    }
    assert misplaced(spec) == ("spec", "spec.canary[0].predictor", "spec.predictor.model")


def test_nothing_is_misplaced_in_an_ordinary_spec() -> None:
    assert misplaced({"predictor": {"canaryTrafficPercent": 20}, "explainer": {"canaryTrafficPercent": 1}}) == ()


def test_a_bottomless_document_is_given_up() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(500):
        inner["x"] = inner = {}
    inner["canaryTrafficPercent"] = 10
    assert misplaced(deep) == ()


@pytest.mark.parametrize("mode", ["Standard", "RawDeployment", "ModelMesh"])
def test_modes_without_traffic(mode: str) -> None:
    assert without_traffic(mode) == mode
    assert without_traffic(None, {"serving.kserve.io/deploymentMode": mode}) == mode
    # what the status recorded stays: KServe refuses another mode (v0.20 inference_service_validation.go)
    assert without_traffic("Knative", {}, {"serving.kserve.io/deploymentMode": mode}) is None


@pytest.mark.parametrize("mode", [None, "Knative", "Serverless", "something new"])
def test_other_modes_split_traffic(mode: str | None) -> None:
    assert without_traffic(mode, {"serving.kserve.io/deploymentMode": "Serverless"}, {}) is None
