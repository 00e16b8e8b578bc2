"""Notes and commit statuses on GitLab."""

from collections.abc import Sequence

import httpx

from gitops_rollout.core.comment_marker import digest_of
from gitops_rollout.forges.http import Client, Refused
from gitops_rollout.forges.remarks import Comment
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.remarks import READY, CommitStatus, StatusState

PAGE = 100
_READ = {"pending": StatusState.PENDING, "running": StatusState.PENDING, "success": StatusState.SUCCESS}
_WRITTEN = {StatusState.PENDING: "pending", StatusState.SUCCESS: "success", StatusState.FAILURE: "failed"}


class GitLabTalk:
    """Below `/projects/{path}`, which `project` is."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._project = project
        self._user: int | None = None

    def comments(self, number: int) -> Sequence[Comment]:
        """Our own with the hidden line, oldest first."""
        listed = self._client.pages(self._notes(number), PAGE, sort="asc", order_by="created_at")
        marked = [raw for raw in listed if not raw.get("system") and digest_of(raw.get("body") or "") is not None]
        return [Comment(raw["id"], raw["body"]) for raw in marked if raw["author"]["id"] == self._me()]

    def add(self, number: int, body: str) -> None:
        """Add a note."""
        self._client.write("POST", self._notes(number), {"body": body})

    def change(self, number: int, comment: int, body: str) -> None:
        """Give a note another text."""
        self._client.write("PUT", f"{self._notes(number)}/{comment}", {"body": body}, repeatable=True)

    def remove(self, number: int, comment: int) -> None:
        """Delete a note."""
        try:
            self._client.write("DELETE", f"{self._notes(number)}/{comment}", repeatable=True)
        except Refused as refused:
            if refused.status != httpx.codes.NOT_FOUND:
                raise

    def status(self, commit: str) -> CommitStatus | None:
        """The newest of ours: GitLab lists the latest of each name."""
        path = f"{self._project}/repository/commits/{commit}/statuses"
        raw = next((raw for raw in self._client.pages(path, PAGE, name=READY) if raw["name"] == READY), None)
        if raw is None:
            return None
        return CommitStatus(_READ.get(raw["status"], StatusState.FAILURE), raw.get("description") or "")

    def set_status(self, pull: PullRequest, status: CommitStatus) -> None:
        """Give the head another status."""
        body = {"state": _WRITTEN[status.state], "name": READY, "description": status.description, "ref": pull.branch}
        self._client.write("POST", f"{self._project}/statuses/{pull.head}", body, repeatable=True)

    def differs(self, there: CommitStatus | None, wanted: CommitStatus) -> bool:
        """Whether the states differ: GitLab refuses a second `pending` after the first, whatever its description."""
        return there is None or there.state is not wanted.state

    def _notes(self, number: int) -> str:
        return f"{self._project}/merge_requests/{number}/notes"

    def _me(self) -> int:
        if self._user is None:
            raw = self._client.get("/user")
            if not raw:
                raise ForgeError("GitLab does not say whose token this is", "Check that the token is valid.")
            self._user = int(raw["id"])
        return self._user
