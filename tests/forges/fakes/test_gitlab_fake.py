"""The fake of GitLab behaves as GitLab's API reference says (docs.gitlab.com/api: merge_requests, notes, commits)."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.forges.fakes.gitlab import ROOT, FakeGitLab
from tests.forges.fakes.pulls import Pulls
from tests.repository.repos import commit, git

PROJECT = ROOT.removesuffix("/merge_requests")


@pytest.fixture
def fake(tmp_path: Path) -> FakeGitLab:
    """A project with a branch `topic` one commit ahead of `main`."""
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(remote))
    git(tmp_path, "clone", "-q", str(remote), str(clone))
    commit(clone, {"a": "1\n"}, "First")
    git(clone, "push", "-q", "origin", "HEAD:main")
    commit(clone, {"a": "2\n"}, "Second")
    git(clone, "push", "-q", "origin", "HEAD:topic")
    return FakeGitLab(Pulls(remote, closes_with_branch=False))


def ask(fake: FakeGitLab, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
    headers = {"private-token": "secret"}
    url = f"https://gitlab.example{path}"
    response = fake(httpx.Request(method, url, json=body, params=query or None, headers=headers))
    return response.status_code, response.json() if response.content else None


def opened(fake: FakeGitLab, **more: Any) -> dict[str, Any]:
    body = {"source_branch": "topic", "target_branch": "main", "title": "T", "description": "D", **more}
    status, answer = ask(fake, "POST", ROOT, body)
    assert status == 201
    made: dict[str, Any] = answer
    return made


def listed(fake: FakeGitLab, state: str, size: int = 20, page: int = 1) -> list[dict[str, Any]]:
    status, answer = ask(fake, "GET", ROOT, state=state, target_branch="main", per_page=size, page=page)
    assert status == 200
    found: list[dict[str, Any]] = answer
    return found


def test_one_open_merge_request_a_branch(fake: FakeGitLab) -> None:
    made = opened(fake, labels="a,b")
    assert (made["iid"], made["state"], made["labels"]) == (1, "opened", ["a", "b"])
    body = {"source_branch": "topic", "target_branch": "main", "title": "T", "description": "D"}
    status, answer = ask(fake, "POST", ROOT, body)
    assert status == 409
    assert "already exists" in answer["message"][0]


def test_a_draft_is_told_by_its_title(fake: FakeGitLab) -> None:
    made = opened(fake, title="Draft: T")
    assert (made["draft"], made["title"]) == (True, "Draft: T")
    assert ask(fake, "PUT", f"{ROOT}/1", {"title": "T"})[1]["draft"] is False


def test_lists_go_by_state_and_by_pages(fake: FakeGitLab) -> None:
    opened(fake)
    assert [one["iid"] for one in listed(fake, "opened")] == [1]
    assert listed(fake, "opened", page=2) == []
    assert listed(fake, "closed") == []
    ask(fake, "PUT", f"{ROOT}/1", {"state_event": "close"})
    assert [one["state"] for one in listed(fake, "closed")] == ["closed"]
    ask(fake, "PUT", f"{ROOT}/1", {"state_event": "reopen"})
    assert [one["iid"] for one in listed(fake, "opened")] == [1]


def test_a_deleted_branch_leaves_it_open(fake: FakeGitLab) -> None:
    """Unlike GitHub: docs.gitlab.com/user/project/merge_requests."""
    opened(fake)
    git(fake.pulls.remote, "update-ref", "-d", "refs/heads/topic")
    assert [one["state"] for one in listed(fake, "opened")] == ["opened"]


def test_a_merge_takes_the_head_that_was_looked_at_and_no_other(fake: FakeGitLab) -> None:
    made = opened(fake)
    status, _ = ask(fake, "PUT", f"{ROOT}/1/merge", {"sha": "0" * 40})
    assert status == 409
    fake.checking = 1
    assert ask(fake, "PUT", f"{ROOT}/1/merge", {"sha": made["sha"]})[0] == 405
    status, answer = ask(fake, "PUT", f"{ROOT}/1/merge", {"sha": made["sha"]})
    assert (status, answer["state"]) == (200, "merged")
    assert fake.pulls.heads()["main"] == answer["merge_commit_sha"]
    assert ask(fake, "PUT", f"{ROOT}/1/merge", {"sha": made["sha"]})[0] == 405


def test_notes_are_kept_edited_and_deleted(fake: FakeGitLab) -> None:
    opened(fake)
    notes = f"{ROOT}/1/notes"
    status, note = ask(fake, "POST", notes, {"body": "one"})
    assert status == 201
    assert ask(fake, "PUT", f"{notes}/{note['id']}", {"body": "two"})[1]["body"] == "two"
    shown = ask(fake, "GET", notes, sort="asc", per_page=20, page=1)[1]
    assert [one["body"] for one in shown] == ["two"]
    assert ask(fake, "DELETE", f"{notes}/{note['id']}") == (204, None)
    assert ask(fake, "GET", notes, sort="asc", per_page=20, page=1)[1] == []


def test_a_status_that_is_pending_cannot_become_pending(fake: FakeGitLab) -> None:
    """GitLab answers 400 to it: an adapter that writes without looking first fails here."""
    head = opened(fake)["sha"]
    body = {"name": "gitops-rollout/ready", "state": "pending", "description": "held"}
    assert ask(fake, "POST", f"{PROJECT}/statuses/{head}", body)[0] == 201
    assert ask(fake, "POST", f"{PROJECT}/statuses/{head}", body)[0] == 400
    assert ask(fake, "POST", f"{PROJECT}/statuses/{head}", {**body, "state": "success"})[0] == 201


def test_a_commit_through_the_api_makes_a_new_branch_once(fake: FakeGitLab) -> None:
    base = fake.pulls.heads()["main"]
    action = {"action": "update", "file_path": "a", "content": "Mwo=", "encoding": "base64"}
    body = {"branch": "made", "start_sha": base, "commit_message": "M", "actions": [action]}
    status, answer = ask(fake, "POST", f"{PROJECT}/repository/commits", body)
    assert status == 201
    assert fake.pulls.heads()["made"] == answer["id"]
    assert git(fake.pulls.remote, "show", "made:a") == "3"
    assert ask(fake, "POST", f"{PROJECT}/repository/commits", body)[0] == 400


def test_what_it_does_not_know_is_an_error_of_the_test(fake: FakeGitLab) -> None:
    with pytest.raises(AssertionError, match="knows no"):
        ask(fake, "POST", "/api/v4/groups", {})
    with pytest.raises(AssertionError):
        ask(fake, "GET", ROOT, state="opened", target_branch="main", per_page=20, page=1, made_up=1)
    assert ask(fake, "GET", f"{ROOT}/99")[0] == 404
