"""How many requests whole runs send: nothing grows with the number of targets, only with our own pull requests.

Naive tools look up each application at each run: with 500 of them a run takes a quarter of an hour, and the forge's
limit on requests is spent.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gitops_rollout.forges.github.forge import HEADERS, GitHubApi
from gitops_rollout.forges.gitlab.forge import GitLabApi
from gitops_rollout.forges.hosted import Api, HostedForge
from gitops_rollout.forges.http import Client
from gitops_rollout.model.change import Did
from gitops_rollout.model.plan import RunReport
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import reconcile
from tests.deaths.story import HOUR, NOW, START, path, policy, service
from tests.forges.fakes.github import FakeGitHub
from tests.forges.fakes.gitlab import FakeGitLab
from tests.forges.fakes.pulls import Pulls
from tests.worlds import POLICY, Place, make_place

MANY, FEW = 1000, 10
# What may be sent for one of our own open pull requests, and for one that is new, whatever is in the world.
FOR_EACH_OPEN = 4
FOR_EACH_NEW = 8
LISTINGS = 6


@dataclass
class Counted:
    """A repository with a number of services, and a fake of its forge that notes what it is asked."""

    place: Place
    targets: int
    fake: FakeGitHub | FakeGitLab
    api: Callable[[], Api]

    def run(self) -> tuple[RunReport, list[tuple[str, str]]]:
        """One run; its report, and the requests that it sent, as method and path."""
        self.fake.asked.clear()
        request = Request(str(self.place.remote), NOW, True, live=(("prod", "simulated:"),), forge="local")
        world = open_world(request, cache=self.place.root / "cache")
        forge = HostedForge(self.api(), world.repository, "main", NOW)
        world, before = replace(world, forge=forge), forge.sent
        report = reconcile(world)
        assert not report.failed, report.errors
        assert world.requests() == {forge.kind: before + len(self.fake.asked)}
        return report, [("GET" if reads(body) else method, path) for method, path, body in self.fake.asked]

    def try_canaries(self, *names: str) -> None:
        """A person gives these services a canary that has soaked by now."""
        self.place.commit({path(name): service(name, "v2", 10) for name in names}, "Canaries", START + HOUR)


def reads(body: Any) -> bool:
    """Whether a request only asks: GraphQL's queries are sent as POST."""
    return isinstance(body, dict) and str(body.get("query", "")).lstrip().startswith(("query", "{"))


def services(number: int) -> list[str]:
    return [f"model-{place:04d}" for place in range(number)]


def counted(root: Path, kind: str, targets: int) -> Counted:
    root.mkdir()
    place = make_place(root)
    place.commit({POLICY: policy()} | {path(name): service(name) for name in services(targets)}, "Serve", START)
    if kind == "github":
        github = FakeGitHub(Pulls(place.remote))
        headers = {**HEADERS, "Authorization": "Bearer secret"}
        client = client_of("https://api.github.example", headers, github)
        return Counted(place, targets, github, lambda: GitHubApi(client, "acme", "models"))
    gitlab = FakeGitLab(Pulls(place.remote, closes_with_branch=False))
    client = client_of("https://gitlab.example/api/v4", {"PRIVATE-TOKEN": "secret"}, gitlab)
    return Counted(place, targets, gitlab, lambda: GitLabApi(client, "acme/ml/models", lambda seconds: None))


def client_of(url: str, headers: dict[str, str], fake: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client(url, headers, httpx.MockTransport(fake), lambda seconds: None)


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_requests_grow_with_our_pull_requests_and_with_nothing_else(kind: str, tmp_path: Path) -> None:
    few = counted(tmp_path / "few", kind, FEW)
    report, nothing = few.run()
    assert len(report.targets) == FEW
    assert len(nothing) <= LISTINGS, nothing
    opening, still = [], [nothing]
    for names in (services(FEW)[:3], services(FEW)[3:6]):
        few.try_canaries(*names)
        made, looked = opened(few, len(names))
        opening.append(made)
        still.append(looked)
    assert len(opening[0]) <= LISTINGS * 3 + 3 * FOR_EACH_NEW, opening[0]
    more = len(still[2]) - len(still[1])
    assert more <= 3 * FOR_EACH_OPEN
    assert len(still[1]) - more <= LISTINGS, "the same for each that is open"
    many = counted(tmp_path / "many", kind, MANY)
    many.try_canaries(*services(3))
    assert [len(requests) for requests in opened(many, 3)] == [len(opening[0]), len(still[1])]


def opened(stage: Counted, number: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The requests of a run that opens this many pull requests, and of the next one, which finds them."""
    report, opening = stage.run()
    assert len(report.targets) == stage.targets
    assert sum(1 for target in report.targets if target.pull and target.pull.did is Did.CREATED) == number
    _, still = stage.run()
    assert {method for method, _ in still} == {"GET"}, "a still world makes no writes"
    return opening, still
