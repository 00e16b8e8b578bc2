"""The report as data: valid by the published schema, the same bytes for the same report."""

import json
from dataclasses import replace

import jsonschema
import pytest

from gitops_rollout.model.change import Did, PullState
from gitops_rollout.model.decision import Action, Phase, Reason
from gitops_rollout.model.observation import Evidence, Verdict
from gitops_rollout.model.targets import Skipped, TargetKey
from gitops_rollout.report.as_json import plan_schema, to_json, to_json_text
from tests.report import samples


def validator() -> jsonschema.Draft202012Validator:
    schema = plan_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_a_report_is_valid_by_the_published_schema() -> None:
    report = samples.report(
        samples.target(samples.promotion()),
        samples.target(samples.rollback(), TargetKey("prod", "fraud", "b")),
        samples.target(samples.hold(alarm=True), TargetKey("prod", "fraud", "c"), error="refused"),
        replace(samples.target(samples.hold(), TargetKey("prod", "x", "d")), source=None, components={}),
        skipped=(Skipped("a.yaml", None, "unparsable", "no"), Skipped("a.yaml", 3, "unparsable", "no")),
    )
    validator().validate(to_json(report))


def test_the_schema_refuses_what_a_script_could_not_read() -> None:
    data = to_json(samples.report(samples.target(samples.promotion())))
    data["targets"][0]["decision"]["action"] = "upgrade"
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(data)
    data = to_json(samples.report(samples.target(samples.promotion())))
    del data["targets"][0]["pullRequest"]["did"]
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(data)


def test_the_schema_knows_every_word_of_the_model() -> None:
    defs = plan_schema()["$defs"]
    decision, pull = defs["decision"]["properties"], defs["target"]["properties"]["pullRequest"]["oneOf"][1]
    assert decision["action"]["enum"] == [action.value for action in Action]
    assert decision["reason"]["enum"] == [reason.value for reason in Reason]
    assert defs["component"]["properties"]["phase"]["enum"] == [phase.value for phase in Phase]
    assert decision["evidence"]["items"]["properties"]["verdict"]["enum"] == [verdict.value for verdict in Verdict]
    assert pull["properties"]["did"]["enum"] == [did.value for did in Did]
    assert pull["properties"]["state"]["enum"] == [*(state.value for state in PullState), None]


def test_the_shape_is_the_one_that_is_documented() -> None:
    (target,) = to_json(samples.report(samples.target(samples.promotion())))["targets"]
    assert target["target"] == "prod/fraud/score"
    assert target["source"] == {"path": "clusters/prod/score.yaml", "document": 0, "line": 6}
    assert target["decision"]["from"] == {"predictor": 50}
    assert target["decision"]["to"] == {"predictor": None}
    assert target["components"]["predictor"]["traffic"][1] == {
        "revisionName": "score-predictor-00001",
        "latestRevision": False,
        "percent": 50,
        "tag": "prev",
    }
    assert target["pullRequest"]["did"] == "created"


def test_targets_are_sorted_and_equal_reports_give_equal_bytes() -> None:
    keys = [TargetKey("prod", "a", name) for name in "cab"]
    targets = [samples.target(samples.hold(), key) for key in keys]
    one, other = samples.report(*targets), samples.report(*reversed(targets))
    assert to_json_text(one) == to_json_text(other)
    assert [target["name"] for target in to_json(one)["targets"]] == ["a", "b", "c"]


def test_every_target_is_counted_once() -> None:
    data = to_json(
        samples.report(
            samples.target(samples.promotion(), error="push failed"),
            samples.target(samples.hold(alarm=True), TargetKey("a", "b", "c")),
            samples.target(samples.hold(), TargetKey("a", "b", "d")),
            samples.target(samples.rollback(), TargetKey("a", "b", "e")),
        )
    )
    assert {name: count for name, count in data["summary"].items() if count} == {
        "error": 1,
        "alarm": 1,
        "hold": 1,
        "rollback": 1,
    }


def test_a_value_that_json_does_not_know_is_null() -> None:
    decision = replace(samples.promotion(), evidence=(Evidence("e", float("nan"), 1.0, Verdict.NO_DATA),))
    text = to_json_text(samples.report(samples.target(decision)))
    assert json.loads(text)["targets"][0]["decision"]["evidence"][0]["value"] is None
