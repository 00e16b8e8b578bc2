"""What a user can get wrong: one clear line, the right exit code, never a traceback, every other target still done."""

import json
from pathlib import Path

import pytest

from gitops_rollout.cli.main import run
from tests.traces import load
from tests.worlds import POLICY, Place, git, make_place

EMPTY = {"apiVersion": "v1", "kind": "List", "items": []}
SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: {name}, namespace: models}}
spec: {{predictor: {{model: {{modelFormat: {{name: sklearn}}, storageUri: "s3://models/{name}/v1"}}}}}}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = make_place(tmp_path)
    made.commit({"README.md": "models"}, "begin", load("A").steps[0].at)
    made.show("prod", [EMPTY])
    return made


def plan(place: Place, *more: str, live: str | None = None) -> int:
    live = live or f"prod=snapshot:{place.snapshot('prod')}"
    return run(["plan", "--repo", str(place.clone), "--live", live, *more])


def commit(place: Place, **files: str) -> None:
    named = {name.replace("__", "/") + ".yaml": text for name, text in files.items()}
    place.commit(
        {POLICY if name == "policy.yaml" else name: text for name, text in named.items()}, "more", load("A").steps[0].at
    )


def test_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--repo", str(tmp_path), "--live", "prod=snapshot:x"]) == 1
    assert "no Git repository" in one_line(capsys)


def test_an_empty_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    assert run(["plan", "--repo", str(tmp_path / "empty.git"), "--live", "prod=snapshot:x"]) == 1
    assert "is empty" in one_line(capsys)


def test_no_such_base_branch(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(place, "--base", "trunk") == 1
    said = one_line(capsys)
    assert "trunk" in said
    assert "main" in said


def test_no_policy_file(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(place) == 0
    assert "the defaults apply" in capsys.readouterr().out
    live = f"prod=snapshot:{place.snapshot('prod')}"
    assert run(["reconcile", "--repo", str(place.clone), "--live", live]) == 1
    assert "init --write" in one_line(capsys)


def test_unknown_keys_name_file_line_key_and_what_is_allowed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    commit(place, policy="version: 1\nmoed: propose\n")
    assert plan(place) == 1
    assert ".gitops-rollout.yaml:2: moed: unknown key; did you mean mode?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [('{"apiVersion": "v1", "items": [{"kind"', "cut off"), ("[1, 2", "cut off"), ("{]", "is not JSON")],
)
def test_a_snapshot_that_cannot_be_read_holds_its_targets(
    place: Place, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    commit(place, one=SERVICE.format(name="one"))
    place.snapshot("prod").write_text(text)
    assert plan(place, "--output", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert [t["decision"]["reason"] for t in report["targets"]] == ["unreachable"]
    assert says in report["errors"][0]


def test_git_without_cluster_and_cluster_without_git(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    commit(place, one=SERVICE.format(name="one"))
    recorded = load("A")
    place.show("prod", [recorded.resting(recorded.steps[0]).document()])
    assert plan(place, "--output", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [(t["target"], t["decision"]["reason"]) for t in report["targets"]] == [("prod/models/one", "missing")]
    assert any("prod/trace-a/iris is in the cluster but in no manifest" in note for note in report["notes"])


def test_two_manifests_for_one_target_name_both_and_stop_nobody_else(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(place, one=SERVICE.format(name="one"), copy=SERVICE.format(name="one"), two=SERVICE.format(name="two"))
    assert plan(place, "--output", "json") == 1
    first, second = json.loads(capsys.readouterr().out)["targets"]
    assert "copy.yaml:1" in first["error"]
    assert "one.yaml:1" in first["error"]
    assert (second["target"], second["error"]) == ("prod/models/two", None)


def test_a_file_that_does_not_parse_is_said_and_stops_nobody_else(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(place, one=SERVICE.format(name="one"), bad="kind: InferenceService\n\tbad: [")
    assert plan(place, "--output", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [(s["path"], s["reason"]) for s in report["skipped"]] == [("bad.yaml", "unparsable")]
    assert len(report["targets"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--live", "prod"],
        ["plan", "--now", "yesterday"],
        ["frobnicate"],
        ["plan", "--output", "xml"],
        ["reconcile", "--now", "2026-01-01T00:00:00Z", "--live", "prod=kube:prod"],
        ["reconcile", "--now", "2026-01-01T00:00:00Z", "--live", "prod=snapshot:x", "--forge", "github"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 64
    assert "Traceback" not in capsys.readouterr().err


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    return said
