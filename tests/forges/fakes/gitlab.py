"""GitLab's API as the adapter uses it, its answers as docs.gitlab.com/api/merge_requests shows them."""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.forges.fakes.pulls import Pull, Pulls, RefusedError
from tests.forges.fakes.talk import BOT, gitlab_talk

PROJECT = "/api/v4/projects/acme%2Fml%2Fmodels"
ROOT = f"{PROJECT}/merge_requests"


@dataclass
class FakeGitLab:
    """Answers requests. `checking` is how many merges are refused because GitLab is still finding out.

    `trains`: the project has merge trains. `pipeline` tells whether the pipelines have succeeded.
    """

    pulls: Pulls
    checking: int = 0
    trains: bool = False
    pipeline: bool = True
    aboard: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    rules: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        path = request.url.raw_path.decode().partition("?")[0]
        self.asked.append((request.method, path, body))
        assert request.headers["private-token"] == "secret"
        try:
            status, answer = self.answer(request.method, path, dict(request.url.params), body)
        except RefusedError as refused:
            status, answer = refused.status, {"message": [refused.message]}
        return httpx.Response(status) if status == 204 else httpx.Response(status, json=answer)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if path == "/api/v4/users":
            return 200, [{"id": 42, "username": query["username"]}] if query["username"] != "nobody" else []
        if path == "/api/v4/user":
            return 200, {"id": BOT, "username": "bot", "commit_email": "project_7_bot@noreply.gitlab.example"}
        talk = re.fullmatch(r"/(merge_requests/\d+/notes(/\d+)?|statuses/\w+|repository/commits/\w+/statuses)",
                            path.removeprefix(PROJECT))  # fmt: skip
        if talk:
            return gitlab_talk(self.pulls, method, path.removeprefix(PROJECT), query, body)
        if (method, path) == ("POST", f"{PROJECT}/repository/commits"):
            return self.commit(body)
        if path.startswith(f"{PROJECT}/merge_trains/merge_requests/"):
            return self.board(method, self.pulls.get(int(path.rpartition("/")[2])), body)
        if not path.startswith(ROOT):
            assert (method, path[: len(PROJECT)]) == ("GET", PROJECT), f"the fake knows no {method} {path}"
            return self.settings(path.removeprefix(PROJECT).removeprefix("/"))
        match = re.fullmatch(r"(?:/(\d+)(/merge)?)?", path.removeprefix(ROOT))
        assert match is not None, f"the fake knows no {method} {path}"
        if match[1] is None:
            return self.collection(method, query, body)
        pull = self.pulls.get(int(match[1]))
        if match[2]:
            assert method == "PUT"
            return self.merge(pull, body)
        if method == "PUT":
            return self.put(pull, body)
        assert method == "GET"
        return 200, self.show(pull)

    def settings(self, path: str) -> tuple[int, Any]:
        """The project and what protects its branch: `rules` holds what a test sets, by path; a number is refused."""
        access = {"project_access": {"access_level": 30}, "group_access": None}
        usual = {"": {"id": 7, "merge_trains_enabled": self.trains, "permissions": access}}
        answer = self.rules.get(path, usual.get(path))
        if answer is None or isinstance(answer, int):
            raise RefusedError(answer or 404, "404 Not Found")
        return 200, answer

    def collection(self, method: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if method == "POST":
            title, draft = body["title"].removeprefix("Draft: "), body["title"].startswith("Draft: ")
            source, target = body["source_branch"], body["target_branch"]
            pull = self.pulls.create(source, target, title, body["description"], draft=draft)
            pull.labels = body["labels"].split(",") if body.get("labels") else []
            return 201, self.show(pull)
        assert method == "GET"
        known = {"state", "target_branch", "page", "per_page", "scope", "order_by", "sort", "search", "in"}
        assert query.keys() <= known
        shown = [self.show(pull) for pull in self.pulls.look()]
        shown = [raw for raw in shown if query.get("search", "") in raw["title"] + raw["description"]]
        found = [
            raw for raw in shown if raw["state"] == query["state"] and raw["target_branch"] == query["target_branch"]
        ]
        size, page = int(query["per_page"]), int(query["page"])
        return 200, found[(page - 1) * size : page * size]

    def merge(self, pull: Pull, body: Any) -> tuple[int, Any]:
        if self.checking:
            self.checking -= 1
            raise RefusedError(405, "405 Method Not Allowed")
        if body.get("auto_merge") and not self.pipeline:
            self.check_head(pull, body)
            self.waiting.add(pull.number)
        else:
            self.pulls.merge(pull.number, body["sha"])
        return 200, self.show(pull)

    def board(self, method: str, pull: Pull, body: Any) -> tuple[int, Any]:
        if method == "GET":
            if pull.number not in self.aboard:
                raise RefusedError(404, "404 Not Found")
            return 200, {"id": 1, "status": "fresh"}
        self.check_head(pull, body)
        self.aboard.add(pull.number)
        return 201, [{"id": 1, "status": "idle"}]

    def check_head(self, pull: Pull, body: Any) -> None:
        if body["sha"] != pull.head:
            raise RefusedError(409, "SHA does not match HEAD of source branch")

    def commit(self, body: Any) -> tuple[int, Any]:
        heads = self.pulls.heads()
        if body["branch"] in heads:
            raise RefusedError(400, f"A branch called '{body['branch']}' already exists.")
        assert all(one["encoding"] == "base64" for one in body["actions"])
        files = {one["file_path"]: base64.b64decode(one["content"]) for one in body["actions"]}
        email = "project_7_bot@noreply.gitlab.example"
        made = self.pulls.commit(body["branch"], body["start_sha"], files, body["commit_message"], email)
        return 201, {"id": made}

    def put(self, pull: Pull, body: Any) -> tuple[int, Any]:
        assert body.keys() <= {"title", "description", "state_event"}
        if "title" in body:
            pull.title, pull.draft = body["title"].removeprefix("Draft: "), body["title"].startswith("Draft: ")
        pull.body = body.get("description", pull.body)
        if body.get("state_event") == "close":
            self.pulls.close(pull.number)
        elif body.get("state_event") == "reopen":
            self.pulls.reopen(pull.number)
        return 200, self.show(pull)

    def show(self, pull: Pull) -> dict[str, Any]:
        state = "merged" if pull.merged else {"open": "opened"}.get(pull.state, pull.state)
        return {
            "iid": pull.number,
            "web_url": f"https://gitlab.example/acme/ml/models/-/merge_requests/{pull.number}",
            "state": state,
            "title": f"Draft: {pull.title}" if pull.draft else pull.title,
            "description": pull.body,
            "draft": pull.draft,
            "author": {"username": "bot"},
            "labels": pull.labels,
            "source_branch": pull.branch,
            "target_branch": pull.base,
            "source_project_id": 7,
            "target_project_id": 7,
            "sha": pull.head,
            "merge_when_pipeline_succeeds": pull.number in self.waiting,
            "merge_commit_sha": pull.merged,
            "squash_commit_sha": None,
            "detailed_merge_status": "checking" if self.checking else "mergeable",
            "created_at": pull.created,
            "merged_at": pull.ended if pull.merged else None,
            "closed_at": pull.ended if not pull.merged else None,
        }
