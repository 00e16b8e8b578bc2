"""`explain`: the rows that led to a decision."""

import json
from pathlib import Path

import pytest
import yaml

from gitops_rollout.cli.main import run
from gitops_rollout.core.decide import ROWS
from tests.traces import load
from tests.worlds import POLICY, make_place


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    recorded = load("C2")
    place = make_place(tmp_path)
    place.commit({POLICY: "version: 1\nclusters: [{name: prod}]\n"}, "a policy", recorded.steps[0].at)
    for step in recorded.steps[:2]:
        place.commit({"iris.yaml": yaml.safe_dump(dict(step.manifest or {}))}, step.title, step.at)
    snapshot = recorded.resting(recorded.steps[1])
    place.show("prod", [snapshot.document()])
    live = f"prod=snapshot:{place.snapshot('prod')}"
    return ["--repo", str(place.clone), "--live", live, "--now", snapshot.at.isoformat()]


def test_rows_stand_in_order_up_to_the_one_that_decides(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", "prod/trace-c2/iris", *arguments, "--output", "json"]) == 0
    told = json.loads(capsys.readouterr().out)["components"]["predictor"]
    assert told["row"] == 19
    assert [row["number"] for row in told["rows"]] == [row.number for row in ROWS]
    (deciding,) = [row for row in told["rows"] if row["decides"]]
    assert deciding["number"] == 19
    assert all(check["holds"] for check in deciding["checks"])
    for row in told["rows"][:18]:
        assert not all(check["holds"] for check in row["checks"]), row["title"]


def test_the_text_shows_what_was_seen(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "prod/trace-c2/iris", *arguments]) == 0
    said = capsys.readouterr().out
    assert "> 19  the canary is not ready" in said
    assert "created iris-predictor-00002, ready iris-predictor-00001" in said


def test_an_unknown_target_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "prod/trace-c2/other", *arguments]) == 64
    assert "there is no target" in capsys.readouterr().err
