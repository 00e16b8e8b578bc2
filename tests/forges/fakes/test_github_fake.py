"""The fake of GitHub is held to what GitHub publishes: what it is asked, what it answers, and each GraphQL request."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import graphql
import httpx
import pytest

from gitops_rollout.core.comment_marker import with_digest
from gitops_rollout.forges.github.forge import HEADERS, GitHubApi
from gitops_rollout.forges.hosted import HostedForge
from gitops_rollout.model.change import Did
from gitops_rollout.model.remarks import CommitStatus, Remark, StatusState
from tests.forges.contract import ForgeContract
from tests.forges.fakes.description import Description, read_description
from tests.forges.hosted_bench import GitHubBench
from tests.forges.memory import EPOCH
from tests.servers import catalogue
from tests.servers.fixtures import needs
from tests.servers.github_mock import DESCRIPTION, GRAPHQL


@dataclass
class Exchange:
    method: str
    url: httpx.URL
    body: Any
    status: int
    answer: Any


@dataclass
class Listener:
    """Between adapter and fake: keeps what went to and fro."""

    bench: GitHubBench
    heard: list[Exchange] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        response = self.bench.fake(request)
        body = json.loads(request.content) if request.content else None
        answer = response.json() if response.content else None
        self.heard.append(Exchange(request.method, request.url, body, response.status_code, answer))
        return response

    def forge(self) -> HostedForge:
        headers = {**HEADERS, "Authorization": "Bearer secret"}
        client = self.bench.client("https://api.github.example", headers, self)
        return HostedForge(GitHubApi(client, "acme", "models"), self.bench.repository(), "main", EPOCH)


@pytest.fixture(scope="session")
def published() -> Path:
    """The folder of what GitHub publishes."""
    return needs(catalogue.GITHUB)


@pytest.fixture(scope="session")
def description(published: Path) -> Description:
    return read_description(published / DESCRIPTION)


@pytest.fixture
def heard(published: Path, tmp_path: Path) -> list[Exchange]:
    """A whole life of pull requests, and every look that the adapter knows."""
    bench = GitHubBench(tmp_path)
    listener = Listener(bench)
    contract = ForgeContract()
    people = {"labels": ("rollout",), "reviewers": ("ada", "acme/ml"), "assignees": ("bob",)}
    draft = replace(contract.draft(bench), **people)
    assert listener.forge().publish([draft])[0].did is Did.CREATED
    forge = listener.forge()
    (pull,) = forge.open_pulls()
    for words, state in (("one", StatusState.PENDING), ("two", StatusState.SUCCESS)):
        comment = with_digest(f"What a run sees: {words}", words.encode().hex().ljust(12, "0"))
        (done,) = forge.remark([Remark(pull, comment, CommitStatus(state, words))])
        assert done.problem is None
    forge.remarks_on(pull)
    forge.update(pull, replace(draft, title="Another"))
    forge.protection()
    forge.close(pull, "gone")
    bench.person_closes(contract.opened(bench, "a").number)
    listener.forge().ended_pulls("gitops-rollout/prod/fraud/score")
    listener.forge().ended_pulls("gitops-rollout/prod/fraud/a")
    second = contract.opened(bench, "b")
    listener.forge().merge(second, bench.base())
    third = contract.opened(bench, "c")
    listener.forge().enqueue(third, bench.base())
    return listener.heard


def test_everything_that_is_asked_and_answered_is_published(heard: list[Exchange], description: Description) -> None:
    operations = set()
    for one in heard:
        if one.url.path == "/graphql":
            continue
        operation = description.operation(one.method, one.url.path)
        what = f"{one.method} {one.url.path}"
        assert set(one.url.params.keys()) <= description.parameters(operation), what
        if one.body is not None:
            asked = description.asked(operation)
            assert asked is not None, f"{what} takes no body"
            assert list(description.problems(one.body, asked)) == [], what
        if one.status != httpx.codes.NOT_FOUND:
            answered = description.answered(operation, one.status)
            assert (answered is None) == (one.answer is None), what
            if answered is not None:
                assert list(description.problems(one.answer, answered)) == [], what
        operations.add(operation["operationId"])
    assert len(operations) >= 12, sorted(operations)


def test_every_graphql_request_that_is_sent_fits_the_published_schema(heard: list[Exchange], published: Path) -> None:
    document = graphql.parse((published / GRAPHQL).read_text(encoding="utf-8"))
    schema = graphql.build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    sent = [one.body for one in heard if one.url.path == "/graphql"]
    assert sent
    for body in sent:
        request = graphql.parse(body["query"])
        assert graphql.validate(schema, request) == [], body["query"]
        (operation,) = [one for one in request.definitions if isinstance(one, graphql.OperationDefinitionNode)]
        values = graphql.execution.values.get_variable_values(
            schema, operation.variable_definitions or (), body.get("variables") or {}
        )
        assert not isinstance(values, list), values


def test_an_answer_that_github_never_gives_would_be_seen(description: Description) -> None:
    operation = description.operation("GET", "/repos/acme/models/pulls/1")
    schema = description.answered(operation, 200)
    assert schema is not None
    assert not list(description.problems({"number": 1, "title": "x", "merged_at": None}, schema))
    assert list(description.problems({"number": "1"}, schema)) == [".number: str, not integer"]
    assert list(description.problems({"iid": 1}, schema)) == [".iid: unknown"]
    assert list(description.problems({"title": None}, schema)) == [".title: null, never"]
    assert list(description.problems({"state": "merged"}, schema)) == [
        ".state: 'merged', not one of ['open', 'closed']"
    ]
