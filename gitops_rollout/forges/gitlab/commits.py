"""Commits by GitLab: branch and commit are made at once, on the commit that is named."""

import base64
from urllib.parse import quote, urlsplit

from gitops_rollout.forges.api_commits import NewCommit
from gitops_rollout.forges.http import Client


class GitLabCommits:
    """Makes commits in one project; author and committer are the token's user, or GitLab where it signs."""

    makes_branch = True

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._path = f"/projects/{quote(project, safe='')}/repository/commits"

    def committers(self) -> frozenset[str]:
        """The user's addresses, and those that Gitaly signs as (its `committer_email` is `noreply@gitlab.com`)."""
        user = self._client.get("/user") or {}
        host = urlsplit(self._client.url).hostname
        named = {str(user[key]) for key in ("commit_email", "email", "public_email") if user.get(key)}
        return frozenset({*named, "noreply@gitlab.com", f"noreply@{host}"})

    def commit(self, commit: NewCommit) -> None:
        """Make one commit."""
        actions = [
            {
                "action": "create" if file.before is None else "update",
                "file_path": file.path,
                "content": base64.b64encode(file.data).decode("ascii"),
                "encoding": "base64",
            }
            for file in commit.files
        ]
        order = {"branch": commit.branch, "start_sha": commit.base, "commit_message": commit.message}
        self._client.write("POST", self._path, {**order, "actions": actions})
