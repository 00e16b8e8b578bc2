"""A forge's adapter over a fake of its API and a real bare repository."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from gitops_rollout.forges.api_commits import ApiCommits, Maker
from gitops_rollout.forges.github.commits import GitHubCommits
from gitops_rollout.forges.github.forge import HEADERS, GitHubApi
from gitops_rollout.forges.gitlab.commits import GitLabCommits
from gitops_rollout.forges.gitlab.forge import GitLabApi
from gitops_rollout.forges.hosted import Api, HostedForge
from gitops_rollout.forges.http import Client
from tests.forges.fakes.github import FakeGitHub
from tests.forges.fakes.gitlab import FakeGitLab
from tests.forges.fakes.pulls import Pulls
from tests.forges.git_bench import GitBench
from tests.forges.memory import EPOCH


@dataclass
class Faults:
    """What happens to the requests that come: `kind` to the one numbered `at` (from 0), nothing to the others.

    `limit`: refused unseen, to be sent again after a wait. `unseen`: a 502 and nothing done. `lost`: done, and the
    answer cut off. `late`: done, and a 504 in its place.
    """

    kind: str = ""
    at: int = -1
    asked: int = 0

    def through(self, request: httpx.Request, answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
        number, self.asked = self.asked, self.asked + 1
        if number != self.at:
            return answer(request)
        if self.kind == "limit":
            return httpx.Response(403, headers={"retry-after": "7"}, json={"message": "a secondary rate limit"})
        if self.kind == "unseen":
            return httpx.Response(502, text="<html>bad gateway</html>")
        answer(request)
        if self.kind == "late":
            return httpx.Response(504, text="<html>time-out</html>")
        raise httpx.ReadError("cut", request=request)


@dataclass
class HostedBench(GitBench):
    """The person closes and reopens on the fake, and works with git otherwise."""

    closes_with_branch: bool = True
    pulls: Pulls = field(init=False)
    waits: list[float] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.pulls = Pulls(Path(self.url), self.closes_with_branch)
        super().__post_init__()

    def person_closes(self, number: int) -> None:
        self.pulls.close(number, "person")

    def person_reopens(self, number: int) -> None:
        self.pulls.reopen(number)

    def forge_that_commits(self, wrap: Callable[[Maker], Maker] = lambda maker: maker) -> HostedForge:
        """An adapter that has the forge make the commits; `wrap` stands between it and the forge."""
        store = self.repository()
        commits = ApiCommits(store, wrap(self.maker()))
        return HostedForge(self.api(), store, "main", EPOCH, commits)

    def forge(self, who: str = "gitops-rollout") -> HostedForge:  # type: ignore[override]  # another kind of forge
        return HostedForge(self.api(), self.repository(), "main", EPOCH)

    def api(self) -> Api:
        raise NotImplementedError

    def maker(self) -> Maker:
        raise NotImplementedError

    def faulty(self, answers: Callable[[httpx.Request], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
        return lambda request: self.faults.through(request, answers)

    def client(self, url: str, headers: dict[str, str], answers: Callable[[httpx.Request], httpx.Response]) -> Client:
        return Client(url, headers, httpx.MockTransport(self.faulty(answers)), self.waits.append)


@dataclass
class GitHubBench(HostedBench):
    fake: FakeGitHub = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fake = FakeGitHub(self.pulls)

    def connection(self) -> Client:
        headers = {**HEADERS, "Authorization": "Bearer secret"}
        return self.client("https://api.github.example", headers, self.fake)

    def api(self) -> GitHubApi:
        return GitHubApi(self.connection(), "acme", "models")

    def maker(self) -> Maker:
        return GitHubCommits(self.connection(), "acme", "models")


@dataclass
class GitLabBench(HostedBench):
    closes_with_branch: bool = False
    fake: FakeGitLab = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fake = FakeGitLab(self.pulls)

    def connection(self) -> Client:
        return self.client("https://gitlab.example/api/v4", {"PRIVATE-TOKEN": "secret"}, self.fake)

    def api(self) -> GitLabApi:
        return GitLabApi(self.connection(), "acme/ml/models", self.waits.append)

    def maker(self) -> Maker:
        return GitLabCommits(self.connection(), "acme/ml/models")
