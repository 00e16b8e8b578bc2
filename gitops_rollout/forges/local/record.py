"""A pull request of the embedded forge as it is kept: the files of one commit, read back with care."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import msgspec

from gitops_rollout.model.change import PullRequest, PullState
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.remarks import CommitStatus

FILE = "pull.json"
COMMENT = "comment.md"
STATUS = "status.json"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened: `what` is `opened`, `updated`, `closed`, `reopened` or `merged`."""

    at: datetime
    by: str
    what: str
    text: str = ""


class HeadStatus(msgspec.Struct, frozen=True):
    """The status `gitops-rollout/ready` of one commit; a branch that moves on leaves it behind."""

    head: str
    status: CommitStatus


class Record(msgspec.Struct, frozen=True):
    """A pull request and its events, oldest first. `branch_deleted` is never kept: the remote's refs tell it.

    `comment` is the one that we keep on it, `status` that of the head that it was said of.
    """

    pull: PullRequest
    events: tuple[Event, ...] = ()
    comment: str | None = None
    status: HeadStatus | None = None

    def then(self, event: Event, pull: PullRequest) -> "Record":
        """The record after one more event."""
        return Record(pull, (*self.events, event), self.comment, self.status)

    def status_of(self, head: str) -> CommitStatus | None:
        """The status of a head, None where nothing was said of it."""
        return self.status.status if self.status is not None and self.status.head == head else None

    def files(self) -> dict[str, bytes]:
        """The files of its commit: `pull.json`, one for each event in order, and what we say on it."""
        files = {FILE: _json(self.pull)}
        files.update({f"events/{number:04d}.json": _json(event) for number, event in enumerate(self.events, 1)})
        if self.comment is not None:
            files[COMMENT] = self.comment.encode()
        if self.status is not None:
            files[STATUS] = _json(self.status)
        return files


def read_record(ref: str, files: Mapping[str, bytes]) -> Record:
    """The record in the files of a commit. Raises `ForgeError` naming `ref` where it cannot be read."""
    try:
        pull = msgspec.json.decode(files[FILE], type=PullRequest)
        events = [msgspec.json.decode(files[path], type=Event) for path in sorted(files) if path.startswith("events/")]
        status = msgspec.json.decode(files[STATUS], type=HeadStatus) if STATUS in files else None
    except KeyError:
        raise ForgeError(f"{ref} holds no {FILE}", _HINT) from None
    except msgspec.DecodeError as error:
        raise ForgeError(f"{ref} cannot be read: {error}", _HINT) from None
    comment = files[COMMENT].decode("utf-8", "replace") if COMMENT in files else None
    why = next((event.text for event in reversed(events) if event.what == "closed"), "")
    pull = replace(pull, branch_deleted=False, why=why if pull.state is PullState.CLOSED else "")
    return Record(pull, tuple(events), comment, status)


_HINT = "Somebody else wrote it, or a newer release did; look at it with `git show`, or delete the ref."


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
