"""Commits by Gitea and Forgejo, several files at once; what is said of their behaviour was seen on Gitea 1.26."""

import base64
import binascii
import hashlib
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from gitops_rollout.forges.api_commits import NewCommit, NewFile
from gitops_rollout.forges.http import Client, Refused
from gitops_rollout.model.commits import OURSELVES, Person

_ADDRESS = re.compile(rb"<([^<>@\s]+@[^<>@\s]+)>")


class GiteaCommits:
    """Makes commits in one repository, under a name that it is told; a server that signs commits as its own key."""

    makes_branch = False

    def __init__(self, client: Client, owner: str, repository: str, person: Person = OURSELVES) -> None:
        self._client = client
        self._repo = f"/repos/{quote(owner, safe='')}/{quote(repository, safe='')}"
        self._person = person

    def committers(self) -> frozenset[str]:
        """Our own address, and those of the server's OpenPGP key, as which it commits where it signs."""
        try:
            armoured = self._client.send("GET", f"{self._repo}/signing-key.gpg").text
        except Refused:  # it does not sign
            armoured = ""
        return frozenset({self._person.email, *_addresses(armoured)})

    def commit(self, commit: NewCommit) -> None:
        """Make one commit; files carry what they replace, so that a branch that has moved on is refused."""
        who = {"name": self._person.name, "email": self._person.email}
        when = _instant(commit.when)
        order = {
            "branch": commit.branch,
            "message": commit.message.strip(),
            "author": who,
            "committer": who,
            "dates": {"author": when, "committer": when},
            "files": [_operation(file, len(commit.base)) for file in commit.files],
        }
        self._client.write("POST", f"{self._repo}/contents", order)


def _operation(file: NewFile, length: int) -> dict[str, Any]:
    content = base64.b64encode(file.data).decode("ascii")
    if file.before is None:
        return {"operation": "create", "path": file.path, "content": content}
    return {"operation": "update", "path": file.path, "content": content, "sha": _blob(file.before, length)}


def _blob(data: bytes, length: int) -> str:
    """The id that Git gives to a file's bytes, in a repository whose ids are `length` hex digits long."""
    hashing = hashlib.sha256() if length == 64 else hashlib.sha1(usedforsecurity=False)
    hashing.update(b"blob %d\0" % len(data) + data)
    return hashing.hexdigest()


def _instant(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def _addresses(armoured: str) -> set[str]:
    """The addresses in an armoured OpenPGP key (RFC 9580): user ids stand in it as plain text."""
    inner = armoured.replace("\r", "").partition("\n\n")[2].partition("\n=")[0]
    try:
        raw = base64.b64decode("".join(inner.split()), validate=True)
    except binascii.Error:
        return set()
    return {found.decode("ascii") for found in _ADDRESS.findall(raw) if found.isascii()}
