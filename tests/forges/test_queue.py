"""Merges that the forge makes later: GitHub's queue and auto-merge, GitLab's train and auto-merge, nothing unbound."""

from pathlib import Path

import pytest

from gitops_rollout.model.change import Did, PullState
from tests.forges.contract import ForgeContract
from tests.forges.hosted_bench import GitHubBench, GitLabBench, HostedBench


@pytest.fixture
def github(tmp_path: Path) -> GitHubBench:
    return GitHubBench(tmp_path)


@pytest.fixture
def gitlab(tmp_path: Path) -> GitLabBench:
    return GitLabBench(tmp_path)


def waits(bench: HostedBench, words: str) -> None:
    """It is handed over once, and found there by the next run."""
    pull = ForgeContract().opened(bench)
    for _ in range(2):
        report = bench.forge().enqueue(pull, bench.base())
        assert (report.did, report.state) == (Did.FOUND, PullState.OPEN), report
        assert words in report.message


def test_github_s_queue(github: GitHubBench) -> None:
    github.fake.graphql.queue = True
    waits(github, "merge queue")
    assert github.fake.graphql.mutations == ["Enqueue"]


def test_github_s_queue_while_checks_still_run(github: GitHubBench) -> None:
    github.fake.graphql.queue, github.fake.graphql.checks = True, False
    waits(github, "requirements")
    assert github.fake.graphql.mutations == ["Enqueue", "AutoMerge"]


def test_github_s_auto_merge(github: GitHubBench) -> None:
    github.fake.graphql.checks = False
    waits(github, "auto-merge")
    assert github.fake.graphql.waiting == {1: "MERGE"}


def test_github_merges_at_once_where_nothing_is_waited_for(github: GitHubBench) -> None:
    pull = ForgeContract().opened(github)
    assert github.forge().enqueue(pull, github.base()).did is Did.MERGED


def test_github_without_queue_and_auto_merge_says_so(github: GitHubBench) -> None:
    github.fake.graphql.auto_merge = False
    pull = ForgeContract().opened(github)
    report = github.forge().enqueue(pull, github.base())
    assert report.did is Did.CONFLICT
    assert "merge: auto" in report.message


def test_gitlab_s_train(gitlab: GitLabBench) -> None:
    gitlab.fake.trains = True
    waits(gitlab, "merge train")
    assert gitlab.fake.aboard == {1}


def test_gitlab_s_auto_merge(gitlab: GitLabBench) -> None:
    gitlab.fake.pipeline = False
    waits(gitlab, "pipeline")
    assert gitlab.fake.waiting == {1}


def test_gitlab_merges_at_once_where_nothing_is_waited_for(gitlab: GitLabBench) -> None:
    pull = ForgeContract().opened(gitlab)
    assert gitlab.forge().enqueue(pull, gitlab.base()).did is Did.MERGED


@pytest.mark.parametrize("bench", ["github", "gitlab"])
def test_another_head_is_never_handed_over(bench: str, request: pytest.FixtureRequest) -> None:
    """Pushed to between our look and the forge's: the request itself carries the head."""
    there: HostedBench = request.getfixturevalue(bench)
    if isinstance(there, GitLabBench):
        there.fake.trains = True
    else:
        assert isinstance(there, GitHubBench)
        there.fake.graphql.queue = True
    pull = ForgeContract().opened(there)
    there.person_commits(pull.branch)
    assert there.api().enqueue(pull) is not None
    assert there.forge().enqueue(pull, there.base()).did is Did.CONFLICT
    fakes = (there.fake.aboard,) if isinstance(there, GitLabBench) else (there.fake.graphql.queued,)
    assert fakes == (set(),)
