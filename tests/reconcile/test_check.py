"""What is to be merged: fresh or not, bound to what was decided or not, over real git and through the command line."""

import json
from pathlib import Path

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.core.pull_marker import format_marker, marker_of
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import Did, Draft
from gitops_rollout.model.doors import CommitRequest
from gitops_rollout.repository import open_repository
from tests.core.changes import a_change
from tests.forges.memory import EPOCH
from tests.worlds import Place, git, make_place

SCORE = "clusters/prod/score.yaml"
TWO = "clusters/prod/two.yaml"


def service(name: str = "score", model: str = "v2", percent: int | None = 10) -> str:
    line = "" if percent is None else f"    canaryTrafficPercent: {percent}\n"
    return (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata:\n  name: {name}\n  namespace: fraud\nspec:\n  predictor:\n{line}"
        f"    model:\n      modelFormat:\n        name: sklearn\n      storageUri: s3://models/{name}/{model}\n"
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("GITHUB_SHA", "CI_COMMIT_SHA", "GITOPS_ROLLOUT_HEAD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = make_place(tmp_path)
    made.commit({SCORE: service(), TWO: service("one") + "---\n" + service("two")}, "First", EPOCH)
    return made


def propose(place: Place, name: str = "score", path: str = SCORE, after: str | None = None) -> int:
    """Open the promotion of a target as a run would; returns the number."""
    repository = open_repository(str(place.clone))
    _, base = repository.base_commit("main")
    change = a_change(base=base, name=name)
    message = f"Promote {name}\n\n{format_trailers(change)}\n"
    data = (after or service(name, percent=None)).encode()
    commit = repository.commit([CommitRequest(base, {path: data}, message)])[0]
    body = f"Why\n\n{format_marker(marker_of(change))}\n"
    draft = Draft(change.identity.change, change.branch, commit, "main", f"Promote {name}", body)
    report = LocalForge(repository, EPOCH).publish([draft])[0]
    assert report.did is Did.CREATED
    assert report.number is not None
    return report.number


def cli(place: Place, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run([*arguments, "--repo", str(place.clone)])
    return code, capsys.readouterr().out


def head_of(place: Place, number: int) -> str:
    pull = LocalForge(open_repository(str(place.clone)), EPOCH).pull(number)
    assert pull is not None
    return pull.head


def test_fresh_and_bound(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    number = propose(place)
    code, out = cli(place, capsys, "check")
    assert (code, out.split()[:2]) == (0, [f"#{number}", "ok"])
    assert cli(place, capsys, "pulls", "merge", str(number))[0] == 0
    assert git(place.remote, "show", f"main:{SCORE}") == service(percent=None).strip()
    assert git(place.remote, "log", "-1", "--format=%P", "main").count(" ") == 1, "a merge of both"
    assert "Rollout-Action: promote" in git(place.remote, "log", "-1", "--format=%B", "main")


def test_a_new_model_on_the_base_makes_it_red_and_unmergeable(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """The hotfix race: approved, then the base moves, then somebody merges."""
    number = propose(place)
    hotfix = place.commit({SCORE: service(model="v3")}, "Hotfix", EPOCH)
    code, out = cli(place, capsys, "check")
    assert code == 1
    assert "not-fresh" in out
    code, out = cli(place, capsys, "pulls", "merge", str(number))
    assert code == 1
    assert hotfix[:12] in out
    assert git(place.remote, "rev-parse", "main") == hotfix


def test_the_same_content_again_is_not_fresh(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    number = propose(place)
    place.commit({SCORE: service(model="v3")}, "Another", EPOCH)
    place.commit({SCORE: service()}, "Back again", EPOCH)
    assert cli(place, capsys, "check")[0] == 1
    assert cli(place, capsys, "pulls", "merge", str(number))[0] == 1


def test_a_neighbour_in_the_same_file_is_no_reason(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    after = service("one", percent=None) + "---\n" + service("two")
    number = propose(place, "one", TWO, after)
    place.commit({TWO: service("one") + "---\n" + service("two", "v7")}, "The neighbour", EPOCH)
    assert cli(place, capsys, "check")[0] == 0
    assert cli(place, capsys, "pulls", "merge", str(number))[0] == 0
    assert git(place.remote, "show", f"main:{TWO}") == (after.replace("two/v2", "two/v7")).strip()


def test_a_commit_by_others_that_changes_the_model_is_not_bound(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    number = propose(place)
    branch = json.loads(cli(place, capsys, "pulls", "list", "--output", "json")[1])[0]["branch"]
    git(place.person, "fetch", "--quiet", "origin", branch)
    git(place.person, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    (place.person / SCORE).write_text(service(model="evil", percent=None))
    git(place.person, "commit", "--quiet", "--all", "--message", "Just a little thing")
    git(place.person, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
    code, out = cli(place, capsys, "check", "--output", "json")
    assert code == 1
    (checked,) = json.loads(out)["checked"]
    assert [finding["code"] for finding in checked["findings"]] == ["not-bound"]
    assert cli(place, capsys, "pulls", "merge", str(number))[0] == 1


def test_a_merge_queue_that_brings_a_new_model_first_is_not_bound(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fresh on the base, but the group holds another pull request with a new model before it."""
    number = propose(place)
    git(place.person, "checkout", "--quiet", "-B", "queue", "origin/main")
    (place.person / SCORE).write_text(service(model="v9"))
    git(place.person, "commit", "--quiet", "--all", "--message", "First in the queue")
    head = head_of(place, number)
    git(place.person, "fetch", "--quiet", "origin", head)
    git(place.person, "merge", "--quiet", "--no-edit", head)
    git(place.person, "push", "--quiet", "origin", "HEAD:refs/heads/queue/main")
    code, out = cli(place, capsys, "check", "--head", "queue/main")
    assert code == 1
    assert "not-bound" in out


def test_green_at_once_where_no_rollout_is_touched(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    git(place.person, "checkout", "--quiet", "-B", "feature", "origin/main")
    (place.person / SCORE).write_text(service(model="v9"))
    git(place.person, "commit", "--quiet", "--all", "--message", "A person's own change")
    git(place.person, "push", "--quiet", "origin", "HEAD:refs/heads/feature")
    code, out = cli(place, capsys, "check", "--head", "feature")
    assert code == 0
    assert "no-rollout" in out


def test_a_head_that_does_not_exist_is_said(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--repo", str(place.clone), "--head", "nowhere"]) == 1
    assert "refs/heads/nowhere" in capsys.readouterr().err
    assert run(["check", "--repo", str(place.clone), "--head", "1" * 40]) == 1
    assert "1" * 40 in capsys.readouterr().err


def test_closing_is_a_veto_and_keeps_the_branch(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    number = propose(place)
    assert cli(place, capsys, "pulls", "close", str(number), "--reason", "not today")[0] == 0
    assert cli(place, capsys, "pulls", "list")[1] == ""
    (pull,) = json.loads(cli(place, capsys, "pulls", "list", "--all", "--output", "json")[1])
    assert (pull["state"], pull["closedByUs"]) == ("closed", False)
    assert place.refs(f"refs/heads/{pull['branch']}")
    assert cli(place, capsys, "pulls", "merge", str(number))[0] == 1
    assert run(["pulls", "show", "99", "--repo", str(place.clone)]) == 1


def test_show_says_what_people_need_and_no_hidden_line(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    number = propose(place)
    code, out = cli(place, capsys, "pulls", "show", str(number))
    assert code == 0
    assert "may be merged" in out
    assert "Why" in out
    assert "<!--" not in out
