"""The same thing over and over: commits for nothing, pull requests for nothing, and two for one."""

from datetime import timedelta
from pathlib import Path

import pytest

from gitops_rollout.manifests.edit import edit
from gitops_rollout.model.change import Edit
from gitops_rollout.model.targets import Component
from tests.deaths.story import path, service
from tests.demands.site import Site
from tests.worlds import git


def test_the_same_change_is_not_committed_for_ever(site: Site) -> None:
    """flux2#3384, flux2#3343: the same change was pushed at each run and started CI: every 60 s, for days.

    The naive way makes its commit at the time of the run, so that it differs although its tree does not.
    """
    site.reconcile()
    refs = site.place.refs()
    (branch,) = site.branches().values()
    tree, parent = git(site.place.remote, "rev-parse", f"{branch}^{{tree}}", f"{branch}^").split()
    naive = {
        git(site.place.remote, "commit-tree", tree, "-p", parent, "-m", "Promote", when=site.now + timedelta(minutes=n))
        for n in range(3)
    }
    assert len(naive) == 3
    for minute in range(1, 9):
        site.now += timedelta(minutes=minute)
        assert site.reconcile()["score"]["pullRequest"]["did"] == "found"
    assert site.place.refs() == refs


def test_another_runner_with_an_empty_cache_makes_the_very_same_commit(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CI starts from nothing each time: what is remembered nowhere must come out the same."""
    site.reconcile()
    refs = site.place.refs()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    git(site.place.clone, "fetch", "--quiet")
    site.reconcile(repo=site.place.clone)
    assert site.place.refs() == refs


def test_no_difference_no_pull_request(site: Site) -> None:
    """image-updater#1805: an edit that changed nothing still asked for a pull request: 422 at each run, for weeks.

    The naive way commits whatever the edit gave back. Here an edit that changes nothing is a result of its own.
    """
    data = service("score", "v2", 25).encode()
    asked = [Edit(0, (), Component.PREDICTOR, 25)]
    result = edit(data, asked, path("score"))
    assert [outcome.outcome for outcome in result.outcomes] == ["unchanged"]
    assert result.data == data
    site.commit({path("score"): service("score", "v2", 100)}, "A person was quicker: all of it")
    site.commit({path("score"): service("score", "v2")}, "And took the field away")
    site.now += timedelta(days=1)
    assert site.reconcile()["score"]["decision"]["action"] == "stable"
    assert not site.pulls()
    assert not site.branches()


def test_one_pull_request_a_change_however_it_is_run(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """image-updater#1686, kargo#2845: two pull requests for one change.

    The naive way names its branch after the run (a number, a time, a hash of the message): every run has its own.
    """
    for place in (site.place.remote, site.place.clone):
        for cache in ("one", "two"):
            monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
            site.now += timedelta(minutes=7)
            site.reconcile(repo=place)
    assert len(site.pulls(state=None)) == 1
