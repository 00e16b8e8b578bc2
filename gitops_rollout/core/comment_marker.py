"""The hidden last line of our comment on a pull request: it tells the comment, and the verdict that it was written for.

Numbers move with every look at the cluster; the comment is written again when the verdict changes, and only then.
"""

import hashlib
import json
import re
from collections.abc import Sequence

_LINE = re.compile(r"^<!-- gitops-rollout-evidence: ([0-9a-f]{12}) -->[ \t]*$", re.MULTILINE)


def verdict_digest(parts: Sequence[object]) -> str:
    """12 hex digits over what makes up a verdict: values that JSON can hold, in an order that stands still."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:12]


def with_digest(text: str, digest: str) -> str:
    """The text of a comment with the hidden line as its last."""
    return f"{text.rstrip()}\n\n<!-- gitops-rollout-evidence: {digest} -->\n"


def digest_of(comment: str) -> str | None:
    """The digest of the last hidden line in a comment; None where it is not one of ours."""
    found = _LINE.findall(comment.replace("\r\n", "\n"))
    return found[-1] if found else None


def without_digest(comment: str) -> str:
    """The comment as people read it."""
    return _LINE.sub("", comment.replace("\r\n", "\n")).rstrip()
