"""A no that was said long ago counts: ended pull requests are found beyond the newest ones."""

from pathlib import Path

import pytest

from gitops_rollout.forges.gitea import forge as gitea_forge
from gitops_rollout.forges.github import forge as github_forge
from gitops_rollout.forges.gitlab import forge as gitlab_forge
from tests.forges.contract import ForgeContract
from tests.forges.git_bench import GitBench
from tests.forges.hosted_bench import GitHubBench, GitLabBench
from tests.forges.test_gitea import GiteaBench
from tests.servers.gitea import Gitea

SCORE = "gitops-rollout/prod/fraud/score"


def long_ago(bench: GitBench) -> tuple[int, int]:
    """One of `score` that a person closed, then one of another change; the numbers of both."""
    contract = ForgeContract()
    first = contract.opened(bench)
    bench.person_closes(first.number)
    other = contract.opened(bench, "a")
    bench.person_closes(other.number)
    return first.number, other.number


def ended(bench: GitBench) -> list[int]:
    forge = bench.forge()
    forge.open_pulls()
    return [pull.number for pull in forge.ended_pulls(SCORE)]


@pytest.fixture(autouse=True)
def one_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest ended one is listed."""
    for module in (github_forge, gitlab_forge, gitea_forge):
        monkeypatch.setattr(module, "PAGE", 1)
        monkeypatch.setattr(module, "MOST_ENDED_PAGES", 1)


@pytest.mark.parametrize("kind", [GitHubBench, GitLabBench])
def test_on_the_fakes(kind: type[GitHubBench | GitLabBench], tmp_path: Path) -> None:
    bench = kind(tmp_path)
    first, _ = long_ago(bench)
    assert ended(bench) == [first]


def test_githubs_search_is_allowed(tmp_path: Path, github_mock: str) -> None:
    from tests.forges.test_github_requests import ask

    bench = GitHubBench(tmp_path)
    long_ago(bench)
    bench.fake.asked.clear()
    ended(bench)
    searches = [(method, path) for method, path, _ in bench.fake.asked if path.startswith("/search/")]
    assert len(searches) == 1
    for method, path in searches:
        assert ask(f"{github_mock}{path}", method, None).status_code < 300


def test_on_a_real_gitea(gitea: Gitea, tmp_path: Path) -> None:
    bench = GiteaBench(tmp_path, server=gitea)
    first, _ = long_ago(bench)
    assert ended(bench) == [first]
