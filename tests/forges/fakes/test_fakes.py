"""The fakes refuse what the forges refuse."""

from pathlib import Path

import pytest

from tests.forges.fakes.pulls import Pulls, RefusedError
from tests.repository.repos import commit, git


@pytest.fixture
def pulls(tmp_path: Path) -> Pulls:
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(remote))
    git(tmp_path, "clone", "-q", str(remote), str(clone))
    commit(clone, {"a": "1\n"}, "First")
    git(clone, "push", "-q", "origin", "HEAD:main")
    commit(clone, {"a": "2\n"}, "Second")
    git(clone, "push", "-q", "origin", "HEAD:topic")
    return Pulls(remote)


def test_one_open_pull_request_a_branch(pulls: Pulls) -> None:
    pulls.create("topic", "main", "T", "")
    with pytest.raises(RefusedError, match="already exists"):
        pulls.create("topic", "main", "T", "")
    with pytest.raises(RefusedError, match="invalid"):
        pulls.create("nowhere", "main", "T", "")


def test_a_merge_needs_the_head_and_happens_once(pulls: Pulls) -> None:
    pull = pulls.create("topic", "main", "T", "")
    with pytest.raises(RefusedError, match="modified"):
        pulls.merge(pull.number, "0" * 40)
    commit_id = pulls.merge(pull.number, pull.head)
    assert pulls.heads()["main"] == commit_id
    with pytest.raises(RefusedError, match="not mergeable"):
        pulls.merge(pull.number, pull.head)


def test_a_conflict_is_refused(pulls: Pulls) -> None:
    pull = pulls.create("topic", "main", "T", "")
    clone = pulls.remote.parent / "clone"
    git(clone, "checkout", "-q", "origin/main")
    commit(clone, {"a": "3\n"}, "Third")
    git(clone, "push", "-q", "origin", "HEAD:main")
    with pytest.raises(RefusedError, match="conflict"):
        pulls.merge(pull.number, pull.head)


@pytest.mark.parametrize("closes", [True, False])
def test_what_a_deleted_branch_does(pulls: Pulls, closes: bool) -> None:
    pulls.closes_with_branch = closes
    pull = pulls.create("topic", "main", "T", "")
    git(pulls.remote, "update-ref", "-d", "refs/heads/topic")
    assert pulls.look()[0].state == ("closed" if closes else "open")
    assert [event[0] for event in pull.events] == (["closed", "head_ref_deleted"] if closes else [])
    pulls.close(pull.number)
    with pytest.raises(RefusedError):
        pulls.reopen(pull.number)
