"""Gitea and Forgejo. What is said here of their behaviour was seen on Gitea 1.26."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from tenacity import Retrying, retry_if_exception, retry_if_result, stop_after_delay, wait_fixed, wait_random

from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.forges.gitea.protection import read_protection
from gitops_rollout.forges.gitea.remarks import GiteaTalk
from gitops_rollout.forges.http import MOST_PAGES, Client, Exists, Refused
from gitops_rollout.forges.local.refs import change_of
from gitops_rollout.model.change import Draft, PullRequest, PullState
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.protection import Protection

PAGE = 50  # the server's cap
MOST_ENDED_PAGES = 20
COLOUR = "#1f6feb"
WIP = "WIP: "  # what makes a draft here is its title
# The server closes a pull request and notes the deletion of its branch in one go; people need longer for two clicks.
_AT_ONCE = timedelta(seconds=1)
_PATIENCE_SECONDS = 10.0
# For a second or two after the first push to an empty repository the server knows none of its branches.
_FIRST_PUSH_PATIENCE_SECONDS = 5.0


class GiteaApi:
    """The API below `/api/v1/repos/{owner}/{repository}`. `client` talks to `/api/v1`."""

    kind = "gitea"
    caveat = ""

    def __init__(self, client: Client, owner: str, repository: str, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._repo = f"/repos/{quote(owner, safe='')}/{quote(repository, safe='')}"
        self._sleep = sleep
        self._ended: list[Mapping[str, Any]] | None = None
        self._all_ended = True
        self.talk = GiteaTalk(client, self._repo)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._client.sent

    def open_pulls(self, base_branch: str) -> Sequence[PullRequest]:
        """The open ones into a base branch; `head=` is ignored by the server, so all are listed."""
        self._ended = None
        return [_pull(raw) for raw in self._list("open", base_branch) if _same_repository(raw)]

    def ended_pulls(self, base_branch: str, prefix: str) -> Sequence[PullRequest]:
        """The merged and closed ones below a prefix, newest first; listed once for all prefixes."""
        if self._ended is None:
            login = (self._client.get("/user") or {}).get("login")
            listed = list(self._list("closed", base_branch, most=MOST_ENDED_PAGES, poster=login))
            self._all_ended = len(listed) < MOST_ENDED_PAGES * PAGE
            self._ended = [raw for raw in listed if _same_repository(raw)]
        mine = [raw for raw in self._ended if _branch(raw).startswith(prefix)]
        if not self._all_ended and change_of(prefix):
            mine += self._older(base_branch, prefix, {raw["number"] for raw in mine})
        return sorted((self._with_cause(raw) for raw in mine), key=lambda pull: -pull.number)

    def pull(self, number: int) -> PullRequest | None:
        """One of them."""
        raw = self._client.get(f"{self._repo}/pulls/{number}")
        return None if raw is None or not _same_repository(raw) else self._with_cause(raw)

    def create(self, draft: Draft) -> PullRequest:
        """Open one. The server opens a second one for the same branch when both come at once: callers look again."""
        body: dict[str, Any] = {
            "title": f"{WIP}{draft.title}" if draft.draft else draft.title,
            "body": draft.body,
            "head": draft.branch,
            "base": draft.base_branch,
            "labels": self._labels(draft.labels),
            "assignees": list(draft.assignees),
        }
        teams = [name.partition("/")[2] for name in draft.reviewers if "/" in name]
        body["reviewers"] = [name for name in draft.reviewers if "/" not in name]
        body["team_reviewers"] = teams
        taken_in = Retrying(
            retry=retry_if_exception(_is_missing),
            stop=stop_after_delay(_FIRST_PUSH_PATIENCE_SECONDS),
            wait=wait_fixed(0.5),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return _pull(taken_in(self._client.write, "POST", f"{self._repo}/pulls", body))
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
        self._patch(number, {"title": f"{WIP}{title}" if draft else title, "body": body})

    def close(self, number: int) -> None:
        """Close one."""
        self._patch(number, {"state": "closed"})

    def reopen(self, number: int) -> None:
        """Open a closed one again, as a person does."""
        self._patch(number, {"state": "open"})

    def merge(self, pull: PullRequest) -> str | None:
        """Merge it now, with its head: `merge_when_checks_succeed` would ignore the head, and is not used."""
        order = {"Do": "merge", "head_commit_id": pull.head}
        path = f"{self._repo}/pulls/{pull.number}/merge"

        def once() -> str | None:
            try:
                self._client.write("POST", path, order)
            except Refused as refused:
                if refused.status in (405, 409):
                    return refused.message
                raise
            return None

        def busy(why: str | None) -> bool:
            return why is not None and "try again later" in why.lower()

        patiently = Retrying(
            retry=retry_if_result(busy),
            stop=stop_after_delay(_PATIENCE_SECONDS),
            wait=wait_fixed(0.5),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        why: str | None = patiently(once)
        now = self._client.get(f"{self._repo}/pulls/{pull.number}") or {}
        return None if now.get("merged") else (why or "it was not merged, and no reason was given")

    def enqueue(self, pull: PullRequest) -> str | None:
        """Never: what the server merges later it merges whatever the branch holds by then."""
        return "Gitea's own auto-merge does not keep to the commit that was looked at: write `merge: auto` instead"

    def protection(self, branch: str) -> Protection:
        """What is asked for before anything is merged into a branch."""
        return read_protection(self._client, self._repo, branch)

    def _patch(self, number: int, change: Mapping[str, Any]) -> None:
        """Change one; of several who do so at the same instant the server takes one and answers the others 409."""

        def once() -> Refused | None:
            try:
                self._client.write("PATCH", f"{self._repo}/pulls/{number}", change, repeatable=True)
            except Refused as refused:
                if refused.status == httpx.codes.CONFLICT:
                    return refused
                raise
            return None

        patiently = Retrying(
            retry=retry_if_result(lambda refused: refused is not None),
            stop=stop_after_delay(_PATIENCE_SECONDS),
            wait=wait_random(0.05, 0.5),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        refused = patiently(once)
        if refused is not None:
            raise refused

    def _list(self, state: str, base_branch: str, most: int = MOST_PAGES, **query: Any) -> Iterator[Mapping[str, Any]]:
        asked = {"state": state, "base_branch": base_branch, "sort": "newest", **query}
        return self._client.pages(f"{self._repo}/pulls", PAGE, most=most, named="limit", **asked)

    def _older(self, base_branch: str, prefix: str, known: Collection[int]) -> list[Mapping[str, Any]]:
        """Those that the listing did not reach, by the change's name in their texts."""
        words = {"type": "pulls", "state": "closed", "q": change_of(prefix)}
        found = [raw["number"] for raw in self._client.get(f"{self._repo}/issues", limit=PAGE, **words) or []]
        pulls = [self._client.get(f"{self._repo}/pulls/{number}") for number in found if number not in known]
        same = [raw for raw in pulls if raw and _same_repository(raw) and raw["base"]["ref"] == base_branch]
        return [raw for raw in same if _branch(raw).startswith(prefix)]

    def _labels(self, names: Sequence[str]) -> list[int]:
        """Ids of labels, those made that are missing: the server drops names that it does not know."""
        if not names:
            return []
        known: dict[str, int] = {}
        for raw in self._client.pages(f"{self._repo}/labels", PAGE, named="limit"):
            known[raw["name"]] = min(raw["id"], known.get(raw["name"], raw["id"]))
        for name in dict.fromkeys(names):
            if name not in known:
                made = self._client.write("POST", f"{self._repo}/labels", {"name": name, "color": COLOUR})
                known[name] = made["id"]
        return [known[name] for name in dict.fromkeys(names)]

    def _with_cause(self, raw: Mapping[str, Any]) -> PullRequest:
        """A closed one with what closed it: asked for only where it could be a veto and its branch is gone."""
        pull = _pull(raw)
        marker = parse_marker(pull.body)
        if pull.state is not PullState.CLOSED or (marker is not None and marker.closed_by_us):
            return pull
        if raw["head"]["ref"] == pull.branch:
            return pull
        return _pull(raw, branch_deleted=self._closed_by_deletion(pull.number))

    def _closed_by_deletion(self, number: int) -> bool:
        """Whether the last close came with the deletion of the branch, from one hand and at once."""
        events = list(self._client.pages(f"{self._repo}/issues/{number}/timeline", PAGE, named="limit"))
        closes = [place for place, event in enumerate(events) if event["type"] == "close"]
        after = events[closes[-1] + 1 :] if closes else []
        if not after or after[0]["type"] != "delete_branch":
            return False
        close, deletion = events[closes[-1]], after[0]
        same = close["user"]["login"] == deletion["user"]["login"]
        return same and _instant(deletion["created_at"]) - _instant(close["created_at"]) <= _AT_ONCE


def _is_missing(error: BaseException) -> bool:
    return isinstance(error, Refused) and error.status == httpx.codes.NOT_FOUND


def _same_repository(raw: Mapping[str, Any]) -> bool:
    """A fork may have a branch of the same name: that is nobody's but its owner's."""
    return bool(raw["head"]["repo_id"] == raw["base"]["repo_id"])


def _branch(raw: Mapping[str, Any]) -> str:
    """The branch's name; `ref` becomes `refs/pull/N/head` when the branch is deleted, `label` keeps it."""
    return str(raw["head"]["label"])


def _pull(raw: Mapping[str, Any], *, branch_deleted: bool = False) -> PullRequest:
    try:
        return _read(raw, branch_deleted=branch_deleted)
    except (KeyError, TypeError, ValueError) as error:
        raise ForgeError(f"a pull request that the forge sent cannot be understood ({error!r})") from None


def _read(raw: Mapping[str, Any], *, branch_deleted: bool) -> PullRequest:
    merged = bool(raw.get("merged"))
    state = PullState.MERGED if merged else PullState(raw["state"])
    marker = parse_marker(raw.get("body") or "")
    ended = raw.get("merged_at") if merged else raw.get("closed_at")
    return PullRequest(
        number=raw["number"],
        url=raw["html_url"],
        state=state,
        branch=_branch(raw),
        head=raw["head"]["sha"],
        base_branch=raw["base"]["ref"],
        title=raw["title"].removeprefix(WIP),
        body=raw.get("body") or "",
        author=raw["user"]["login"],
        labels=tuple(label["name"] for label in raw.get("labels") or ()),
        reviewers=tuple(one["login"] for one in raw.get("requested_reviewers") or ()),
        assignees=tuple(one["login"] for one in raw.get("assignees") or ()),
        draft=bool(raw.get("draft")),
        closed_by_us=state is PullState.CLOSED and marker is not None and marker.closed_by_us,
        branch_deleted=branch_deleted,
        merged_commit=raw.get("merge_commit_sha") if merged else None,
        created=_instant(raw["created_at"]),
        ended=_instant(ended) if ended else None,
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
