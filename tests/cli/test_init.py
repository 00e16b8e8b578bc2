from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.config.load import load_policy
from tests.reconcile.test_suggest import service
from tests.worlds import POLICY, Place, git, make_place

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = make_place(tmp_path)
    place.commit({"clusters/prod/model.yaml": service()}, "a model", NOW)
    return place


def test_init_prints_a_policy_and_says_what_it_found(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--repo", str(place.clone)]) == 0
    said = capsys.readouterr()
    policy = load_policy(said.out.encode(), "printed")
    assert [cluster.name for cluster in policy.clusters] == ["prod"]
    assert "1 InferenceServices in 1 files" in said.err
    assert "cluster prod: 1 targets, found by folder clusters/prod" in said.err
    assert not (place.clone / POLICY).exists()


def test_write_writes_at_the_root_and_never_over_a_file(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    inside = place.clone / "deep" / "inside"
    inside.mkdir(parents=True)
    assert run(["init", "--repo", str(inside), "--write"]) == 0
    written = (place.clone / POLICY).read_bytes()
    assert load_policy(written, POLICY).clusters
    (place.clone / POLICY).write_text("mine")
    assert run(["init", "--repo", str(place.clone), "--write"]) == 64
    assert "--force replaces it" in capsys.readouterr().err
    assert (place.clone / POLICY).read_text() == "mine"
    assert run(["init", "--repo", str(place.clone), "--write", "--force"]) == 0
    assert (place.clone / POLICY).read_bytes() == written
    assert git(place.clone, "status", "--porcelain") == f"?? {POLICY}"


def test_write_needs_a_clone_and_stays_in_it(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--repo", str(place.remote), "--write"]) == 64
    assert "needs a clone" in capsys.readouterr().err
    assert run(["init", "--repo", str(place.clone), "--config", "../out.yaml", "--write"]) == 64
    assert not (place.root / "out.yaml").exists()


def test_a_policy_that_stands_already_is_mentioned(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.commit({POLICY: "version: 1\n"}, "a policy", NOW)
    assert run(["init", "--repo", str(place.remote)]) == 0
    assert f"{POLICY} stands in main already" in capsys.readouterr().err
