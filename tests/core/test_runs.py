"""The digest changes with what runs and with nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.runs import digest, running_models, runs_of
from gitops_rollout.model.targets import Component

URI = "s3://models/iris/v1"
STYLES = ["sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "lightgbm", "paddle", "pmml"]
MODEL: dict[str, Any] = {"modelFormat": {"name": "sklearn"}, "storageUri": URI}


def of(predictor: Any, **others: Any) -> str:
    return running_models({"predictor": predictor, **others}).target


@pytest.mark.parametrize("style", STYLES)
def test_the_old_style_and_the_new_one_are_the_same_model(style: str) -> None:
    fields = {"storageUri": URI, "protocolVersion": "v2", "runtimeVersion": "1.2", "env": [{"name": "A", "value": "1"}]}
    assert of({style: fields}) == of({"model": {"modelFormat": {"name": style}, **fields}})


def test_a_digest_is_twelve_hex_digits() -> None:
    found = of({"model": MODEL})
    assert len(found) == 12
    assert set(found) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "changed",
    [
        {"storageUri": "s3://models/iris/v2"},
        {"storage": {"path": "iris/v2", "key": "minio"}},
        {"storageUris": [{"uri": "s3://a"}]},
        {"modelFormat": {"name": "xgboost"}},
        {"modelFormat": {"name": "sklearn", "version": "1"}},
        {"runtime": "my-runtime"},
        {"runtimeVersion": "v2"},
        {"protocolVersion": "v2"},
        {"image": "example.com/server:2"},
        {"command": ["/serve"]},
        {"args": ["--workers=2"]},
        {"env": [{"name": "A", "value": "2"}]},
        {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]},
    ],
)
def test_whatever_runs_counts(changed: dict[str, Any]) -> None:
    assert of({"model": {**MODEL, **changed}}) != of({"model": MODEL})


@pytest.mark.parametrize(
    "predictor",
    [
        {"model": MODEL, "canaryTrafficPercent": 10},
        {"model": MODEL, "canaryTrafficPercent": "ten"},
        {"model": MODEL, "minReplicas": 3, "serviceAccountName": "x", "nodeSelector": {"gpu": "yes"}},
        {"model": {**MODEL, "resources": {"limits": {"cpu": "1"}}, "name": ""}},
        {"model": {**MODEL, "env": [], "args": [], "image": None}},
    ],
)
def test_percents_replicas_and_resources_do_not_count(predictor: dict[str, Any]) -> None:
    assert of(predictor) == of({"model": MODEL})


def test_env_counts_by_name_not_by_order() -> None:
    one, two = {"name": "A", "value": "1"}, {"name": "B", "value": "2"}
    assert of({"model": {**MODEL, "env": [one, two]}}) == of({"model": {**MODEL, "env": [two, one]}})
    assert of({"model": {**MODEL, "env": [{"name": "A"}]}}) == of(
        {"model": {**MODEL, "env": [{"name": "A", "value": ""}]}}
    )


def test_a_custom_container_counts_with_image_args_and_env() -> None:
    container = {"name": "kserve-container", "image": "example.com/serve:1", "args": ["a"]}
    first = of({"containers": [container]})
    assert first == of({"containers": [{**container, "ports": [{"containerPort": 8080}]}]})
    assert first == of({"containers": [{key: value for key, value in container.items() if key != "name"}]})
    for changed in ({"image": "example.com/serve:2"}, {"args": ["b"]}, {"env": [{"name": "A", "value": "1"}]}):
        assert of({"containers": [{**container, **changed}]}) != first


def test_sidecars_and_workers_count() -> None:
    sidecar = {"name": "agent", "image": "example.com/agent:1"}
    assert of({"model": MODEL, "containers": [sidecar]}) != of({"model": MODEL})
    assert of({"model": MODEL, "workerSpec": {"containers": [sidecar]}}) != of({"model": MODEL})


def test_a_single_component_and_its_target_have_one_digest() -> None:
    found = running_models({"predictor": {"model": MODEL}})
    assert found.components == {Component.PREDICTOR: found.target}


def test_every_component_counts_for_the_target_and_alone_for_itself() -> None:
    one = {"containers": [{"image": "example.com/t:1"}]}
    two = {"containers": [{"image": "example.com/t:2"}]}
    before = running_models({"predictor": {"model": MODEL}, "transformer": one})
    after = running_models({"predictor": {"model": MODEL}, "transformer": two})
    assert before.components[Component.PREDICTOR] == after.components[Component.PREDICTOR]
    assert before.components[Component.TRANSFORMER] != after.components[Component.TRANSFORMER]
    assert before.target != after.target
    assert before.target not in before.components.values()


def test_a_style_without_fields_is_still_a_format() -> None:
    assert runs_of({"sklearn": {}}) == {"format": {"name": "sklearn"}}
    assert runs_of({"sklearn": None}) == {}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["model", "sklearn", "containers", "env", "args", "storageUri", "name", "workerSpec", "value"])


@given(
    st.dictionaries(FIELDS, st.dictionaries(FIELDS, JUNK, max_size=3) | st.lists(JUNK, max_size=3) | JUNK, max_size=4)
)
def test_any_yaml_has_a_digest(predictor: dict[str, Any]) -> None:
    assert len(of(predictor)) == 12
    assert of(predictor) == of(dict(reversed(predictor.items())))


def test_digest_is_of_sorted_json() -> None:
    assert digest({"b": 1, "a": [1, 2]}) == digest({"a": [1, 2], "b": 1})
    assert digest({"a": [2, 1]}) != digest({"a": [1, 2]})
    assert digest({1: "x"}) == digest({"1": "x"})
    assert digest({}) == "44136fa355b3"
