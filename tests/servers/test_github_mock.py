"""The mock of GitHub knows GitHub's description: it takes right requests and refuses wrong ones."""

from pathlib import Path

from tests.servers.http import call

HEADERS = {"Accept": "application/json", "Authorization": "Bearer token"}


def test_a_right_request_is_taken(github_mock: str) -> None:
    wanted = {"title": "Promote", "head": "gitops-rollout/x", "base": "main"}
    assert call("POST", f"{github_mock}/repos/o/r/pulls", wanted, headers=HEADERS).status == 201


def test_a_wrong_request_is_refused(github_mock: str) -> None:
    wrong = {"title": "Promote", "head": "gitops-rollout/x", "base": 7}
    assert call("POST", f"{github_mock}/repos/o/r/pulls", wrong, headers=HEADERS).status == 422
    assert call("GET", f"{github_mock}/repos/o/r/pull", headers=HEADERS).status == 404


def test_the_schema_of_graphql_is_there(github_graphql_schema: Path) -> None:
    assert "enablePullRequestAutoMerge" in github_graphql_schema.read_text()
