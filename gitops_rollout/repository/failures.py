"""What git says when it fails, turned into errors with a next step."""

import re

from gitops_rollout.core.trust import UNTRUSTED
from gitops_rollout.model.errors import RepositoryError


class DamagedStore(RepositoryError):
    """The private repository lost objects or files; it is made anew at the next opening."""


class Unreachable(RepositoryError):
    """The remote gave no answer, so that what became of the request is unknown."""


# Matched from top to bottom against all that git wrote to its standard error.
_HINTS: tuple[tuple[re.Pattern[str], type[RepositoryError], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), error, hint)
    for pattern, error, hint in (
        (
            r"dubious ownership",
            RepositoryError,
            "The folder belongs to another user: git config --global --add safe.directory FOLDER",
        ),
        (
            r"terminal prompts disabled|authentication failed|could not read (username|password)|"
            r"permission denied \(|invalid credentials|HTTP Basic: Access denied|error: 40[13]",
            RepositoryError,
            "Set up credentials that git finds without asking: a credential helper, an SSH key, or http.extraHeader.",
        ),
        (
            r"host key verification failed",
            RepositoryError,
            "Add the server's key to known_hosts, after comparing it with what the server's owner publishes.",
        ),
        (
            r"certificate verif|self.signed certificate|unable to get local issuer|server certificate",
            RepositoryError,
            UNTRUSTED,
        ),
        (
            r"could not resolve|couldn't resolve|connection (refused|reset|timed out|closed)|timed? ?out|early EOF|"
            r"hung up unexpectedly|RPC failed|unexpected disconnect|network is unreachable|no route to host|"
            r"failed to connect|transfer closed|error: 5\d\d|remote failed to report status|empty reply|SSL_|"
            r"broken pipe|operation too slow|recv failure|send failure|unexpected flush packet|"
            r"expected flush after|bad line length",
            Unreachable,
            "Check the network and the remote, then run again: nothing is done twice.",
        ),
        (
            r"repository .*not found|does not appear to be a git repository|not a git repository|"
            r"no such file or directory|error: 404|project you were looking for",
            RepositoryError,
            "Check the remote's address and that these credentials may read it.",
        ),
        (r"no space left|disk quota", RepositoryError, "Make room on the disk that holds the cache, then run again."),
        (
            r"does not support --atomic",
            RepositoryError,
            "The remote must support atomic pushes (git 2.4 or newer on the server).",
        ),
    )
)

# Words that speak of lost objects, whoever was asked; and those that mean it only where no remote was.
_DAMAGE = re.compile(
    r"bad object|missing (blob|tree|commit|object|necessary objects)|not a tree object|corrupt|inflate|"
    r"object file .* is empty|packfile .* (cannot|does not)|invalid index-pack|not a valid object|"
    r"did not send all necessary objects|invalid object|bad tree|index file .* too small|pack .* far too short|"
    r"broken (name|ref)|reference broken|unable to resolve reference|shallow file|(sha1|hash) mismatch",
    re.IGNORECASE,
)
_LOCAL_DAMAGE = re.compile(
    r"unable to (read|parse|find|open object)|could not (read|parse|open)|not a git repository|bad config|"
    r"no such file or directory",
    re.IGNORECASE,
)

_NOISE = ("remote: ", "hint: ", "warning: ", "From ", "To ", "Cloning ", "   ")


def is_damage(stderr: str, *, talked: bool) -> bool:
    """Whether git's words speak of a repository that lost something; `talked`: a remote may have been meant."""
    ours = "\n".join(line for line in stderr.splitlines() if not line.startswith("remote:"))
    return bool(_DAMAGE.search(ours)) or (not talked and bool(_LOCAL_DAMAGE.search(ours)))


def describe(stderr: str) -> str:
    """The one line of git's standard error that says most, without its prefix."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:"))] or [
        line for line in lines if not line.startswith(_NOISE)
    ]
    line = (telling or lines or ["git said nothing"])[0]
    return line.removeprefix("fatal:").removeprefix("error:").strip()[:400]


def _telling(stderr: str, pattern: re.Pattern[str]) -> str:
    """The line that git ends with, or the one that says why where that one does not: ssh speaks before git does."""
    last = describe(stderr)
    if pattern.search(last):
        return last
    lines = [line.strip() for line in stderr.splitlines() if pattern.search(line)]
    return describe(lines[0]) if lines else last


def failure(what: str, stderr: str) -> RepositoryError:
    """The error for a failed command: `what` says what was tried, `stderr` is redacted text."""
    for pattern, error, hint in _HINTS:
        if pattern.search(stderr):
            return error(f"{what}: {_telling(stderr, pattern)}", hint)
    return RepositoryError(f"{what}: {describe(stderr)}", "Run `gitops-rollout doctor` to check git and the remote.")
