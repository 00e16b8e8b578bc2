"""Gitea, the real server: the contract of all forges, and what is its own."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gitops_rollout.forges.api_commits import ApiCommits, Maker
from gitops_rollout.forges.gitea.commits import GiteaCommits
from gitops_rollout.forges.gitea.forge import GiteaApi
from gitops_rollout.forges.hosted import HostedForge
from gitops_rollout.forges.http import Client
from gitops_rollout.model.change import Did, PullState
from gitops_rollout.repository.repository import GitRepository, open_repository
from tests.forges.commits_contract import CommitsBench, CommitsContract
from tests.forges.contract import Bench, ForgeContract
from tests.forges.git_bench import GitBench
from tests.forges.memory import EPOCH
from tests.servers.gitea import Gitea
from tests.servers.http import until

_names = (f"models-{number}" for number in itertools.count())


@dataclass
class GiteaBench(GitBench):
    """A repository of its own on a real server; the person works with git and the API."""

    server: Gitea | None = None
    name: str = ""

    def __post_init__(self) -> None:
        assert self.server is not None
        self.name = next(_names)
        self.server.new_repository(self.name)
        super().__post_init__()

    @property
    def gitea(self) -> Gitea:
        assert self.server is not None
        return self.server

    def prepare(self) -> None:
        """The server makes the repository; nothing is made here."""

    @property
    def url(self) -> str:
        return self.gitea.remote(self.name)

    def settle(self) -> None:
        self.gitea.await_first_push(self.name)

    def api(self) -> GiteaApi:
        client = Client(f"{self.gitea.url}/api/v1", {"Authorization": f"token {self.gitea.token}"})
        return GiteaApi(client, self.gitea.user, self.name, time.sleep)

    def repository(self) -> GitRepository:
        return open_repository(self.url, cache=self.root / "cache")

    def maker(self) -> GiteaCommits:
        client = Client(f"{self.gitea.url}/api/v1", {"Authorization": f"token {self.gitea.token}"})
        return GiteaCommits(client, self.gitea.user, self.name)

    def forge_that_commits(self, wrap: Callable[[Maker], Maker] = lambda maker: maker) -> HostedForge:
        store = self.repository()
        return HostedForge(self.api(), store, "main", EPOCH, ApiCommits(store, wrap(self.maker())))

    def forge(self, who: str = "gitops-rollout") -> HostedForge:  # type: ignore[override]  # another kind of forge
        return HostedForge(self.api(), self.repository(), "main", EPOCH)

    def person_closes(self, number: int) -> None:
        self.api().close(number)

    def person_reopens(self, number: int) -> None:
        self.api().reopen(number)

    def person_deletes(self, branch: str) -> None:
        super().person_deletes(branch)
        until(lambda: [pull.branch for pull in self.api().open_pulls("main")], lambda names: branch not in names)


@pytest.fixture
def bench(gitea: Gitea, tmp_path: Path) -> GiteaBench:
    return GiteaBench(tmp_path, server=gitea)


class TestContract(ForgeContract):
    @pytest.fixture
    def bench(self, gitea: Gitea, tmp_path: Path) -> Bench:
        return GiteaBench(tmp_path, server=gitea)


class TestCommits(CommitsContract):
    @pytest.fixture
    def bench(self, gitea: Gitea, tmp_path: Path) -> CommitsBench:
        return GiteaBench(tmp_path, server=gitea)


def test_a_close_after_which_the_branch_is_deleted_is_a_persons(bench: GiteaBench) -> None:
    pull = ForgeContract().opened(bench)
    bench.person_closes(pull.number)
    time.sleep(1.5)  # people need that long between two clicks
    GitBench.person_deletes(bench, pull.branch)
    (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
    assert (ended.state, ended.branch_deleted, ended.closed_by_us) == (PullState.CLOSED, False, False)


def test_a_branch_of_the_same_name_in_a_fork_is_not_ours(bench: GiteaBench) -> None:
    stranger = bench.gitea.new_user(f"stranger-{bench.name}")
    access = {"permission": "read"}
    path = f"/repos/{bench.gitea.user}/{bench.name}"
    owner = bench.gitea.owner_token
    bench.gitea.call("PUT", f"{path}/collaborators/stranger-{bench.name}", access, token=owner)
    bench.gitea.call("POST", f"{path}/forks", {}, token=stranger).ok()
    pull = ForgeContract().opened(bench)
    fork = f"http://x:{stranger}@{bench.gitea.url.removeprefix('http://')}/stranger-{bench.name}/{bench.name}.git"
    from tests.repository.repos import git

    git(bench.clone, "fetch", "-q", "origin", pull.branch)
    git(bench.clone, "push", "-q", fork, f"FETCH_HEAD:refs/heads/{pull.branch}")
    head = f"stranger-{bench.name}:{pull.branch}"
    wanted = {"title": "Mine", "head": head, "base": "main"}
    bench.gitea.call("POST", f"{path}/pulls", wanted, token=stranger).ok()
    assert [one.number for one in bench.forge().open_pulls()] == [pull.number]


def test_a_lost_answer_to_a_create_is_found_again(bench: GiteaBench) -> None:
    from gitops_rollout.forges.http import Unknown

    forge = bench.forge()
    create = forge.api.create

    def lost(draft: object) -> object:
        create(draft)  # type: ignore[arg-type]  # it is passed on as it came
        raise Unknown("the connection was cut")

    forge.api.create = lost  # type: ignore[method-assign,assignment]  # the answer gets lost on its way
    report = forge.publish([ForgeContract().draft(bench)])[0]
    assert (report.did, report.number) == (Did.CREATED, 1)
    assert len(bench.forge().open_pulls()) == 1


def test_labels_are_made_when_missing_and_used_again(bench: GiteaBench) -> None:
    contract = ForgeContract()
    for name in ("a", "b"):
        bench.forge().publish([replace(contract.draft(bench, name), labels=("rollout", "promote"))])
    pulls = bench.forge().open_pulls()
    assert {frozenset(pull.labels) for pull in pulls} == {frozenset({"rollout", "promote"})}
    labels = bench.gitea.call("GET", f"/repos/{bench.gitea.user}/{bench.name}/labels").ok()
    assert sorted(label["name"] for label in labels) == ["promote", "rollout"]


def test_a_script_that_closes_and_at_once_deletes_says_no(bench: GiteaBench) -> None:
    """The server notes a deletion only where it closed the pull request because of it."""
    pull = ForgeContract().opened(bench)
    bench.person_closes(pull.number)
    path = f"/repos/{bench.gitea.user}/{bench.name}/branches/{pull.branch}"
    bench.gitea.call("DELETE", path).ok()
    (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
    assert (ended.state, ended.branch_deleted, ended.closed_by_us) == (PullState.CLOSED, False, False)


def test_a_server_that_has_not_taken_in_the_first_push_is_waited_for(gitea: Gitea, tmp_path: Path) -> None:
    class Hasty(GiteaBench):
        def settle(self) -> None:
            """It is not waited for here."""

    bench = Hasty(tmp_path, server=gitea)
    assert bench.forge().publish([ForgeContract().draft(bench)])[0].did is Did.CREATED


def test_reviewers_and_assignees_are_asked(bench: GiteaBench) -> None:
    ada = f"ada-{bench.name}"
    bench.gitea.new_user(ada)
    path = f"/repos/{bench.gitea.user}/{bench.name}/collaborators/{ada}"
    bench.gitea.call("PUT", path, {"permission": "write"}, token=bench.gitea.owner_token).ok()
    draft = replace(ForgeContract().draft(bench), reviewers=(ada,), assignees=(ada,))
    assert bench.forge().publish([draft])[0].did is Did.CREATED
    (pull,) = bench.forge().open_pulls()
    assert (pull.labels, pull.reviewers, pull.assignees) == (("rollout",), (ada,), (ada,))
