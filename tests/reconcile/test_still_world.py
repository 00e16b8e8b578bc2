"""A world that stands still is not written to: a day of runs, one each minute, with comments and statuses."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import yaml

from gitops_rollout.forges.gitea.forge import GiteaApi
from gitops_rollout.forges.github.forge import HEADERS, GitHubApi
from gitops_rollout.forges.gitlab.forge import GitLabApi
from gitops_rollout.forges.hosted import Api, HostedForge
from gitops_rollout.forges.http import Client
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import Did
from gitops_rollout.model.doors import Forge, Repository
from gitops_rollout.model.plan import RunReport
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import reconcile
from gitops_rollout.reconcile.world import World
from tests import traces
from tests.forges.fakes.github import FakeGitHub
from tests.forges.fakes.gitlab import FakeGitLab
from tests.forges.fakes.pulls import Pulls
from tests.servers.gitea import Gitea
from tests.worlds import POLICY, Place, git, make_place

DAY = 24 * 60
RECORDED = traces.load("A")
PROPOSE = "version: 1\nmode: propose\nclusters: [{name: prod}]\ndefaults: {promote: {labels: [rollout]}}\n"


class Day:
    """A canary at its first step that has soaked: the second step is due, and stays due all day."""

    def __init__(self, root: Path) -> None:
        self.place: Place = make_place(root)
        self.remote = str(self.place.remote)
        steps = RECORDED.steps[:2]
        self.place.commit({POLICY: PROPOSE}, "a policy", steps[0].at - timedelta(hours=1))
        for step in steps:
            self.place.commit({"score.yaml": yaml.safe_dump(step.manifest)}, step.title, step.at)
        snapshot = RECORDED.resting(steps[-1])
        self.place.show("prod", [snapshot.document()])
        self.start: datetime = snapshot.at + timedelta(minutes=31)

    def world(self) -> World:
        live = (("prod", f"snapshot:{self.place.snapshot('prod')}"),)
        request = Request(self.remote, self.start, replayed=True, live=live, forge="local")
        return open_world(request, cache=self.place.root / "cache")


class Remembering:
    """A repository that nobody else writes to: what was read once is not read again, until something is pushed.

    It makes a day of runs a matter of seconds, and counts what is pushed.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.memory: dict[str, Any] = {}
        self.pushes = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.repository, name)
        if not callable(found):
            return found

        def ask(*arguments: Any, **options: Any) -> Any:
            if name == "push":
                self.memory.clear()
                self.pushes += 1
                return found(*arguments, **options)
            question = repr((name, arguments, options))
            if question not in self.memory:
                answer = found(*arguments, **options)
                self.memory[question] = list(answer) if isinstance(answer, Iterator) else answer
            return self.memory[question]

        return ask


def at(world: World, forge: Forge, minute: int) -> RunReport:
    """One run, so many minutes after the first."""
    report = reconcile(replace(world, now=world.now + timedelta(minutes=minute), forge=forge))
    assert not report.failed, report
    return report


def did(report: RunReport) -> tuple[Did, bool]:
    (pull,) = [target.pull for target in report.targets if target.pull is not None]
    return pull.did, pull.remarked


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Day:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Day(tmp_path)


def test_a_day_of_runs_on_plain_git(day: Day) -> None:
    world = day.world()
    repository = Remembering(world.repository)
    world = replace(world, repository=cast(Repository, repository))

    def forge(minute: int) -> LocalForge:
        return LocalForge(world.repository, world.now + timedelta(minutes=minute))

    assert did(at(world, forge(0), 0)) == (Did.CREATED, True)
    before, repository.pushes = day.place.refs(), 0
    assert before
    for minute in range(1, DAY + 1):
        assert did(at(world, forge(minute), minute)) == (Did.FOUND, False)
    assert repository.pushes == 0
    assert day.place.refs() == before
    (pull,) = forge(DAY).open_pulls()
    said = forge(DAY).remarks_on(pull)
    assert said.status is not None
    assert said.comment is not None


def test_runs_that_read_all_anew_write_as_little(day: Day) -> None:
    world = day.world()
    at(world, LocalForge(world.repository, world.now), 0)
    before = day.place.refs()
    for minute in range(1, DAY + 1, 240):
        forge = LocalForge(world.repository, world.now + timedelta(minutes=minute))
        assert did(at(world, forge, minute)) == (Did.FOUND, False)
    assert day.place.refs() == before


def github(day: Day) -> Api:
    fake = httpx.MockTransport(FakeGitHub(Pulls(day.place.remote)))
    headers = {**HEADERS, "Authorization": "Bearer secret"}
    return GitHubApi(Client("https://api.github.example", headers, fake), "acme", "models")


def gitlab(day: Day) -> Api:
    fake = httpx.MockTransport(FakeGitLab(Pulls(day.place.remote, closes_with_branch=False)))
    client = Client("https://gitlab.example/api/v4", {"PRIVATE-TOKEN": "secret"}, fake)
    return GitLabApi(client, "acme/ml/models", lambda seconds: None)


def writes_after_the_first(day: Day, api: Api, runs: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """What the runs after the first send to the forge, queries aside, and how much the first one did."""
    sent: list[str] = []
    write = Client.write

    def recorded(self: Client, method: str, path: str, body: Any = None, *, repeatable: bool = False) -> Any:
        if not (path == "/graphql" and body["query"].startswith("query")):
            sent.append(f"{method} {path}")
        return write(self, method, path, body, repeatable=repeatable)

    monkeypatch.setattr(Client, "write", recorded)
    world = day.world()
    assert did(at(world, HostedForge(api, world.repository, "main", world.now), 0)) == (Did.CREATED, True)
    first = len(sent)
    before = git(day.place.person, "ls-remote", day.remote)
    for minute in range(1, runs + 1):
        assert did(at(world, HostedForge(api, world.repository, "main", world.now), minute)) == (Did.FOUND, False)
    assert git(day.place.person, "ls-remote", day.remote) == before
    return sent[first:], first


@pytest.mark.parametrize("forge", [github, gitlab])
def test_runs_on_the_fakes(day: Day, forge: Callable[[Day], Api], monkeypatch: pytest.MonkeyPatch) -> None:
    later, first = writes_after_the_first(day, forge(day), 12, monkeypatch)
    assert first >= 3, "the pull request, its status and its comment"
    assert later == []


def test_runs_on_a_real_gitea(day: Day, gitea: Gitea, monkeypatch: pytest.MonkeyPatch) -> None:
    gitea.new_repository("still")
    day.remote = gitea.remote("still")
    git(day.place.person, "push", "--quiet", day.remote, "HEAD:main")
    gitea.await_first_push("still")
    client = Client(f"{gitea.url}/api/v1", {"Authorization": f"token {gitea.token}"})
    later, first = writes_after_the_first(day, GiteaApi(client, gitea.user, "still", time.sleep), 5, monkeypatch)
    assert first >= 3
    assert later == []
