"""`check` judges what kustomize renders before and after, on real branches; skipped where nothing can render."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.rendering.kustomize import find_renderer
from tests import traces
from tests.reconcile.several import PROPOSE
from tests.reconcile.test_overlays import files_of
from tests.worlds import POLICY, Place, git, make_place

pytestmark = pytest.mark.skipif(find_renderer() is None, reason="neither kustomize nor kubectl is installed")

START = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
BASE, PATCH, OVERLAY = "base/iris.yaml", "clusters/prod/canary.yaml", "clusters/prod/kustomization.yaml"
OTHER = "resources: [../../base]\nnamespace: other\npatches: [{path: canary.yaml}]\n"


def stated(version: str) -> dict[str, Any]:
    model = {"modelFormat": {"name": "sklearn"}, "storageUri": f"s3://models/iris/{version}"}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "iris", "namespace": "trace-a"},
        "spec": {"predictor": {"model": model}},
    }


def overlaid(version: str, percent: int | None = None) -> dict[str, str]:
    """A base that runs a version, and the overlay of prod that states the percent."""
    document = stated(version)
    if percent is not None:
        document["spec"]["predictor"]["canaryTrafficPercent"] = percent
    return files_of(document)


CANARY = [overlaid("v1"), overlaid("v2", 10)]
ZEROED = [*CANARY, overlaid("v2", 0)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("GITHUB_SHA", "CI_COMMIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    return make_place(tmp_path)


def commit_all(place: Place, texts: list[dict[str, str]]) -> None:
    place.commit({POLICY: "version: 1\n", "README.md": "models"}, "begin", START)
    for number, files in enumerate(texts):
        place.commit(files, f"change {number}", START + timedelta(minutes=1 + number))


def check(place: Place, capsys: pytest.CaptureFixture[str], files: dict[str, str | None]) -> tuple[int, dict[str, Any]]:
    place.propose("theirs", files, "a change", START + timedelta(hours=1))
    code = run(["check", "--repo", str(place.clone), "--head", "theirs", "--output", "json"])
    (checked,) = json.loads(capsys.readouterr().out)["checked"]
    return code, {finding["code"]: finding for finding in checked["findings"]}


def test_a_model_and_its_percent_in_two_files_are_one_change(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A revert of base and patch together: neither file alone shows that everything goes to the canary."""
    commit_all(place, CANARY)
    before = overlaid("v1")
    code, found = check(place, capsys, {BASE: before[BASE], PATCH: before[PATCH]})
    assert (code, set(found)) == (1, {"serves-canary"})
    assert found["serves-canary"]["targets"] == ["trace-a/iris"]
    assert f"(rendered from {OVERLAY})" in found["serves-canary"]["message"]
    assert "100 % on iris-predictor-00002" in found["serves-canary"]["evidence"]
    assert "+    canaryTrafficPercent: 0" in found["serves-canary"]["patch"].splitlines()


def test_a_patch_alone_is_judged_with_the_history_of_what_was_rendered(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_all(place, ZEROED)
    code, found = check(place, capsys, {PATCH: overlaid("v2")[PATCH]})
    assert (code, set(found)) == (1, {"zeroed-promoted"})


def test_a_base_alone_is_judged_under_the_percent_of_its_overlay(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_all(place, ZEROED)
    assert check(place, capsys, {BASE: overlaid("v3")[BASE]})[0] == 0
    code, found = check(place, capsys, {**overlaid("v3", 10)})
    assert (code, set(found)) == (1, {"new-over-zeroed"})
    assert found["new-over-zeroed"]["path"] == PATCH
    assert "+    canaryTrafficPercent: 0  # first step" in found["new-over-zeroed"]["patch"].splitlines()


def test_each_overlay_of_a_base_is_judged_by_itself(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A new model in the base: a canary in prod, everything at once in the cluster whose overlay has no percent."""
    test = {"clusters/test/kustomization.yaml": OTHER, "clusters/test/canary.yaml": overlaid("v1")[PATCH]}
    commit_all(place, [{**overlaid("v1", 10), **test}])
    code, found = check(place, capsys, {BASE: overlaid("v2")[BASE]})
    assert (code, set(found)) == (0, {"straight-to-all"})
    assert found["straight-to-all"]["targets"] == ["other/iris"]
    lines = found["straight-to-all"]["patch"].splitlines()
    assert (lines[1], "+    canaryTrafficPercent: 10" in lines) == (f"+++ b/{BASE}", True), (
        "prod has a percent of its own"
    )


def test_what_only_touches_an_overlays_text_is_green(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    commit_all(place, CANARY)
    kustomization = CANARY[0][OVERLAY] + "# who owns it: team iris\n"
    code, found = check(place, capsys, {OVERLAY: kustomization})
    assert (code, set(found)) == (0, {"no-rollout"})


def test_without_a_program_it_is_said_that_nobody_looked(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_all(place, CANARY)
    real = shutil.which("git")
    assert real is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(real)
    before = overlaid("v1")
    place.propose("theirs", {BASE: before[BASE], PATCH: before[PATCH]}, "revert", START + timedelta(hours=1))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert run(["check", "--repo", str(place.clone), "--head", "theirs"]) == 0
    told = capsys.readouterr().out
    assert f"warning not-rendered: {OVERLAY}:1" in told
    assert "install one of them where the check runs" in told


def test_a_change_that_breaks_the_rendering_fails(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    commit_all(place, CANARY)
    code, found = check(place, capsys, {PATCH: None, BASE: overlaid("v1")[BASE]})
    assert (code, set(found)) == (1, {"does-not-render"})
    assert found["does-not-render"]["path"] == OVERLAY


def ours(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """A step of an overlay's canary, opened by a run; its branch."""
    recorded = traces.load("A")
    place.commit({POLICY: PROPOSE}, "a policy", recorded.steps[0].at - timedelta(hours=1))
    for step in recorded.steps[:2]:
        assert step.manifest is not None
        place.commit(files_of(step.manifest), step.title, step.at)
    snapshot = recorded.resting(recorded.steps[1])
    live = f"prod=snapshot:{place.show('prod', [snapshot.document()])}"
    now = (snapshot.at + timedelta(minutes=31)).isoformat()
    assert run(["reconcile", "--repo", str(place.clone), "--live", live, "--now", now, "--forge", "local"]) == 0
    capsys.readouterr()
    (ref,) = place.refs("refs/heads/gitops-rollout/")
    return ref.removeprefix("refs/heads/")


def judge(place: Place, capsys: pytest.CaptureFixture[str], *head: str) -> tuple[int, str]:
    code = run(["check", "--repo", str(place.clone), "--forge", "local", *head])
    return code, capsys.readouterr().out


def test_our_own_edit_of_an_overlay_is_fresh_until_its_base_is_touched(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    branch = ours(place, monkeypatch, capsys)
    for head in ((), ("--head", branch)):
        code, told = judge(place, capsys, *head)
        assert (code, told.split()[1:3]) == (0, ["ok", "fresh:"]), told
    place.commit({"README.md": "elsewhere"}, "elsewhere", START + timedelta(hours=9))
    assert judge(place, capsys)[0] == 0
    step = traces.load("A").steps[4]
    assert step.manifest is not None
    place.commit({BASE: files_of(step.manifest)[BASE]}, "another model", START + timedelta(hours=10))
    code, told = judge(place, capsys)
    assert code == 1
    assert "not-fresh" in told


def test_our_own_edit_is_bound_to_the_model_that_its_base_renders(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    branch = ours(place, monkeypatch, capsys)
    git(place.person, "fetch", "--quiet", "origin", branch)
    git(place.person, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    step = traces.load("A").steps[4]
    assert step.manifest is not None
    (place.person / BASE).write_text(files_of(step.manifest)[BASE])
    git(place.person, "commit", "--quiet", "--all", "--message", "Just a little thing")
    git(place.person, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
    code, told = judge(place, capsys)
    assert code == 1
    assert f"rendered from {OVERLAY}, iris would run another model" in told
