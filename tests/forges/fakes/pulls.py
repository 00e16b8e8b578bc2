"""Pull requests as hosted forges keep them, beside a real bare repository: what the fakes of their APIs share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.repository.repos import git

MERGER = {"GIT_AUTHOR_NAME": "Forge", "GIT_AUTHOR_EMAIL": "forge@example.org"}
MERGER |= {"GIT_COMMITTER_NAME": "Forge", "GIT_COMMITTER_EMAIL": "forge@example.org"}
START = datetime(2026, 1, 1, tzinfo=UTC)


class RefusedError(Exception):
    """The forge says no: an HTTP status and its words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Pull:
    """One pull request, and what happened to it, as (name, time, actor)."""

    number: int
    branch: str
    base: str
    title: str
    body: str
    head: str
    draft: bool = False
    state: str = "open"
    merged: str | None = None
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    created: str = ""
    updated: str = ""
    ended: str | None = None
    events: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Note:
    """A comment of somebody on a pull request."""

    id: int
    author: str
    body: str


@dataclass
class Pulls:
    """The store. Each change is a second later than the one before. `closes_with_branch`: as GitHub, unlike GitLab."""

    remote: Path
    closes_with_branch: bool = True
    pulls: dict[int, Pull] = field(default_factory=dict)
    seconds: int = 0
    notes: dict[int, list[Note]] = field(default_factory=dict)
    statuses: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    ids: int = 100

    def note(self, number: int, author: str, body: str) -> Note:
        """Somebody comments."""
        self.ids += 1
        made = Note(self.ids, author, body)
        self.notes.setdefault(self.get(number).number, []).append(made)
        return made

    def note_of(self, id: int) -> Note:
        """A comment by its number; 404 where there is none."""
        found = [note for notes in self.notes.values() for note in notes if note.id == id]
        if not found:
            raise RefusedError(404, "Not Found")
        return found[0]

    def drop_note(self, id: int) -> None:
        """A comment is deleted."""
        gone = self.note_of(id)
        for notes in self.notes.values():
            if gone in notes:
                notes.remove(gone)

    def now(self) -> str:
        self.seconds += 1
        return (START + timedelta(seconds=self.seconds)).isoformat()

    def heads(self) -> dict[str, str]:
        listed = git(self.remote, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
        return dict(line.split(" ", 1) for line in listed.splitlines())

    def look(self) -> list[Pull]:
        """All of them, newest first, after the forge has taken in what was pushed."""
        heads = self.heads()
        for pull in self.pulls.values():
            if pull.state != "open":
                continue
            if pull.branch in heads:
                pull.head = heads[pull.branch]
            elif self.closes_with_branch:
                self.close(pull.number, "pusher")
                pull.events.append(("head_ref_deleted", pull.ended or "", "pusher"))
        return sorted(self.pulls.values(), key=lambda pull: -pull.number)

    def get(self, number: int) -> Pull:
        self.look()
        if number not in self.pulls:
            raise RefusedError(404, "Not Found")
        return self.pulls[number]

    def create(self, branch: str, base: str, title: str, body: str, *, draft: bool = False) -> Pull:
        heads = self.heads()
        if branch not in heads or base not in heads:
            raise RefusedError(422, "Validation Failed: head or base is invalid")
        twin = next((pull for pull in self.look() if pull.branch == branch and pull.state == "open"), None)
        if twin is not None:
            raise RefusedError(409, f"A pull request already exists for {branch}: #{twin.number}")
        when = self.now()
        number = len(self.pulls) + 1
        pull = Pull(number, branch, base, title, body, heads[branch], draft, created=when, updated=when)
        self.pulls[number] = pull
        return pull

    def close(self, number: int, actor: str = "us") -> None:
        pull = self.pulls[number]
        if pull.state == "open":
            pull.state, pull.ended = "closed", self.now()
            pull.updated = pull.ended
            pull.events.append(("closed", pull.ended, actor))

    def reopen(self, number: int) -> None:
        pull = self.pulls[number]
        if pull.merged or pull.branch not in self.heads():
            raise RefusedError(422, "state cannot be changed")
        pull.state, pull.ended, pull.updated = "open", None, self.now()

    def commit(self, branch: str, base: str, files: dict[str, bytes], message: str, committer: str) -> str:
        """Commit on a branch that is at `base` or not there; dated now, as no two commits of a forge are alike."""
        now = int(datetime.fromisoformat(self.now()).timestamp())
        stream = f"commit refs/heads/{branch}\nauthor Bot <bot@example.org> {now} +0000\n"
        stream += f"committer Forge <{committer}> {now} +0000\ndata {len(message.encode())}\n{message}\nfrom {base}\n"
        parts = [b"M 100644 inline %b\ndata %d\n%b\n" % (p.encode(), len(d), d) for p, d in files.items()]
        git(self.remote, "fast-import", "--quiet", stdin=stream.encode() + b"".join(parts))
        return self.heads()[branch]

    def merge(self, number: int, head: str) -> str:
        pull = self.get(number)
        if pull.state != "open" or pull.draft:
            raise RefusedError(405, "Pull Request is not mergeable")
        if pull.head != head:
            raise RefusedError(409, "Head branch was modified. Review and try the merge again.")
        onto = self.heads()[pull.base]
        try:
            tree = git(self.remote, "merge-tree", "--write-tree", onto, head, **MERGER).splitlines()[0]
        except AssertionError:
            raise RefusedError(405, "Pull Request is not mergeable: merge conflict") from None
        message = f"Merge pull request #{number} from {pull.branch}"
        commit = git(self.remote, "commit-tree", tree, "-p", onto, "-p", head, "-m", message, **MERGER)
        git(self.remote, "update-ref", f"refs/heads/{pull.base}", commit, onto)
        pull.state, pull.merged, pull.ended = "closed", commit, self.now()
        return commit
