"""Deployment modes: Knative in full, Standard with a percent an alarm, ModelMesh left alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import decide_target
from gitops_rollout.core.percent import without_traffic
from gitops_rollout.model.cluster import ClusterSettings
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.history import Arrival, History
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.observation import TargetFacts
from tests.core.builders import V1, at, facts, live, manifest, revision, spec

MODE = "serving.kserve.io/deploymentMode"


def bare(percent: Any, mode: str | None = None, **annotations: str) -> TargetFacts:
    """An InferenceService without a Knative Service: its status states `mode`, Git and it these annotations."""
    stated = spec(V1, percent)
    told = History((Arrival("c0", at(0), "a person", "", manifest(stated, annotations=annotations)),), True)
    shown = LiveInferenceService("models", "iris", "isvc", 1, stated, annotations, deployment_mode=mode)
    return facts(told, shown)


def decided(given: TargetFacts, **settings: str) -> Decision:
    return decide_target(assess(replace(given, cluster=ClusterSettings(**settings))))  # type: ignore[arg-type]  # names


@pytest.mark.parametrize("mode", ["Standard", "RawDeployment"])
@pytest.mark.parametrize("percent", [0, 10, 100, 150])
def test_a_percent_in_standard_mode_is_an_alarm_with_advice(mode: str, percent: int) -> None:
    for given in (bare(percent, mode), bare(percent, None, **{MODE: mode})):
        decision = decided(given)
        assert (decision.alarm, decision.reason) == (True, "ignored-field")
        assert f"does nothing in {mode} mode: a new model gets everything at once; remove it" in decision.message
        assert not decision.to_percents


def test_standard_mode_without_a_percent_is_not_tracked() -> None:
    decision = decided(bare(None, "Standard"))
    assert (decision.action, decision.alarm, decision.reason) == ("hold", False, "not-tracked")


@pytest.mark.parametrize("percent", [None, 10, 150])
def test_model_mesh_is_left_alone(percent: int | None) -> None:
    decision = decided(bare(percent, "ModelMesh"))
    assert (decision.action, decision.alarm, decision.reason) == ("hold", False, "not-tracked")
    assert "ModelMesh serves it" in decision.message


def test_the_clusters_default_counts_where_nothing_else_is_stated() -> None:
    assert decided(bare(10), default_mode="Standard").reason == "ignored-field"
    assert decided(bare(None), default_mode="RawDeployment").reason == "not-tracked"
    assert decided(bare(10), default_mode="Serverless").reason == "settling"
    assert decided(bare(10, None, **{MODE: "Knative"}), default_mode="Standard").reason == "settling"
    assert decided(bare(10, "Knative"), default_mode="Standard").reason == "settling"


def test_a_knative_service_that_is_there_goes_before_the_clusters_default() -> None:
    told = History((Arrival("c0", at(0), "a person", "", manifest(spec(V1))),), True)
    shown = live(spec(V1), [revision(1, V1)], ready=1, rolled=1)
    assert decided(facts(told, shown), default_mode="Standard").reason == "stable"


@pytest.mark.parametrize(
    ("mode", "annotations", "default", "expected"),
    [
        (None, {}, None, None),
        ("Knative", {MODE: "Standard"}, None, None),
        ("Standard", {MODE: "Knative"}, None, "Standard"),
        (None, {MODE: "RawDeployment"}, "Knative", "RawDeployment"),
        (None, {MODE: "nonsense"}, "Standard", "Standard"),
        (None, {MODE: "nonsense"}, None, None),
    ],
)
def test_status_goes_before_annotations_before_the_default(
    mode: str | None, annotations: Mapping[str, str], default: str | None, expected: str | None
) -> None:
    assert without_traffic(mode, annotations, default=default) == expected
