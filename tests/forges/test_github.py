"""GitHub: the contract of all forges on a stateful fake, and what is its own."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gitops_rollout.core.lifecycle.ready import is_bare
from gitops_rollout.forges.github.forge import GitHubApi, actions_caveat, api_url
from gitops_rollout.model.change import Did, Draft, PullRequest, PullState
from gitops_rollout.model.policy import PullPolicy
from gitops_rollout.model.remarks import Remark
from tests.forges.commits_contract import CommitsBench, CommitsContract
from tests.forges.contract import Bench, ForgeContract
from tests.forges.hosted_bench import GitHubBench


@pytest.fixture
def bench(tmp_path: Path) -> GitHubBench:
    return GitHubBench(tmp_path)


class TestContract(ForgeContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return GitHubBench(tmp_path)


class TestCommits(CommitsContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> CommitsBench:
        return GitHubBench(tmp_path)


def test_labels_reviewers_teams_and_assignees(bench: GitHubBench) -> None:
    people = {"reviewers": ("ada", "acme/ml"), "assignees": ("bob",), "draft": True}
    draft = replace(ForgeContract().draft(bench), **people)
    assert bench.forge().publish([draft])[0].did is Did.CREATED
    pull = bench.pulls.pulls[1]
    assert (pull.labels, pull.reviewers, pull.assignees, pull.draft) == (["rollout"], ["ada", "ml"], ["bob"], True)


def test_a_reviewer_that_github_refuses_does_not_hide_that_it_is_open(bench: GitHubBench) -> None:
    draft = replace(ForgeContract().draft(bench), reviewers=("nobody",))
    report = bench.forge().publish([draft])[0]
    assert (report.did, report.number) == (Did.CREATED, 1)
    assert "collaborators" in report.message


def test_merged_the_way_that_the_repository_allows(bench: GitHubBench) -> None:
    bench.fake.methods = ("rebase",)
    pull = ForgeContract().opened(bench)
    assert bench.forge().merge(pull, bench.base()).did is Did.MERGED
    tried = [body["merge_method"] for method, path, body in bench.fake.asked if path.endswith("/merge")]
    assert tried == ["merge", "squash", "rebase"]


def test_a_merge_queue_gets_the_expected_head(bench: GitHubBench) -> None:
    bench.fake.graphql.queue = True
    pull = ForgeContract().opened(bench)
    for _ in range(2):  # the second time it is there already
        report = bench.forge().merge(pull, bench.base())
        assert (report.did, report.state) == (Did.FOUND, PullState.OPEN)
        assert "merge queue" in report.message
    assert bench.fake.graphql.queued == {1}
    assert bench.fake.graphql.mutations == ["Enqueue"]


def test_a_close_and_a_later_deletion_are_a_persons_no(bench: GitHubBench) -> None:
    pull = ForgeContract().opened(bench)
    bench.person_closes(pull.number)
    bench.pulls.seconds += 5
    bench.pulls.pulls[1].events.append(("head_ref_deleted", bench.pulls.now(), "person"))
    bench.person_deletes(pull.branch)
    (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
    assert not ended.branch_deleted


def test_actions_own_token_is_told_from_others() -> None:
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": "ghs_x"}
    assert "required checks" in actions_caveat("ghs_x", environment)
    assert actions_caveat("another", environment) == ""
    assert actions_caveat("ghs_x", {"GITHUB_TOKEN": "ghs_x"}) == ""


def test_where_the_api_is() -> None:
    assert api_url("https://github.com") == "https://api.github.com"
    assert api_url("https://github.acme.example") == "https://github.acme.example/api/v3"


def test_requests_do_not_grow_with_what_is_found(bench: GitHubBench) -> None:
    """One listing of open ones and one of ended ones, however many changes are looked up."""
    ForgeContract().opened(bench)
    bench.fake.asked.clear()
    forge = bench.forge()
    forge.open_pulls()
    for number in range(1000):
        forge.ended_pulls(f"gitops-rollout/prod/fraud/model-{number}/")
    assert len(bench.fake.asked) == 2


def deleted_after(bench: GitHubBench, seconds: int) -> bool:
    """Whether a close that a deletion followed after so many seconds is taken for a mere deletion."""
    pull = ForgeContract().opened(bench)
    bench.person_closes(pull.number)
    closed = bench.pulls.pulls[1].ended or ""
    when = (datetime.fromisoformat(closed) + timedelta(seconds=seconds)).isoformat()
    bench.pulls.pulls[1].events.append(("head_ref_deleted", when, "person"))
    bench.person_deletes(pull.branch)
    (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
    return ended.branch_deleted


@pytest.mark.parametrize(("seconds", "deletion"), [(-3, True), (0, True), (1, False), (60, False), (-60, False)])
def test_a_script_that_closes_and_then_deletes_says_no(bench: GitHubBench, seconds: int, deletion: bool) -> None:
    assert deleted_after(bench, seconds) is deletion


def bare(bench: GitHubBench, monkeypatch: pytest.MonkeyPatch) -> tuple[PullRequest, Draft]:
    """Opened by a run that was killed before it could add labels."""
    draft = replace(ForgeContract().draft(bench), reviewers=("ada",), assignees=("bob",))
    with monkeypatch.context() as patch:
        patch.setattr(GitHubApi, "decorate", lambda self, number, draft: None)
        assert bench.forge().publish([draft])[0].did is Did.CREATED
    (pull,) = bench.forge().open_pulls()
    return pull, draft


def test_what_was_opened_bare_is_decorated_later(bench: GitHubBench, monkeypatch: pytest.MonkeyPatch) -> None:
    pull, draft = bare(bench, monkeypatch)
    assert is_bare(pull, PullPolicy(labels=draft.labels))
    (done,) = bench.forge().remark([Remark(pull, bare=draft)])
    assert (done.wrote, done.problem) == (True, None)
    (pull,) = bench.forge().open_pulls()
    assert (pull.labels, pull.reviewers, pull.assignees) == (("rollout",), ("ada",), ("bob",))
    assert not is_bare(pull, PullPolicy(labels=draft.labels))


def test_what_a_person_took_off_stays_off(bench: GitHubBench) -> None:
    draft = ForgeContract().draft(bench)
    bench.forge().publish([draft])
    bench.pulls.pulls[1].labels.clear()
    (pull,) = bench.forge().open_pulls()
    assert is_bare(pull, PullPolicy(labels=draft.labels))
    (done,) = bench.forge().remark([Remark(pull, bare=draft)])
    assert not done.wrote
    assert bench.forge().open_pulls()[0].labels == ()


def test_a_refused_reviewer_keeps_not_from_labels(bench: GitHubBench) -> None:
    draft = replace(ForgeContract().draft(bench), reviewers=("nobody",))
    assert "collaborators" in bench.forge().publish([draft])[0].message
    assert bench.forge().open_pulls()[0].labels == ("rollout",)
