"""GitLab, gitlab.com and self-managed, through version 4 of its API. Its merge requests are our pull requests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.forges.gitlab.protection import read_protection
from gitops_rollout.forges.gitlab.remarks import GitLabTalk
from gitops_rollout.forges.gitlab.train import enqueue
from gitops_rollout.forges.http import Client, Exists, Refused
from gitops_rollout.forges.local.refs import change_of
from gitops_rollout.model.change import Draft, PullRequest, PullState
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.protection import Protection

PAGE = 100
MOST_ENDED_PAGES = 10
DRAFT = "Draft: "  # what makes a draft here is its title
ENDED = ("closed", "merged")
_MERGE_PATIENCE_SECONDS = 15.0
_STATES = {"opened": PullState.OPEN, "locked": PullState.OPEN, "merged": PullState.MERGED, "closed": PullState.CLOSED}
# GitLab finds out in the background whether a merge request can be merged; it may just have found out.
_BUSY = ("checking", "unchecked", "preparing", "approvals_syncing", "mergeable")


class GitLabApi:
    """The API below `/projects/{path}`. A branch that is deleted leaves its merge request open here."""

    kind = "gitlab"
    caveat = ""

    def __init__(self, client: Client, project: str, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._name = project
        self._project = f"/projects/{quote(project, safe='')}"
        self._requests = f"{self._project}/merge_requests"
        self._sleep = sleep
        self._ended: list[Mapping[str, Any]] | None = None
        self._all_ended = True
        self.talk = GitLabTalk(client, self._project)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._client.sent

    def open_pulls(self, base_branch: str) -> Sequence[PullRequest]:
        """The open ones into a base branch, from branches of the same project."""
        self._ended = None
        listed = self._client.pages(self._requests, PAGE, state="opened", target_branch=base_branch)
        return [_pull(raw) for raw in listed if _same_project(raw)]

    def ended_pulls(self, base_branch: str, prefix: str) -> Sequence[PullRequest]:
        """The merged and closed ones of our own user below a prefix, newest first; listed once for all prefixes."""
        if self._ended is None:
            listed = [list(self._list_ended(state, base_branch)) for state in ENDED]
            self._all_ended = all(len(some) < MOST_ENDED_PAGES * PAGE for some in listed)
            self._ended = [raw for some in listed for raw in some if _same_project(raw)]
        mine = {raw["iid"]: raw for raw in self._ended if str(raw["source_branch"]).startswith(prefix)}
        if not self._all_ended and change_of(prefix):
            words = {"search": change_of(prefix), "in": "title,description"}
            older = [raw for state in ENDED for raw in self._list_ended(state, base_branch, **words)]
            same = [raw for raw in older if _same_project(raw) and str(raw["source_branch"]).startswith(prefix)]
            mine |= {raw["iid"]: raw for raw in same}
        return [_pull(mine[number]) for number in sorted(mine, reverse=True)]

    def _list_ended(self, state: str, base_branch: str, **query: str) -> Iterator[Mapping[str, Any]]:
        """Those of our own user in one state, the last changed first; words are searched for in what we wrote."""
        mine = {"target_branch": base_branch, "scope": "created_by_me", "order_by": "updated_at", "sort": "desc"}
        return self._client.pages(self._requests, PAGE, most=MOST_ENDED_PAGES, state=state, **mine, **query)

    def pull(self, number: int) -> PullRequest | None:
        """One of them."""
        raw = self._client.get(f"{self._requests}/{number}")
        return None if raw is None or not _same_project(raw) else _pull(raw)

    def create(self, draft: Draft) -> PullRequest:
        """Open one, all at once; labels that are missing are made by GitLab. The branch is ours to delete."""
        body: dict[str, Any] = {
            "source_branch": draft.branch,
            "target_branch": draft.base_branch,
            "title": f"{DRAFT}{draft.title}" if draft.draft else draft.title,
            "description": draft.body,
            "remove_source_branch": False,
        }
        if draft.labels:
            body["labels"] = ",".join(draft.labels)
        if draft.assignees:
            body["assignee_ids"] = [self._user(name) for name in draft.assignees]
        if draft.reviewers:
            body["reviewer_ids"] = [self._user(name) for name in draft.reviewers]
        try:
            return _pull(self._client.write("POST", self._requests, body))
        except Refused as refused:
            if refused.status == httpx.codes.CONFLICT:
                raise Exists(refused.message) from None
            raise

    def decorate(self, number: int, draft: Draft) -> None:
        """Nothing is left: all of it was said when it was opened."""

    def complete(self, number: int, draft: Draft) -> bool:
        """Nothing is left either: what is missing was taken off by a person."""
        return False

    def edit(self, number: int, title: str, body: str, *, draft: bool) -> None:
        """Give one another title and body."""
        self._put(number, {"title": f"{DRAFT}{title}" if draft else title, "description": body})

    def close(self, number: int) -> None:
        """Close one."""
        self._put(number, {"state_event": "close"})

    def reopen(self, number: int) -> None:
        """Open a closed one again, as a person does."""
        self._put(number, {"state_event": "reopen"})

    def merge(self, pull: PullRequest) -> str | None:
        """Merge it with its expected head, once GitLab knows whether it can be merged."""
        order = {"sha": pull.head, "should_remove_source_branch": False}
        path = f"{self._requests}/{pull.number}"

        def once() -> str | None:
            try:
                self._client.write("PUT", f"{path}/merge", order)
            except Refused as refused:
                if refused.status not in (405, 406, 409, 422):
                    raise
                raw = self._client.get(path) or {}
                status = str(raw.get("detailed_merge_status") or "")
                return "busy" if refused.status == 405 and status in _BUSY else f"{refused.message} ({status})"
            return None

        patiently = Retrying(
            retry=retry_if_result(lambda why: why == "busy"),
            stop=stop_after_delay(_MERGE_PATIENCE_SECONDS),
            wait=wait_fixed(1),
            sleep=self._sleep,
            retry_error_callback=lambda state: "GitLab is still finding out whether it can be merged",
        )
        why: str | None = patiently(once)
        return why

    def enqueue(self, pull: PullRequest) -> str | None:
        """Have GitLab merge it: by the merge train where the project has them, else by auto-merge."""
        return enqueue(self._client, self._name, pull.number, pull.head)

    def protection(self, branch: str) -> Protection:
        """What is asked for before anything is merged into a branch."""
        return read_protection(self._client, self._project, branch)

    def _user(self, name: str) -> int:
        found = self._client.get("/users", username=name) or []
        if not found:
            raise ForgeError(f"GitLab knows no user {name}", "Correct `reviewers` or `assignees` in the policy.")
        return int(found[0]["id"])

    def _put(self, number: int, change: Mapping[str, Any]) -> None:
        self._client.write("PUT", f"{self._requests}/{number}", change, repeatable=True)


def _same_project(raw: Mapping[str, Any]) -> bool:
    """A fork may have a branch of the same name: that is nobody's but its owner's."""
    return raw["source_project_id"] is not None and raw["source_project_id"] == raw["target_project_id"]


def _pull(raw: Mapping[str, Any]) -> PullRequest:
    try:
        return _read(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise ForgeError(f"a merge request that GitLab sent cannot be understood ({error!r})") from None


def _read(raw: Mapping[str, Any]) -> PullRequest:
    state = _STATES[raw["state"]]
    marker = parse_marker(raw.get("description") or "")
    ended = raw.get("merged_at") or raw.get("closed_at")
    return PullRequest(
        number=raw["iid"],
        url=raw["web_url"],
        state=state,
        branch=raw["source_branch"],
        head=raw.get("sha") or "",
        base_branch=raw["target_branch"],
        title=raw["title"].removeprefix(DRAFT),
        body=raw.get("description") or "",
        author=(raw.get("author") or {}).get("username", ""),
        labels=tuple(raw.get("labels") or ()),
        reviewers=tuple(one["username"] for one in raw.get("reviewers") or ()),
        assignees=tuple(one["username"] for one in raw.get("assignees") or ()),
        draft=bool(raw.get("draft")),
        closed_by_us=state is PullState.CLOSED and marker is not None and marker.closed_by_us,
        merged_commit=_merged_commit(raw) if state is PullState.MERGED else None,
        created=datetime.fromisoformat(raw["created_at"]),
        ended=datetime.fromisoformat(ended) if ended and state is not PullState.OPEN else None,
    )


def _merged_commit(raw: Mapping[str, Any]) -> str | None:
    """What arrived on the base branch: a merge, a squash, or (fast-forward) the head itself."""
    return raw.get("merge_commit_sha") or raw.get("squash_commit_sha") or raw.get("sha")
