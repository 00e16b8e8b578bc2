"""Every request that the GitHub adapter sends, against GitHub's own description: the mock refuses what it forbids."""

from dataclasses import replace
from pathlib import Path

import graphql
import httpx
import pytest

from gitops_rollout.forges.github_commits import COMMIT
from gitops_rollout.forges.github_queue import AUTO_MERGE, ENQUEUE, LOOK
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
    kinds = set()
    for method, path, body in bench.fake.asked:
        answer = ask(f"{github_mock}{path}", method, body)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        kinds.add((method, path.partition("?")[0].translate(str.maketrans("", "", "0123456789"))))
    assert len(kinds) >= 9, kinds


def test_the_mock_does_refuse(github_mock: str) -> None:
    assert ask(f"{github_mock}/repos/acme/models/pulls", "POST", {"head": "x"}).status_code == 422


@pytest.fixture(scope="session")
def schema(github_graphql_schema: Path) -> graphql.GraphQLSchema:
    published = graphql.parse(github_graphql_schema.read_text(encoding="utf-8"))
    # As published it breaks rules of its own: fields defined twice, deprecations that interfaces do not have.
    return graphql.build_ast_schema(published, assume_valid=True, assume_valid_sdl=True)


@pytest.mark.parametrize("request_text", [ENQUEUE, LOOK, AUTO_MERGE, COMMIT])
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
