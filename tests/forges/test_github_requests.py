"""Every request that the GitHub adapter sends, against GitHub's own description: the mock refuses what it forbids."""

import re
from dataclasses import replace
from pathlib import Path

import graphql
import httpx
import pytest

from gitops_rollout.core.comment_marker import with_digest
from gitops_rollout.forges.github.commits import COMMIT
from gitops_rollout.forges.github.queue import AUTO_MERGE, ENQUEUE, LOOK
from gitops_rollout.forges.github.remarks import VIEWER
from gitops_rollout.model.remarks import CommitStatus, Remark, StatusState
from tests.forges.commits_contract import CommitsContract
from tests.forges.contract import ForgeContract
from tests.forges.hosted_bench import GitHubBench


def ask(url: str, method: str, body: object) -> httpx.Response:
    return httpx.request(method, url, json=body, headers={"Authorization": "Bearer x"}, timeout=60)


def test_every_rest_request_is_allowed(github_mock: str, tmp_path: Path) -> None:
    bench = GitHubBench(tmp_path)
    contract = ForgeContract()
    people = {"labels": ("rollout",), "reviewers": ("ada", "acme/ml"), "assignees": ("bob",)}
    bench.forge().publish([replace(contract.draft(bench), **people)])
    forge = bench.forge()
    (pull,) = forge.open_pulls()
    forge.update(pull, replace(contract.draft(bench), title="Another"))
    bench.person_closes(pull.number)
    bench.person_deletes(pull.branch)
    forge.ended_pulls("gitops-rollout/prod/fraud/score")
    forge.close(contract.opened(bench, "a"), "gone")
    forge.merge(contract.opened(bench, "b"), bench.base())
    assert len(allowed(bench, github_mock)) >= 9


def test_what_is_said_on_pull_requests_is_allowed(github_mock: str, tmp_path: Path) -> None:
    bench = GitHubBench(tmp_path)
    pull = ForgeContract().opened(bench)
    bench.fake.asked.clear()
    for state, digest in ((StatusState.PENDING, "a" * 12), (StatusState.SUCCESS, "b" * 12)):
        remark = Remark(pull, with_digest("0.01 of 0.05", digest), CommitStatus(state, "held: soaking"))
        assert bench.forge().remark([remark])[0].problem is None
    bench.pulls.note(pull.number, "bot", with_digest("twice", "b" * 12))
    bench.forge().remark([remark])
    kinds = allowed(bench, github_mock)
    assert {method for method, _ in kinds} == {"GET", "POST", "PATCH", "DELETE"}
    assert len(kinds) == 6, kinds


def allowed(bench: GitHubBench, github_mock: str) -> set[tuple[str, str]]:
    """The kinds of REST requests that were sent, each of which the mock allowed."""
    kinds = set()
    for method, path, body in bench.fake.asked:
        if path == "/graphql":
            continue  # that has a schema of its own
        answer = ask(f"{github_mock}{path}", method, body)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        kinds.add((method, re.sub(r"[0-9a-f]{40}|[0-9]+", "…", path.partition("?")[0])))
    return kinds


def test_the_mock_does_refuse(github_mock: str) -> None:
    assert ask(f"{github_mock}/repos/acme/models/pulls", "POST", {"head": "x"}).status_code == 422


@pytest.fixture(scope="session")
def schema(github_graphql_schema: Path) -> graphql.GraphQLSchema:
    published = graphql.parse(github_graphql_schema.read_text(encoding="utf-8"))
    # As published it breaks rules of its own: fields defined twice, deprecations that interfaces do not have.
    return graphql.build_ast_schema(published, assume_valid=True, assume_valid_sdl=True)


@pytest.mark.parametrize("request_text", [ENQUEUE, LOOK, AUTO_MERGE, COMMIT, VIEWER])
def test_every_graphql_request_fits_the_published_schema(request_text: str, schema: graphql.GraphQLSchema) -> None:
    assert graphql.validate(schema, graphql.parse(request_text)) == []


def test_a_commit_s_variables_fit_the_published_schema(schema: graphql.GraphQLSchema, tmp_path: Path) -> None:
    bench = GitHubBench(tmp_path)
    contract = CommitsContract()
    requests = contract.requests(bench)
    bench.forge_that_commits().remake(contract.made(bench, requests), requests)
    (sent,) = [body for _, path, body in bench.fake.asked if path == "/graphql"]
    wanted = schema.type_map["CreateCommitOnBranchInput"]
    assert isinstance(wanted, graphql.GraphQLInputObjectType)
    order = sent["variables"]["input"]
    assert graphql.coerce_input_value(order, wanted) is not graphql.Undefined
    assert graphql.coerce_input_value({**order, "expectedHeadOid": None}, wanted) is graphql.Undefined


def test_the_schema_does_refuse(schema: graphql.GraphQLSchema) -> None:
    wrong = graphql.parse(ENQUEUE.replace("expectedHeadOid", "head"))
    assert graphql.validate(schema, wrong)
