"""Addresses of remotes, and texts about them, without the credentials that they may hold."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

# Userinfo ends at the last @ before the path: people paste passwords that hold an @ of their own.
_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<userinfo>[^/\s'\"<>]*)@")
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|private-token|job-token)(\s*[:=]\s*)\S+(?:[ \t]+\S+)?")


@dataclass(frozen=True, slots=True)
class Address:
    """A remote's URL fit to be shown, and the credentials that stood in it.

    The user name of an SSH address stays in `url`: it is part of the address there and no secret.
    """

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Split a URL, path or scp-like address; the parts of its userinfo are percent-decoded."""
        found = _USERINFO.match(text)
        if not found:
            return cls(text)
        username, _, password = found["userinfo"].partition(":")
        rest = text[found.end() :]
        if "ssh" in found["scheme"]:
            return cls(f"{found['scheme']}{username}@{rest}")
        return cls(found["scheme"] + rest, unquote(username) or None, unquote(password) or None)


def redact(text: str, *secrets: str | None) -> str:
    """The text without userinfo in URLs, without authorisation headers, and without the given secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _HEADER.sub(r"\1\2***", _USERINFO.sub(r"\g<scheme>", text))
