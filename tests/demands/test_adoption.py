"""A release adopts the pull requests of those before it: found by branch and trailers, and left alone.

`tests/data/adoption/first.json` is a pull request as the first release wrote it, and stays as it is: where this test
fails, an upgrade would close, double or rebuild what teams have open.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import Did, Draft
from gitops_rollout.repository import open_repository
from tests.deaths.story import path
from tests.demands.site import Site
from tests.worlds import git

FIRST = Path(__file__).parents[1] / "data" / "adoption" / "first.json"


@pytest.fixture
def first() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(FIRST.read_text(encoding="utf-8"))
    return found


def plant(site: Site, first: Mapping[str, Any], *, body: str | None = None) -> str:
    """Open it as the first release did; returns the branch's commit."""
    place = site.place
    git(place.person, "checkout", "--quiet", "--detach", "origin/main")
    (place.person / path("score")).write_text(first["text"])
    git(place.person, "add", "--all")
    us = {f"GIT_{who}_{what}": first[what] for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = datetime.fromisoformat(first["date"])
    git(place.person, "commit", "--quiet", "--cleanup=verbatim", "--message", first["message"], when=when, env=us)
    git(place.person, "push", "--quiet", "origin", f"HEAD:refs/heads/{first['branch']}")
    head = git(place.person, "rev-parse", "HEAD")
    text = first["body"] if body is None else body
    draft = Draft("prod/fraud/score", first["branch"], head, "main", first["title"], text, tuple(first["labels"]))
    assert LocalForge(open_repository(str(place.remote)), site.now).publish([draft])[0].did is Did.CREATED
    return head


def test_it_is_read_as_what_it_is(first: Mapping[str, Any]) -> None:
    name, marker, said = parse_branch(first["branch"]), parse_marker(first["body"]), parse_trailers(first["message"])
    assert name is not None
    assert marker is not None
    assert (name.change, name.action, name.id) == (marker.change, marker.action, marker.id)
    assert said.ours
    assert (said.base, said.action) == (marker.base, name.action)
    assert {part: one.uid for part, one in said.candidates.items()} == marker.candidates
    assert {part: one.uid for part, one in said.baselines.items()} == marker.baselines


def test_it_is_found_and_left_alone(site: Site, first: Mapping[str, Any]) -> None:
    head = plant(site, first)
    for _ in range(2):
        report = site.reconcile()["score"]["pullRequest"]
        assert (report["did"], report["number"]) == ("found", 1)
    (pull,) = site.pulls(state=None).values()
    assert (pull["number"], pull["state"], pull["head"]) == (1, "open", head)
    assert (pull["title"], pull["body"]) == (first["title"], first["body"])
    assert site.branches() == {f"refs/heads/{first['branch']}": head}


def test_a_lost_hidden_line_is_no_reason_for_another(site: Site, first: Mapping[str, Any]) -> None:
    """Forges and people edit bodies: branch and trailers are enough."""
    head = plant(site, first, body="Somebody has rewritten all of this.")
    site.reconcile()
    (pull,) = site.pulls(state=None).values()
    assert (pull["number"], pull["state"], pull["head"]) == (1, "open", head)


def test_its_veto_still_counts(site: Site, first: Mapping[str, Any]) -> None:
    plant(site, first)
    assert site.pulls_command("close", "1", "--reason", "no") == 0
    assert site.reconcile()["score"]["decision"]["reason"] == "vetoed"
    assert not site.pulls()


def test_it_may_be_merged(site: Site, first: Mapping[str, Any]) -> None:
    plant(site, first)
    assert site.pulls_command("merge", "1") == 0
    assert git(site.place.remote, "show", f"main:{path('score')}") == first["text"].strip()
