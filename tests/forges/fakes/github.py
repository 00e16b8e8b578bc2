"""GitHub's REST API as the adapter uses it. A request that it does not know is an error of the test."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.forges.fakes.github_graphql import FakeGraphQL
from tests.forges.fakes.pulls import Pull, Pulls, RefusedError
from tests.forges.fakes.talk import github_talk

ROOT = "/repos/acme/models"


@dataclass
class FakeGitHub:
    """Answers requests; `asked` holds each as (method, path, body), for checks against the published description."""

    pulls: Pulls
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    methods: tuple[str, ...] = ("merge", "squash", "rebase")
    rules: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graphql = FakeGraphQL(self.pulls)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, request.url.raw_path.decode(), body))
        assert request.headers["authorization"] == "Bearer secret"
        try:
            status, answer = self.answer(request.method, request.url.path, dict(request.url.params), body)
        except RefusedError as refused:
            status, answer = refused.status, {"message": refused.message}
            if status == 409 and "already exists" in refused.message:
                status, answer = 422, {"message": f"Validation Failed: {refused.message}"}
        return httpx.Response(status) if status == 204 else httpx.Response(status, json=answer)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if (method, path) == ("POST", "/graphql") and "viewer" in body["query"]:
            return 200, {"data": {"viewer": {"login": "bot"}}}
        if (method, path) == ("POST", "/graphql"):
            return self.graphql.answer(body)
        if (method, path) == ("GET", "/search/issues"):
            wanted = dict(word.split(":", 1) for word in query["q"].split())
            assert wanted["repo"] == "acme/models"
            found = [p for p in self.pulls.look() if p.state == "closed" and p.branch.startswith(wanted["head"])]
            return 200, {"items": [{"number": pull.number} for pull in found]}
        assert path.startswith(ROOT), f"the fake knows no {method} {path}"
        path = path.removeprefix(ROOT)
        talk = re.fullmatch(r"/(issues/\d+/comments|issues/comments/\d+|statuses/\w+|commits/\w+/statuses)", path)
        if talk:
            return github_talk(self.pulls, method, path, query, body)
        if method == "GET" and not path.startswith(("/pulls", "/issues")):
            return self.settings(path.removeprefix("/"))
        match = re.fullmatch(r"/(pulls|issues)/(\d+)(/\w+)?", path)
        if match is None:
            assert path == "/pulls", f"the fake knows no {method} {path}"
            return self.collection(method, query, body)
        return self.item(f"{method} {match[1]}{match[3] or ''}", self.pulls.get(int(match[2])), query, body)

    def settings(self, path: str) -> tuple[int, Any]:
        """The repository, its branch and their rules: `rules` holds what a test sets, by path; a number is refused."""
        usual = {"": {"permissions": {"push": True}}, "rules/branches/main": [], "branches/main": {"protection": {}}}
        answer = self.rules.get(path, usual.get(path))
        if answer is None or isinstance(answer, int):
            raise RefusedError(answer or 404, "Not Found")
        return 200, answer

    def collection(self, method: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if method == "POST":
            pull = self.pulls.create(body["head"], body["base"], body["title"], body["body"], draft=body["draft"])
            return 201, self.show(pull)
        assert method == "GET"
        assert query.keys() <= {"state", "base", "page", "per_page", "sort", "direction"}
        found = [p for p in self.pulls.look() if p.state == query["state"] and p.base == query["base"]]
        if query.get("sort") == "updated":
            found.sort(key=lambda pull: pull.updated, reverse=True)
        size, page = int(query["per_page"]), int(query["page"])
        return 200, [self.show(pull) for pull in found[(page - 1) * size : page * size]]

    def item(self, what: str, pull: Pull, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if what == "GET pulls":
            return 200, self.show(pull)
        if what == "PATCH pulls":
            return self.patch(pull, body)
        if what == "PUT pulls/merge":
            if self.graphql.queue:
                raise RefusedError(405, "Changes must be made through the merge queue")
            if body["merge_method"] not in self.methods:
                raise RefusedError(405, f"{body['merge_method']} is not allowed on this repository.")
            return 200, {"sha": self.pulls.merge(pull.number, body["sha"]), "merged": True}
        if what == "POST issues/labels":
            pull.events.append(("labeled", self.pulls.now(), "bot"))
            pull.labels += [name for name in body["labels"] if name not in pull.labels]
            return 200, [{"name": name} for name in pull.labels]
        if what == "POST issues/assignees":
            pull.assignees += body["assignees"]
            assigned = [{"login": name} for name in pull.assignees]
            return 201, {"number": pull.number, "state": pull.state, "assignees": assigned}
        if what == "POST pulls/requested_reviewers":
            if "nobody" in body["reviewers"]:
                raise RefusedError(422, "Reviews may only be requested from collaborators.")
            pull.reviewers += [*body["reviewers"], *body["team_reviewers"]]
            return 201, self.show(pull)
        assert what == "GET issues/events", f"the fake knows no {what}"
        events = [{"event": name, "created_at": when, "actor": {"login": actor}} for name, when, actor in pull.events]
        return 200, events if query["page"] == "1" else []

    def patch(self, pull: Pull, body: Any) -> tuple[int, Any]:
        assert body.keys() <= {"title", "body", "state"}
        pull.title, pull.body = body.get("title", pull.title), body.get("body", pull.body)
        if body.get("state") == "closed":
            self.pulls.close(pull.number)
        elif body.get("state") == "open":
            self.pulls.reopen(pull.number)
        return 200, self.show(pull)

    def show(self, pull: Pull) -> dict[str, Any]:
        here = {"id": 7}
        return {
            "number": pull.number,
            "node_id": f"PR_{pull.number}",
            "html_url": f"https://github.example/acme/models/pull/{pull.number}",
            "state": pull.state,
            "title": pull.title,
            "body": pull.body or None,
            "draft": pull.draft,
            "user": {"login": "bot"},
            "labels": [{"name": name} for name in pull.labels],
            "requested_reviewers": [{"login": name} for name in pull.reviewers],
            "assignees": [{"login": name} for name in pull.assignees],
            "head": {"ref": pull.branch, "sha": pull.head, "repo": here},
            "base": {"ref": pull.base, "repo": here},
            "created_at": pull.created,
            "closed_at": pull.ended,
            "merged_at": pull.ended if pull.merged else None,
            "merge_commit_sha": pull.merged,
        }
