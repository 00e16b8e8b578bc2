"""What rollback pull requests named stays known-bad when we close them, and costs one look for each proposal."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import PullRequest
from tests.reconcile.test_simulated import HOUR, START, iris, reconcile
from tests.worlds import POLICY, Place, make_place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """v2 failed at 10 %, its rollback was closed by us because v3 came."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = make_place(tmp_path)
    place.commit({POLICY: "version: 1\nmode: propose\n", "iris.yaml": iris("v1")}, "Serve iris", START - HOUR)
    place.commit({"iris.yaml": iris("v2", 10)}, "Try v2", START)
    assert decided(place, 1, "simulated:failed=*/v2") == "rollback canary-failed #1"
    place.commit({"iris.yaml": iris("v3", 0)}, "Try v3", START + 2 * HOUR)
    assert decided(place, 3, "simulated:failed=*/v2") == "start ready-at-zero #2"
    return place


def decided(place: Place, hours: int, source: str = "simulated:") -> str:
    target = reconcile(place, START + hours * HOUR, source)
    pull = target["pullRequest"]
    number = f" #{pull['number']}" if pull and pull["did"] != "closed" else ""
    return f"{target['decision']['action']} {target['decision']['reason']}{number}"


def test_a_model_whose_rollback_we_closed_is_not_started_again(place: Place) -> None:
    place.commit({"iris.yaml": iris("v2", 0)}, "v2 once more", START + 4 * HOUR)
    assert decided(place, 5) == "hold known-bad"
    assert decided(place, 6) == "hold known-bad"
    place.commit({"iris.yaml": iris("v2", 10)}, "v2, and I mean it", START + 7 * HOUR)
    assert decided(place, 9) == "step soaked #3"


def test_it_is_forgotten_once_a_person_closes_a_rollback_of_it(place: Place) -> None:
    place.commit({"iris.yaml": iris("v2", 10)}, "v2 once more", START + 4 * HOUR)
    assert decided(place, 5, "simulated:failed=*/v2") == "rollback canary-failed #3"
    assert run(["pulls", "close", "3", "--repo", str(place.remote), "--reason", "the image was missing"]) == 0
    place.commit({"iris.yaml": iris("v2", 0)}, "v2 at zero", START + 6 * HOUR)
    place.commit({"iris.yaml": iris("v4", 0)}, "something else", START + 7 * HOUR)
    place.commit({"iris.yaml": iris("v2", 0)}, "v2 once more", START + 8 * HOUR)
    # the 0 over what ran at 10 % takes it back by itself, whatever was said of the pull request
    assert decided(place, 10) == "hold rolled-back"


def test_one_look_at_ended_ones_for_each_new_proposal_and_none_without(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    listings: list[str] = []
    ended, opened = LocalForge.ended_pulls, LocalForge.open_pulls

    def counted(self: LocalForge, change_prefix: str) -> Sequence[PullRequest]:
        looks.append(change_prefix)
        return ended(self, change_prefix)

    def listed(self: LocalForge) -> Sequence[PullRequest]:
        listings.append("open")
        return opened(self)

    monkeypatch.setattr(LocalForge, "ended_pulls", counted)
    monkeypatch.setattr(LocalForge, "open_pulls", listed)
    assert decided(place, 4, "simulated:failed=*/v2") == "start ready-at-zero #2"
    assert looks == []
    assert listings == ["open"]
    place.commit({"iris.yaml": iris("v4", 0)}, "Try v4", START + 4 * HOUR)
    assert decided(place, 5) == "start ready-at-zero #3"
    assert looks == ["gitops-rollout/prod/models/iris/"]
