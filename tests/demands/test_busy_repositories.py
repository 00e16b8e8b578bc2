"""Many people push to one repository all the time."""

from datetime import timedelta
from pathlib import Path

import pytest

from gitops_rollout.model.doors import CommitRequest, PushRefusal, RefUpdate
from gitops_rollout.repository import open_repository
from gitops_rollout.repository.push_answer import read_answers
from tests.deaths.story import path, service
from tests.demands.site import Site, make_site
from tests.worlds import git

# What git said in the reports of people whose promotions failed in busy repositories, and what it means for the lease.
REJECTIONS = {
    "! [rejected] (non-fast-forward)": PushRefusal.MOVED,
    "! [rejected] (fetch first)": PushRefusal.MOVED,
    "! [rejected] (stale info)": PushRefusal.MOVED,
    "! [remote rejected] (cannot lock ref 'refs/heads/x': is at 1 but expected 2)": None,
    "! [remote rejected] (incorrect old value provided)": None,
}

# Somebody else's commit arrives on the base branch while ours is being received.
_BUSY = """#!/bin/sh
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
made=$(git -c user.name=B -c user.email=b@example.org commit-tree -p main -m Busy 'main^{tree}')
git update-ref refs/heads/main "$made"
"""


@pytest.mark.parametrize("said", REJECTIONS)
def test_every_way_of_git_to_say_that_somebody_was_quicker_is_known(said: str) -> None:
    """kargo#3071, kargo#5286: promotions failed in monorepos, since only one of git's sentences was known as a race.

    None means: it is asked again with the same lease, and the answer to that tells.
    """
    flag, _, summary = said.partition(" ")
    answers = read_answers(f"{flag}\tabc:refs/heads/x\t{summary}\n", "")
    assert (answers["refs/heads/x"].taken, answers["refs/heads/x"].refusal) == (False, REJECTIONS[said])


def test_a_base_that_moves_while_a_run_goes_on_is_no_error(site: Site) -> None:
    """kargo#3071: somebody else's push in between failed the run. Ours needs nothing of the base branch's tip."""
    hook = site.place.remote / "hooks" / "pre-receive"
    hook.write_text(_BUSY)
    hook.chmod(0o755)
    before = git(site.place.remote, "rev-parse", "main")
    assert site.reconcile()["score"]["pullRequest"]["did"] == "created"
    assert git(site.place.remote, "rev-parse", "main") != before, "the base did move in the middle of the push"
    hook.unlink()
    assert site.reconcile()["score"]["pullRequest"]["did"] == "found"


def test_a_lost_race_for_a_branch_loses_nobody_s_work(site: Site, tmp_path: Path) -> None:
    """The naive way forces: whoever comes last wins, and the other's commit is gone."""
    repository = open_repository(str(site.place.remote), cache=tmp_path / "store")
    _, base = repository.base_commit(None)
    ours, theirs = repository.commit([CommitRequest(base, {"a": b"1"}, "One"), CommitRequest(base, {"a": b"2"}, "Two")])
    branch = "refs/heads/gitops-rollout/prod/fraud/score/promote-00000000"
    assert repository.push([[RefUpdate(branch, theirs, None)]])[0].accepted
    lost = repository.push([[RefUpdate(branch, ours, None)]])[0]
    assert (lost.accepted, lost.refusal) == (False, PushRefusal.MOVED)
    assert site.place.refs()[branch] == theirs


def test_a_branch_never_gets_stale(site: Site) -> None:
    """image-automation#450: the branch of an open pull request kept its old commits, and conflicted in the end.

    The naive way commits on top of what the branch holds. Ours is one commit on the base, made anew from it.
    """
    site.reconcile()
    (old,) = site.branches().values()
    text = service("score", "v2", 10)
    site.commit({path("score"): text.replace("    model:", "    # asked for by Ann\n    model:")}, "A note beside it")
    site.now += timedelta(hours=3)
    site.reconcile()
    (new,) = site.branches().values()
    base = git(site.place.remote, "rev-parse", "main")
    assert new != old
    assert git(site.place.remote, "rev-list", "--count", f"main..{new}") == "1"
    assert git(site.place.remote, "rev-parse", f"{new}^") == base
    assert "asked for by Ann" in git(site.place.remote, "show", f"{new}:{path('score')}")


def test_a_busy_base_starts_nobody_s_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """renovate#4145: each merge rebased every open pull request, and each rebase started CI: N merges, N² builds."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = make_site(tmp_path, "a", "b", "c")
    site.reconcile()
    refs = {**site.branches(), **site.place.refs("refs/gitops-rollout/")}
    assert len(site.branches()) == 3
    for number in range(4):
        site.commit({"README": f"Day {number}\n"}, "Elsewhere")
        site.reconcile()
        assert {**site.branches(), **site.place.refs("refs/gitops-rollout/")} == refs


def test_the_number_of_open_ones_is_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """renovate#4145 once more: a monorepo that enrols everything at once drowns in pull requests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = make_site(tmp_path, "a", "b", "c", "d", more="limits: {open: 2}\n")
    reasons = [target["decision"]["reason"] for target in site.reconcile().values()]
    assert len(site.pulls()) == 2
    assert reasons.count("open-limit") == 2, "the others say what they wait for"
