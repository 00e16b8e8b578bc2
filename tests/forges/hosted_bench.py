"""A forge's adapter over a fake of its API and a real bare repository."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from gitops_rollout.forges.github import HEADERS, GitHubApi
from gitops_rollout.forges.gitlab import GitLabApi
from gitops_rollout.forges.hosted import HostedForge
from gitops_rollout.forges.http import Client
from tests.forges.fakes.github import FakeGitHub
from tests.forges.fakes.gitlab import FakeGitLab
from tests.forges.fakes.pulls import Pulls
from tests.forges.git_bench import GitBench
from tests.forges.memory import EPOCH


@dataclass
class HostedBench(GitBench):
    """The person closes and reopens on the fake, and works with git otherwise."""

    closes_with_branch: bool = True
    pulls: Pulls = field(init=False)
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pulls = Pulls(Path(self.url), self.closes_with_branch)
        super().__post_init__()

    def person_closes(self, number: int) -> None:
        self.pulls.close(number, "person")

    def person_reopens(self, number: int) -> None:
        self.pulls.reopen(number)

    def client(self, url: str, headers: dict[str, str], answers: Callable[[httpx.Request], httpx.Response]) -> Client:
        return Client(url, headers, httpx.MockTransport(answers), self.waits.append)


@dataclass
class GitHubBench(HostedBench):
    fake: FakeGitHub = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fake = FakeGitHub(self.pulls)

    def forge(self, who: str = "gitops-rollout") -> HostedForge:  # type: ignore[override]  # another kind of forge
        headers = {**HEADERS, "Authorization": "Bearer secret"}
        api = GitHubApi(self.client("https://api.github.example", headers, self.fake), "acme", "models")
        return HostedForge(api, self.repository(), "main", EPOCH)


@dataclass
class GitLabBench(HostedBench):
    closes_with_branch: bool = False
    fake: FakeGitLab = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fake = FakeGitLab(self.pulls)

    def forge(self, who: str = "gitops-rollout") -> HostedForge:  # type: ignore[override]  # another kind of forge
        client = self.client("https://gitlab.example/api/v4", {"PRIVATE-TOKEN": "secret"}, self.fake)
        return HostedForge(GitLabApi(client, "acme/ml/models", self.waits.append), self.repository(), "main", EPOCH)
