"""Comments and commit statuses on Gitea and Forgejo."""

from collections.abc import Sequence

import httpx

from gitops_rollout.core.comment_marker import digest_of
from gitops_rollout.forges.http import Client, Refused
from gitops_rollout.forges.remarks import Comment
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.remarks import READY, CommitStatus, StatusState

PAGE = 50
_STATES = {"pending": StatusState.PENDING, "success": StatusState.SUCCESS}


class GiteaTalk:
    """Below `/repos/{owner}/{repository}`, which `repo` is. Comments are not paged: the server sends all of them."""

    def __init__(self, client: Client, repo: str) -> None:
        self._client = client
        self._repo = repo
        self._login: str | None = None

    def comments(self, number: int) -> Sequence[Comment]:
        """Our own with the hidden line, oldest first."""
        listed = self._client.get(f"{self._repo}/issues/{number}/comments") or []
        marked = [raw for raw in listed if digest_of(raw.get("body") or "") is not None]
        mine = [Comment(raw["id"], raw["body"]) for raw in marked if raw["user"]["login"] == self._me()]
        return sorted(mine, key=lambda comment: comment.id)

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
        """The newest of ours; the server's own `sort=highestindex` gives the lowest first (seen on Gitea 1.26)."""
        path = f"{self._repo}/commits/{commit}/statuses"
        ours = [raw for raw in self._client.pages(path, PAGE, named="limit") if raw["context"] == READY]
        if not ours:
            return None
        raw = max(ours, key=lambda status: int(status["id"]))
        return CommitStatus(_STATES.get(raw["status"], StatusState.FAILURE), raw.get("description") or "")

    def set_status(self, pull: PullRequest, status: CommitStatus) -> None:
        """Give the head another status."""
        body = {"state": status.state.value, "context": READY, "description": status.description}
        self._client.write("POST", f"{self._repo}/statuses/{pull.head}", body, repeatable=True)

    def differs(self, there: CommitStatus | None, wanted: CommitStatus) -> bool:
        """Whether state or description differ."""
        return there != wanted

    def _me(self) -> str:
        if self._login is None:
            raw = self._client.get("/user")
            if not raw:
                raise ForgeError("the forge does not say whose token this is", "Give the token the scope read:user.")
            self._login = str(raw["login"])
        return self._login
