"""Comments and commit statuses on GitHub."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from gitops_rollout.core.comment_marker import digest_of
from gitops_rollout.forges.http import Client, Refused
from gitops_rollout.forges.remarks import Comment
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.remarks import READY, CommitStatus, StatusState

PAGE = 100
# `GET /user` is closed to the tokens of Apps and of Actions; this is open to all.
VIEWER = "query Viewer { viewer { login } }"
_STATES = {"pending": StatusState.PENDING, "success": StatusState.SUCCESS}
_BOT = "[bot]"


class GitHubTalk:
    """Below `/repos/{owner}/{repository}`, which `repo` is. A pull request is an issue where comments are concerned."""

    def __init__(self, client: Client, repo: str) -> None:
        self._client = client
        self._repo = repo
        self._login: str | None = None

    def comments(self, number: int) -> Sequence[Comment]:
        """Our own with the hidden line, oldest first."""
        listed = self._client.pages(f"{self._repo}/issues/{number}/comments", PAGE)
        marked = [raw for raw in listed if digest_of(raw.get("body") or "") is not None]
        return [Comment(raw["id"], raw["body"]) for raw in marked if self._mine(raw.get("user") or {})]

    def add(self, number: int, body: str) -> None:
        """Add a comment."""
        self._client.write("POST", f"{self._repo}/issues/{number}/comments", {"body": body})

    def change(self, number: int, comment: int, body: str) -> None:
        """Give a comment another text."""
        self._client.write("PATCH", f"{self._repo}/issues/comments/{comment}", {"body": body}, repeatable=True)

    def remove(self, number: int, comment: int) -> None:
        """Delete a comment."""
        try:
            self._client.write("DELETE", f"{self._repo}/issues/comments/{comment}", repeatable=True)
        except Refused as refused:
            if refused.status != httpx.codes.NOT_FOUND:
                raise

    def status(self, commit: str) -> CommitStatus | None:
        """The newest of ours; GitHub lists the newest first."""
        listed = self._client.pages(f"{self._repo}/commits/{commit}/statuses", PAGE)
        raw = next((raw for raw in listed if raw["context"] == READY), None)
        if raw is None:
            return None
        return CommitStatus(_STATES.get(raw["state"], StatusState.FAILURE), raw.get("description") or "")

    def set_status(self, pull: PullRequest, status: CommitStatus) -> None:
        """Give the head another status."""
        body = {"state": status.state.value, "context": READY, "description": status.description}
        self._client.write("POST", f"{self._repo}/statuses/{pull.head}", body, repeatable=True)

    def differs(self, there: CommitStatus | None, wanted: CommitStatus) -> bool:
        """Whether state or description differ."""
        return there != wanted

    def _mine(self, user: Mapping[str, Any]) -> bool:
        """Whether a comment's author is who we are; an App is called `name[bot]` here and `name` there."""
        if self._login is None:
            answer = self._client.write("POST", "/graphql", {"query": VIEWER}, repeatable=True) or {}
            viewer = (answer.get("data") or {}).get("viewer") or {}
            if not viewer.get("login"):
                raise ForgeError("GitHub does not say whose token this is", "Check that the token is valid.")
            self._login = str(viewer["login"])
        login = str(user.get("login", ""))
        if user.get("type") == "Bot":
            return login.removesuffix(_BOT) == self._login.removesuffix(_BOT)
        return login == self._login
