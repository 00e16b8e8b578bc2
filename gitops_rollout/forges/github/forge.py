"""GitHub and GitHub Enterprise Server, through the REST API of version 2022-11-28.

Plain HTTP and not PyGithub's objects: PyGithub sends a POST again after a 5xx (PyGithub 2.10 GithubRetry.py), and a
create whose answer was lost must be looked for instead.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.forges.github.people import DECORATED, decorate, people_of
from gitops_rollout.forges.github.protection import read_protection
from gitops_rollout.forges.github.queue import enqueue, must_be_queued
from gitops_rollout.forges.github.remarks import GitHubTalk
from gitops_rollout.forges.http import Client, Exists, Refused
from gitops_rollout.model.change import Draft, PullRequest, PullState
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.protection import Protection

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
PAGE = 100
# Earlier ones are looked for among the thousand that changed last.
MOST_ENDED_PAGES = 10
METHODS = ("merge", "squash", "rebase")
# GitHub closes it in the background, some moments after the branch is gone.
_SOON = timedelta(seconds=10)
_ACTIONS_MAY_NOT = "Allow it in the settings of the repository (Actions, General), or use a GitHub App."


class GitHubApi:
    """The API below `/repos/{owner}/{repository}`. `caveat` says what these credentials cannot do, if anything."""

    kind = "github"

    def __init__(self, client: Client, owner: str, repository: str, caveat: str = "") -> None:
        self._client = client
        self._name = f"{owner}/{repository}"
        self._repo = f"/repos/{quote(owner, safe='')}/{quote(repository, safe='')}"
        self.caveat = caveat
        self._ended: list[Mapping[str, Any]] | None = None
        self._all_ended = True
        self.talk = GitHubTalk(client, self._repo)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._client.sent

    def open_pulls(self, base_branch: str) -> Sequence[PullRequest]:
        """The open ones into a base branch, from branches of the same repository."""
        self._ended = None
        listed = self._client.pages(f"{self._repo}/pulls", PAGE, state="open", base=base_branch)
        return [_pull(raw) for raw in listed if _same_repository(raw)]

    def ended_pulls(self, base_branch: str, prefix: str) -> Sequence[PullRequest]:
        """The merged and closed ones below a prefix, newest first; listed once for all prefixes."""
        if self._ended is None:
            query = {"state": "closed", "base": base_branch, "sort": "updated", "direction": "desc"}
            listed = self._client.pages(f"{self._repo}/pulls", PAGE, most=MOST_ENDED_PAGES, **query)
            everything = list(listed)
            self._all_ended = len(everything) < MOST_ENDED_PAGES * PAGE
            self._ended = [raw for raw in everything if _same_repository(raw)]
        mine = [raw for raw in self._ended if str(raw["head"]["ref"]).startswith(prefix)]
        if not self._all_ended:
            mine += self._older(base_branch, prefix, {raw["number"] for raw in mine})
        return sorted((self._with_cause(raw) for raw in mine), key=lambda pull: -pull.number)

    def pull(self, number: int) -> PullRequest | None:
        """One of them."""
        raw = self._client.get(f"{self._repo}/pulls/{number}")
        return None if raw is None or not _same_repository(raw) else self._with_cause(raw)

    def create(self, draft: Draft) -> PullRequest:
        """Open one."""
        body = {"title": draft.title, "head": draft.branch, "base": draft.base_branch, "body": draft.body}
        try:
            return _pull(self._client.write("POST", f"{self._repo}/pulls", {**body, "draft": draft.draft}))
        except Refused as refused:
            if refused.status == httpx.codes.UNPROCESSABLE_ENTITY and "already exists" in refused.message:
                raise Exists(refused.message) from None
            if "not permitted to create" in refused.message:  # Actions' own token, where the settings say so
                refused.message = f"{refused.message} {_ACTIONS_MAY_NOT}"
            raise

    def decorate(self, number: int, draft: Draft) -> None:
        """Reviewers (teams are written `owner/team`), assignees, labels (GitHub makes those that are missing) at last.

        What is refused keeps not from the rest; the first refusal is raised.
        """
        decorate(self._client, self._repo, number, draft)

    def complete(self, number: int, draft: Draft) -> bool:
        """Decorate one that has no trace of ever having been decorated in its events."""
        events = self._client.pages(f"{self._repo}/issues/{number}/events", PAGE)
        if any(event.get("event") in DECORATED for event in events):
            return False
        self.decorate(number, draft)
        return True

    def edit(self, number: int, title: str, body: str, *, draft: bool) -> None:
        """Give one another title and body; that it is a draft stands apart here."""
        self._patch(number, {"title": title, "body": body})

    def close(self, number: int) -> None:
        """Close one."""
        self._patch(number, {"state": "closed"})

    def reopen(self, number: int) -> None:
        """Open a closed one again, as a person does."""
        self._patch(number, {"state": "open"})

    def merge(self, pull: PullRequest) -> str | None:
        """Merge it with its expected head, the first way that the repository allows, or by its merge queue."""
        path = f"{self._repo}/pulls/{pull.number}/merge"
        why = ""
        for method in METHODS:
            try:
                self._client.write("PUT", path, {"sha": pull.head, "merge_method": method}, repeatable=False)
            except Refused as refused:
                if refused.status not in (405, 409, 422):
                    raise
                why = refused.message
                if must_be_queued(why):
                    return self._enqueued(pull) or why
                if "not allowed on this repository" not in why:
                    return why
            else:
                return None
        return why

    def enqueue(self, pull: PullRequest) -> str | None:
        """Have GitHub merge it: by the merge queue, by auto-merge, or at once where nothing is to be waited for."""
        return self._enqueued(pull) or self.merge(pull)

    def _enqueued(self, pull: PullRequest) -> str | None:
        raw = self._client.get(f"{self._repo}/pulls/{pull.number}")
        if raw is None:
            return "it is gone"
        try:
            enqueue(self._client, raw["node_id"], pull.head)
        except Refused as refused:
            return refused.message
        return None

    def protection(self, branch: str) -> Protection:
        """What is asked for before anything is merged into a branch."""
        return read_protection(self._client, self._repo, branch, self.caveat)

    def _patch(self, number: int, change: Mapping[str, Any]) -> None:
        self._client.write("PATCH", f"{self._repo}/pulls/{number}", change, repeatable=True)

    def _older(self, base_branch: str, prefix: str, known: Collection[int]) -> list[Mapping[str, Any]]:
        """Those that the listing did not reach. The search's `head:` finds the beginnings of branch names."""
        words = f"repo:{self._name} is:pr is:closed base:{base_branch} head:{prefix}"
        found = (self._client.get("/search/issues", q=words, per_page=PAGE) or {}).get("items") or []
        numbers = [raw["number"] for raw in found if raw["number"] not in known]
        pulls = [self._client.get(f"{self._repo}/pulls/{number}") for number in numbers]
        return [raw for raw in pulls if raw and _same_repository(raw) and str(raw["head"]["ref"]).startswith(prefix)]

    def _with_cause(self, raw: Mapping[str, Any]) -> PullRequest:
        """A closed one with what closed it: asked for only where it could be a veto."""
        pull = _pull(raw)
        if pull.state is not PullState.CLOSED or pull.closed_by_us:
            return pull
        return _pull(raw, branch_deleted=self._closed_by_deletion(pull.number))

    def _closed_by_deletion(self, number: int) -> bool:
        """Whether the last close came from the deletion of the branch: by one hand, and not after the close.

        GitHub gives whole seconds. A branch that is deleted a second or more after the close was deleted by somebody
        who had closed it first: that close is a no.
        """
        events = list(self._client.pages(f"{self._repo}/issues/{number}/events", PAGE))
        closes = [event for event in events if event.get("event") == "closed"]
        deletions = [event for event in events if event.get("event") == "head_ref_deleted"]
        if not closes or not deletions:
            return False
        close, deletion = closes[-1], deletions[-1]
        late = _instant(close["created_at"]) - _instant(deletion["created_at"])
        return timedelta(0) <= late <= _SOON and _login(close.get("actor")) == _login(deletion.get("actor"))


def actions_caveat(token: str, environment: Mapping[str, str]) -> str:
    """What Actions' own token cannot do: what it opens starts no workflow, so that required checks never report."""
    if environment.get("GITHUB_ACTIONS") != "true" or token != environment.get("GITHUB_TOKEN", "").strip():
        return ""
    return (
        "opened with the token of GitHub Actions, which starts no other workflow: required checks wait until a person"
        " pushes or reopens it; use a GitHub App or a token of a user instead"
    )


def api_url(web: str) -> str:
    """The API beside a web address: GitHub Enterprise Server has it below `/api/v3`."""
    return "https://api.github.com" if web == "https://github.com" else f"{web}/api/v3"


def _same_repository(raw: Mapping[str, Any]) -> bool:
    """A fork may have a branch of the same name; of a fork that was deleted nothing is left."""
    head, base = raw["head"].get("repo"), raw["base"].get("repo")
    return bool(head and base and head["id"] == base["id"])


def _pull(raw: Mapping[str, Any], *, branch_deleted: bool = False) -> PullRequest:
    try:
        return _read(raw, branch_deleted=branch_deleted)
    except (KeyError, TypeError, ValueError) as error:
        raise ForgeError(f"a pull request that GitHub sent cannot be understood ({error!r})") from None


def _read(raw: Mapping[str, Any], *, branch_deleted: bool) -> PullRequest:
    merged = raw.get("merged_at")
    state = PullState.MERGED if merged else PullState(raw["state"])
    marker = parse_marker(raw.get("body") or "")
    ended = merged or raw.get("closed_at")
    return PullRequest(
        number=raw["number"],
        url=raw["html_url"],
        state=state,
        branch=raw["head"]["ref"],
        head=raw["head"]["sha"],
        base_branch=raw["base"]["ref"],
        title=raw["title"],
        body=raw.get("body") or "",
        author=_login(raw.get("user")),
        labels=tuple(label["name"] for label in raw.get("labels") or ()),
        reviewers=people_of(raw, "requested_reviewers", "login") + people_of(raw, "requested_teams", "slug"),
        assignees=people_of(raw, "assignees", "login"),
        draft=bool(raw.get("draft")),
        closed_by_us=state is PullState.CLOSED and marker is not None and marker.closed_by_us,
        branch_deleted=branch_deleted,
        merged_commit=raw.get("merge_commit_sha") if merged else None,
        created=_instant(raw["created_at"]),
        ended=_instant(ended) if ended else None,
    )


def _login(user: Mapping[str, Any] | None) -> str:
    return str(user.get("login", "")) if user else ""


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
