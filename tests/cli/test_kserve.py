import json
import os
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.cli.kserve import CHUNK, command


def ask(verb: str, *lines: Any, options: tuple[str, ...] = ()) -> list[Any]:
    """One answer for each line; a line that is not bytes is sent as JSON."""
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    result = CliRunner().invoke(command, [verb, *options], input=data, catch_exceptions=False)
    assert result.exit_code == 0
    assert not result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


CANARY = {
    "component": "predictor",
    "previous": {"latestRolledoutRevision": "r1", "restUrl": "http://rest", "url": "http://old"},
    "service": {
        "latestReadyRevisionName": "r2",
        "latestCreatedRevisionName": "r2",
        "traffic": [
            {"revisionName": "r2", "latestRevision": True, "percent": 0, "tag": ""},
            {"revisionName": "r1", "latestRevision": False, "percent": 100, "tag": "prev", "url": None},
        ],
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "RoutesReady", "status": "Unknown"}],
        "url": "http://new",
        "address": {"url": "http://new.svc", "name": None},
        "observedGeneration": 3,
    },
}


def test_track_leaves_out_what_kserve_leaves_out() -> None:
    assert ask("track", CANARY) == [
        {
            "component": {
                "address": {"url": "http://new.svc"},
                "latestCreatedRevision": "r2",
                "latestReadyRevision": "r2",
                "latestRolledoutRevision": "r1",
                "restUrl": "http://rest",
                "traffic": [
                    {"latestRevision": True, "percent": 0, "revisionName": "r2"},
                    {"latestRevision": False, "percent": 100, "revisionName": "r1", "tag": "prev"},
                ],
                "url": "http://new",
            },
            "conditions": {"PredictorReady": "True", "PredictorRouteReady": "Unknown"},
            "observedGeneration": 3,
        }
    ]


@pytest.mark.parametrize(
    "line",
    [
        {"component": "predictor"},
        {"component": "predictor", "previous": None, "service": None},
        {"component": "predictor", "previous": {}, "service": {"traffic": None, "conditions": None}},
        {"component": "predictor", "service": {"conditions": [None, {}, {"type": None}, {"type": "Ready"}]}},
        {"component": "predictor", "previous": {"latestRolledoutRevision": ""}, "service": {"observedGeneration": 0}},
        {"component": "predictor", "previous": {"unheardOf": 1}, "service": {"unheardOf": []}, "more": True},
    ],
)
def test_empty_statuses_give_an_empty_one(line: dict[str, Any]) -> None:
    assert ask("track", line) == [{"component": {}, "conditions": {}}]


def test_null_in_a_traffic_list_is_an_empty_entry() -> None:
    answer = ask("track", {"component": "predictor", "service": {"traffic": [None]}})
    assert answer == [{"component": {"traffic": [{}]}, "conditions": {}}]


def test_older_rules() -> None:
    line = {
        "component": "predictor",
        "previous": {"latestRolledoutRevision": "r1"},
        "service": {
            "latestReadyRevisionName": "r1",
            "latestCreatedRevisionName": "r1",
            "traffic": [{"revisionName": "r1", "latestRevision": True, "percent": 10}],
        },
    }
    (new,), (old,) = ask("track", line), ask("track", line, options=("--rules", "v0.8"))
    assert new["component"]["latestRolledoutRevision"] == "r1"
    assert "latestRolledoutRevision" not in old["component"]


def test_traffic() -> None:
    status = {"latestRolledoutRevision": "r1", "latestReadyRevision": "r2"}
    routed = {"serving.kserve.io/enable-tag-routing": "true"}
    prev = {"latestRevision": False, "percent": 90, "revisionName": "r1", "tag": "prev"}
    assert ask(
        "traffic",
        {"percent": 10, "status": status, "annotations": {}},
        {"percent": 10, "status": status, "annotations": routed},
        {"percent": None, "status": None, "annotations": None},
        {"annotations": {"a": None}},
        {"percent": 0, "status": {}},
    ) == [
        [{"latestRevision": True, "percent": 10}, prev],
        [{"latestRevision": True, "percent": 10, "tag": "latest"}, prev],
        [{"latestRevision": True, "percent": 100}],
        [{"latestRevision": True, "percent": 100}],
        [{"latestRevision": True, "percent": 100}],
    ]


INVALID = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b'{"component": "\xff"}',
    b'{"component": "router"}',
    b'{"service": {}}',
    b'{"component": "predictor", "service": {"traffic": [{"percent": "10"}]}}',
    b'{"component": "predictor", "service": {"observedGeneration": 99999999999999999999}}',
    b'{"component": "predictor", "service": {"address": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    b'{"component": "predictor"} trailing',
]


@pytest.mark.parametrize("line", INVALID)
def test_an_invalid_line_is_answered_and_the_rest_goes_on(line: bytes) -> None:
    first, error, last = ask("track", CANARY, line, CANARY)
    assert first == last
    assert "component" in first
    assert list(error) == ["error"]
    assert 0 < len(error["error"]) < 200


def test_a_traffic_line_that_is_no_object() -> None:
    assert [list(answer) for answer in ask("traffic", b"[1]", b'{"percent": 1.5}')] == [["error"], ["error"]]


def test_lines_longer_than_a_chunk_and_without_an_end() -> None:
    padded = {**CANARY, "padding": "x" * (3 * CHUNK)}
    assert ask("track", CANARY, padded, CANARY) == ask("track", CANARY) * 3
    assert ask("track", json.dumps(CANARY).encode() + b"\r\n") == ask("track", CANARY)


def test_no_lines_no_answers() -> None:
    assert ask("track", b"") == []


def test_answers_come_before_the_next_question() -> None:
    program = "from gitops_rollout.cli.kserve import command; command(['track'])"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(json.dumps(CANARY).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["conditions"]["PredictorReady"] == "True"
        process.stdin.close()
        assert process.wait(timeout=30) == 0


json_leaf = st.one_of(st.none(), st.booleans(), st.integers(-5, 2**70), st.floats(), st.text(max_size=4))
keys = st.sampled_from(
    ["component", "previous", "service", "traffic", "conditions", "percent", "type", "status", "address", "predictor"]
)
json_value = st.recursive(
    st.one_of(json_leaf, keys),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
statuses = st.fixed_dictionaries(
    {"component": st.just("predictor")}, optional={"previous": json_value, "service": json_value}
)
raw_line = st.binary(max_size=40).filter(lambda line: b"\n" not in line)


@given(
    st.lists(st.one_of(json_value, statuses, raw_line), min_size=1, max_size=5), st.sampled_from(["track", "traffic"])
)
def test_any_lines_get_as_many_answers(lines: list[Any], verb: str) -> None:
    answers = ask(verb, *lines, b"{}")
    assert len(answers) == len(lines) + 1
    assert all(isinstance(answer, dict | list) for answer in answers)
