"""GitLab: the contract of all forges on a stateful fake, and what is its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from gitops_rollout.model.change import Did
from tests.forges.commits_contract import CommitsBench, CommitsContract
from tests.forges.contract import Bench, ForgeContract
from tests.forges.hosted_bench import GitLabBench


@pytest.fixture
def bench(tmp_path: Path) -> GitLabBench:
    return GitLabBench(tmp_path)


class TestContract(ForgeContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return GitLabBench(tmp_path)


class TestCommits(CommitsContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> CommitsBench:
        return GitLabBench(tmp_path)


def test_a_merge_waits_until_gitlab_has_found_out(bench: GitLabBench) -> None:
    pull = ForgeContract().opened(bench)
    bench.fake.checking = 3
    assert bench.forge().merge(pull, bench.base()).did is Did.MERGED
    assert bench.waits == [1, 1, 1]


def test_people_are_named_by_their_ids(bench: GitLabBench) -> None:
    draft = replace(ForgeContract().draft(bench), reviewers=("ada",), assignees=("bob",), draft=True)
    assert bench.forge().publish([draft])[0].did is Did.CREATED
    made = next(body for method, path, body in bench.fake.asked if method == "POST")
    assert (made["reviewer_ids"], made["assignee_ids"], made["title"]) == ([42], [42], "Draft: Promote score")


def test_a_person_who_does_not_exist_fails_that_one_only(bench: GitLabBench) -> None:
    drafts = [replace(ForgeContract().draft(bench, "a"), reviewers=("nobody",)), ForgeContract().draft(bench, "b")]
    reports = bench.forge().publish(drafts)
    assert [report.did for report in reports] == [Did.CONFLICT, Did.CREATED]
    assert "nobody" in reports[0].message
