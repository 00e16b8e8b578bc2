"""What `doctor` asks about git: its version, and whether the remote would take a push of ours."""

import re

from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.command import Command
from gitops_rollout.repository.push_answer import read_answers
from gitops_rollout.repository.store import cache_folder

# `rev-parse --path-format` came with this one (Git 2.31 release notes).
OLDEST = (2, 31)
PROBE = "refs/heads/gitops-rollout/doctor"


def git_version() -> tuple[int, ...]:
    """The version of the git that is run; `RepositoryError` where there is none or it does not tell."""
    said = Command(cache_folder(None)).run("cannot run git", "--version").decode("utf-8", "replace")
    found = re.search(r"\d+(\.\d+)+", said)
    if found is None:
        raise RepositoryError(f"git does not tell its version: {said.strip()[:60]!r}", "Install git.")
    return tuple(int(part) for part in found[0].split("."))


def push_refusal(git: Command, commit: str) -> str | None:
    """Why the remote would refuse a branch of ours, None where it would take it. Nothing is pushed.

    A dry run finds out about addresses, credentials and rights to push at all; rules for single branches are only
    found out by a real push.
    """
    outcome = git.attempt("push", "--dry-run", "--porcelain", "--no-verify", "rollout", f"{commit}:{PROBE}")
    answers = read_answers(outcome.stdout.decode("utf-8", "surrogateescape"), outcome.stderr)
    refused = [answer.reason for answer in answers.values() if not answer.taken]
    if outcome.status == 0 and not refused:
        return None
    return refused[0] if refused else git.failed("git push --dry-run", outcome.stderr).message
