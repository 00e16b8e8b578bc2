"""Tried again on purpose, started by nobody, and cut off in the middle."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gitops_rollout.forges.github.forge import actions_caveat
from gitops_rollout.forges.hosted import HostedForge
from gitops_rollout.model.change import Did, PullState
from gitops_rollout.model.errors import ForgeError
from tests.deaths.story import path, service
from tests.demands.site import make_site
from tests.forges.contract import ForgeContract
from tests.forges.hosted_bench import GitHubBench
from tests.worlds import git


def test_a_canary_that_failed_can_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """flagger#1152: a canary that had failed for a reason that was gone could not be tried again without a fake change.

    The naive way remembers "this model failed" for ever, or asks for an annotation, which is a new revision by itself.
    Here a person sets the percent again, and that is all; the InferenceService never holds a request.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = make_site(tmp_path)
    site.live = "simulated:failed=*/v2"
    assert site.reconcile()["score"]["decision"]["action"] == "rollback"
    assert site.pulls_command("merge", "1") == 0
    site.now = site.now.replace(year=site.now.year + 1)
    site.live = "simulated:"
    target = site.reconcile()["score"]
    assert target["decision"]["reason"] in ("rolled-back", "known-bad")
    assert "set a percent" in target["decision"]["message"], "it says how it is tried again"
    text = git(site.place.remote, "show", f"main:{path('score')}")
    assert "annotations" not in text
    site.commit({path("score"): service("score", "v2", 10)}, "Once more, the registry is back")
    assert site.reconcile()["score"]["decision"]["action"] == "step"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHubBench:
    settings = tmp_path / "gitconfig"
    settings.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    return GitHubBench(tmp_path)


def test_a_pull_request_that_starts_no_checks_says_so(bench: GitHubBench) -> None:
    """create-pull-request#48: opened with the token of GitHub Actions, no required check ever started."""
    forge = bench.forge()
    forge.api.caveat = actions_caveat("ghs_x", {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": "ghs_x"})
    report = forge.publish([ForgeContract().draft(bench)])[0]
    assert report.did is Did.CREATED
    assert "required checks" in report.message
    assert not bench.forge().publish([ForgeContract().draft(bench, "a")])[0].message


class Flaky:
    """A forge behind a gateway that loses answers: 504, before or after the server has done what it was asked to."""

    def __init__(self, bench: GitHubBench, what: str, *, done: bool) -> None:
        self.bench, self.what, self.done, self.lost = bench, what, done, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if f"{request.method} {request.url.path}".endswith(self.what) and not self.lost:
            self.lost += 1
            if self.done:
                self.bench.fake(request)
            return httpx.Response(504, text="<html>upstream timed out</html>")
        return self.bench.fake(request)

    def forge(self) -> HostedForge:
        forge = self.bench.forge()
        client: Any = forge.api
        client._client = self.bench.client("https://api.github.example", {"Authorization": "Bearer secret"}, self)
        return forge


def test_a_create_whose_answer_was_lost_is_found_and_not_made_twice(bench: GitHubBench) -> None:
    """A 504 while waiting was read as a failure, and killed a promotion that had succeeded."""
    flaky = Flaky(bench, "POST /repos/acme/models/pulls", done=True)
    report = flaky.forge().publish([ForgeContract().draft(bench)])[0]
    assert (flaky.lost, report.did, report.number) == (1, Did.CREATED, 1)
    assert len(bench.forge().open_pulls()) == 1


def test_a_create_that_never_came_through_is_made_by_the_next_run(bench: GitHubBench) -> None:
    flaky = Flaky(bench, "POST /repos/acme/models/pulls", done=False)
    draft = ForgeContract().draft(bench)
    report = flaky.forge().publish([draft])[0]
    assert report.did is Did.CONFLICT
    assert "504" in report.message
    assert "<html>" not in report.message
    assert bench.forge().publish([draft])[0].did is Did.CREATED


def test_one_lost_answer_does_not_stop_the_others(bench: GitHubBench) -> None:
    flaky = Flaky(bench, "POST /repos/acme/models/pulls", done=False)
    contract = ForgeContract()
    reports = flaky.forge().publish([contract.draft(bench, name) for name in ("a", "b", "c")])
    assert [report.did for report in reports] == [Did.CONFLICT, Did.CREATED, Did.CREATED]


@pytest.mark.parametrize("done", [True, False])
def test_a_merge_whose_answer_was_lost_is_looked_at_and_never_called_a_failure(bench: GitHubBench, done: bool) -> None:
    pull = ForgeContract().opened(bench)
    flaky = Flaky(bench, "/merge", done=done)
    outcome = attempted(lambda: flaky.forge().merge(pull, bench.base()))
    now = bench.forge().pull(pull.number)
    assert now is not None
    assert now.state is (PullState.MERGED if done else PullState.OPEN)
    if isinstance(outcome, ForgeError):
        assert "504" in outcome.message
        assert outcome.hint, "it says that the next run looks first"
    again = bench.forge().merge(replace(pull, state=now.state), bench.base())
    assert again.did is (Did.NONE if done else Did.MERGED)


def attempted(act: Callable[[], Any]) -> Any:
    """What came of it: its result, or the error as a value."""
    try:
        return act()
    except ForgeError as error:
        return error
