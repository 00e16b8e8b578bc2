"""Commits by GitHub: `createCommitOnBranch` signs them, whatever the token, and takes the expected head along."""

import base64
from urllib.parse import urlsplit

from gitops_rollout.forges.api_commits import NewCommit
from gitops_rollout.forges.github.graphql import graphql
from gitops_rollout.forges.http import Client

COMMIT = """\
mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) {
    commit { oid }
  }
}
"""


class GitHubCommits:
    """Makes commits in one repository; the author is the token's user or app, the committer GitHub."""

    makes_branch = False

    def __init__(self, client: Client, owner: str, repository: str) -> None:
        self._client = client
        self._repository = f"{owner}/{repository}"

    def committers(self) -> frozenset[str]:
        """GitHub's own address; an Enterprise Server names its own host."""
        return frozenset({"noreply@github.com", f"noreply@{urlsplit(self._client.url).hostname}"})

    def commit(self, commit: NewCommit) -> None:
        """Make one commit."""
        headline, _, body = commit.message.strip().partition("\n")
        additions = [
            {"path": file.path, "contents": base64.b64encode(file.data).decode("ascii")} for file in commit.files
        ]
        order = {
            "branch": {"repositoryNameWithOwner": self._repository, "branchName": commit.branch},
            "expectedHeadOid": commit.base,
            "message": {"headline": headline, "body": body.strip()},
            "fileChanges": {"additions": additions},
        }
        graphql(self._client, COMMIT, {"input": order})
