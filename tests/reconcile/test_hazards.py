"""What `check` says of people's own changes, on real branches of a real repository."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from tests.traces import load
from tests.worlds import POLICY, Place, git, make_place

START = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
FILE = "models/iris.yaml"


def iris(version: str, percent: object = None, *, metadata: str = "", uri: str = "s3://models/iris") -> str:
    line = "" if percent is None else f"    canaryTrafficPercent: {percent}\n"
    return (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata:\n  name: iris\n  namespace: trace-a\n{metadata}"
        f"spec:\n  predictor:\n{line}    model:\n"
        f"      modelFormat: {{name: sklearn}}\n      storageUri: {uri}/{version}\n"
    )


CANARY = [iris("v1"), iris("v2", 10)]
ZEROED = [*CANARY, iris("v2", 0)]
PROMOTED = [*CANARY, iris("v2")]

# code, level, what Git's main said, what the branch says, a part of the forecast, the line of the patch
CASES: dict[str, tuple[str, str, list[str], str, str, str]] = {
    "a git revert of a canary": (
        "serves-canary", "error", CANARY, iris("v1"), "100 % on iris-predictor-00002", "+    canaryTrafficPercent: 0",
    ),
    "the percent removed while the zeroed spec stands": (
        "zeroed-promoted", "error", ZEROED, iris("v2"), "100 % on iris-predictor-00002", "+    canaryTrafficPercent: 0",
    ),
    "a new spec with a percent over a zeroed one": (
        "new-over-zeroed", "error", ZEROED, iris("v3", 10), "10 % on iris-predictor-00002",
        "+    canaryTrafficPercent: 0",
    ),
    "a zeroed model tried again": (
        "zeroed-again", "warning", ZEROED, iris("v2", 20), "20 % on iris-predictor-00002", "",
    ),
    "a percent on a promoted service": (
        "falls-back", "error", PROMOTED, iris("v2", 10), "90 % on iris-predictor-00001",
        "-    canaryTrafficPercent: 10",
    ),
    "a rollback": ("is-rollback", "warning", PROMOTED, iris("v2", 0), "100 % on iris-predictor-00001", ""),
    "straight to everything": (
        "straight-to-all", "warning", [iris("v1")], iris("v2"), "100 % on iris-predictor-00002",
        "+    canaryTrafficPercent: 10",
    ),
    "above the first step": (
        "above-first-step", "warning", [iris("v1")], iris("v2", 50), "50 % on iris-predictor-00002",
        "+    canaryTrafficPercent: 10",
    ),
    "a percent out of range": ("invalid-percent", "error", CANARY, iris("v2", 150), "", ""),
    "a field that Standard mode ignores": (
        "ignored-field", "error", [iris("v1")],
        iris("v2", 10, metadata="  annotations: {serving.kserve.io/deploymentMode: Standard}\n"), "", "",
    ),
    "a change of metadata in mid-canary": (
        "metadata-revision", "warning", CANARY, iris("v2", 10, metadata="  labels: {team: fraud}\n"),
        "iris-predictor-00003", "",
    ),
    "an unpinned model": ("unpinned-model", "note", [iris("v1")], iris("latest", 10), "", ""),
    "a percent on the first revision": (
        "no-baseline", "warning", [], iris("v1", 10), "100 % on iris-predictor-00001", "-    canaryTrafficPercent: 10",
    ),
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("GITHUB_SHA", "CI_COMMIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    return make_place(tmp_path)


def commit_all(place: Place, texts: list[str]) -> None:
    place.commit({POLICY: "version: 1\n", "README.md": "models"}, "begin", START)
    for number, text in enumerate(texts):
        place.commit({FILE: text}, f"change {number}", START + timedelta(minutes=1 + number))


def check(place: Place, capsys: pytest.CaptureFixture[str], head: str, *more: str) -> tuple[int, dict[str, Any]]:
    code = run(["check", "--repo", str(place.clone), "--head", head, "--output", "json", *more])
    return code, json.loads(capsys.readouterr().out)["checked"][0]


@pytest.mark.parametrize("case", CASES)
def test_each_hazard_is_found_with_its_forecast_and_its_patch(
    place: Place, capsys: pytest.CaptureFixture[str], case: str, tmp_path: Path
) -> None:
    code, level, history, text, forecast, line = CASES[case]
    commit_all(place, history)
    place.propose("theirs", {FILE: text}, case, START + timedelta(hours=1))
    exit_code, checked = check(place, capsys, "theirs")
    found = {finding["code"]: finding for finding in checked["findings"]}
    assert code in found, checked
    assert found[code]["level"] == level
    assert exit_code == (1 if level == "error" else 0)
    assert found[code]["path"] == FILE
    assert forecast in (found[code]["evidence"] or "")
    assert bool(line) == bool(found[code]["patch"])
    if line:
        assert line in found[code]["patch"].splitlines()
        git(place.person, "checkout", "--quiet", "theirs")
        (tmp_path / "mend.patch").write_text(found[code]["patch"])
        git(place.person, "apply", str(tmp_path / "mend.patch"))


def test_ordinary_steps_are_green(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    commit_all(place, CANARY)
    for name, text in {"step": iris("v2", 25), "promote": iris("v2"), "back": iris("v2", 0)}.items():
        place.propose(name, {FILE: text}, name, START + timedelta(hours=1))
        code, checked = check(place, capsys, name)
        assert (code, [f["code"] for f in checked["findings"]]) == (0, ["no-rollout"])


def test_green_where_no_rollout_is_touched(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    commit_all(place, ZEROED)
    place.propose("docs", {"README.md": "better"}, "docs", START + timedelta(hours=1))
    code, checked = check(place, capsys, "docs")
    assert (code, [f["code"] for f in checked["findings"]]) == (0, ["no-rollout"])


@pytest.mark.parametrize(("trailer", "allowed"), [
    ("Rollout-Allow: serves-canary", True),
    ("Rollout-Allow: serves-canary trace-a/iris", True),
    ("Rollout-Allow: serves-canary trace-a/other", False),
    ("Rollout-Allow: straight-to-all", False),
])  # fmt: skip
def test_one_finding_is_silenced_on_purpose(
    place: Place, capsys: pytest.CaptureFixture[str], trailer: str, allowed: bool
) -> None:
    commit_all(place, CANARY)
    place.propose("theirs", {FILE: iris("v1")}, f"Back\n\n{trailer}", START + timedelta(hours=1))
    code, checked = check(place, capsys, "theirs")
    assert code == (0 if allowed else 1)
    assert bool(checked["findings"][0]["allowed"]) is allowed


def test_the_cluster_decides_what_is_a_hazard_where_it_is_shown(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_all(place, CANARY)
    place.propose("theirs", {FILE: iris("v1")}, "revert", START + timedelta(hours=1))
    recorded = load("A")
    active, before = recorded.resting(recorded.steps[1]), recorded.resting(recorded.steps[0])
    live = f"prod=snapshot:{place.show('prod', [active.document()])}"
    _, checked = check(place, capsys, "theirs", "--live", live)
    assert "serves-canary" in [finding["code"] for finding in checked["findings"]]
    assert "as the cluster is now" in checked["findings"][0]["evidence"]
    place.show("prod", [before.document()])
    _, checked = check(place, capsys, "theirs", "--live", live)
    assert "serves-canary" not in [finding["code"] for finding in checked["findings"]]


def test_sarif_names_rules_and_places(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    commit_all(place, CANARY)
    place.propose("theirs", {FILE: iris("v1")}, "revert", START + timedelta(hours=1))
    assert run(["check", "--repo", str(place.clone), "--head", "theirs", "--output", "sarif"]) == 1
    (sarif,) = json.loads(capsys.readouterr().out)["runs"]
    assert [rule["id"] for rule in sarif["tool"]["driver"]["rules"]] == ["serves-canary"]
    (result,) = sarif["results"]
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == FILE
