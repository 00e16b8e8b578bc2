"""Comments and commit statuses as GitHub and GitLab keep them.

GitHub: docs.github.com/en/rest/issues/comments and /commits/statuses. GitLab: docs.gitlab.com/api/notes and
/api/commits, where a status that is pending already cannot become pending again.
"""

from typing import Any

from tests.forges.fakes.pulls import Note, Pulls, RefusedError

BOT = 42
_IDS = {"bot": BOT}


def github_talk(pulls: Pulls, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
    """One request below the repository's path."""
    parts = path.strip("/").split("/")
    if parts[0] in ("statuses", "commits"):
        listed = pulls.statuses.setdefault(parts[1], [])
        if method == "GET":
            return 200, list(reversed(listed)) if query["page"] == "1" else []
        assert method == "POST"
        assert body["state"] in ("pending", "success", "failure", "error")
        assert len(body["description"]) <= 140
        listed.append(body)
        return 201, body
    if parts[1] == "comments":
        note = pulls.note_of(int(parts[2]))
        if method == "DELETE":
            pulls.drop_note(note.id)
            return 204, None
        assert method == "PATCH"
        note.body = body["body"]
        return 200, _github_comment(note)
    number = int(parts[1])
    if method == "POST":
        return 201, _github_comment(pulls.note(number, "bot", body["body"]))
    size, page = int(query["per_page"]), int(query["page"])
    return 200, [_github_comment(note) for note in pulls.notes.get(number, [])[(page - 1) * size : page * size]]


def gitlab_talk(pulls: Pulls, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
    """One request below the project's path."""
    parts = path.strip("/").split("/")
    if parts[0] in ("statuses", "repository"):
        listed = pulls.statuses.setdefault(parts[1] if parts[0] == "statuses" else parts[2], [])
        if method == "GET":
            assert query["name"]
            return 200, listed[-1:] if query["page"] == "1" else []
        assert method == "POST"
        assert body["state"] in ("pending", "running", "success", "failed", "canceled")
        if listed and listed[-1]["status"] == body["state"] == "pending":
            raise RefusedError(400, "Cannot transition status via :enqueue from :pending")
        listed.append({"name": body["name"], "status": body["state"], "description": body["description"]})
        return 201, listed[-1]
    number = int(parts[1])
    if len(parts) == 4:
        note = pulls.note_of(int(parts[3]))
        if method == "DELETE":
            pulls.drop_note(note.id)
            return 204, None
        assert method == "PUT"
        note.body = body["body"]
        return 200, _gitlab_note(note)
    if method == "POST":
        return 201, _gitlab_note(pulls.note(number, "bot", body["body"]))
    assert query["sort"] == "asc"
    size, page = int(query["per_page"]), int(query["page"])
    return 200, [_gitlab_note(note) for note in pulls.notes.get(number, [])[(page - 1) * size : page * size]]


def _github_comment(note: Note) -> dict[str, Any]:
    return {"id": note.id, "body": note.body, "user": {"login": note.author, "type": "User"}}


def _gitlab_note(note: Note) -> dict[str, Any]:
    author = {"id": _IDS.get(note.author, 7), "username": note.author}
    return {"id": note.id, "body": note.body, "system": False, "author": author}
