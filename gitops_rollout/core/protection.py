"""What the rules of a branch mean: whether our status is binding, and whether a rollback could be merged unattended."""

from fnmatch import fnmatchcase

from gitops_rollout.model.protection import Answer, Protection
from gitops_rollout.model.remarks import READY


def is_binding(rules: Protection) -> tuple[Answer, str]:
    """Whether a pull request whose ground has moved cannot be merged, and why."""
    if rules.atomic:
        return Answer.YES, "the base is compared and swapped by the merge itself"
    required = any(_covers(pattern) for pattern in rules.checks)
    ways = {"a merge queue": rules.queue, "up to date branches": rules.up_to_date}
    again = [name for name, there in ways.items() if there]
    if required and again:
        return Answer.YES, f"the status is required, beside {' and '.join(again)}"
    if rules.unknown:
        return Answer.UNKNOWN, f"not readable: {'; '.join(rules.unknown)}"
    if required:
        return Answer.NO, "the status is required, but a base that moves after it was green is not noticed"
    return Answer.NO, "the status is not required"


def can_merge_unattended(rules: Protection, *, signing: bool = False, queueing: bool = True) -> tuple[Answer, str]:
    """Whether these credentials could merge a rollback that nobody looks at, and what blocks it.

    `signing`: whether our commits are signed. `queueing`: whether the policy has pull requests merged by the queue.
    """
    blocks = [*rules.blocks, *(["the rule that commits must be signed"] if rules.signed and not signing else [])]
    blocks += ["the merge queue, which only `merge: queue` goes to"] if rules.queue and not queueing else []
    if blocks:
        return Answer.NO, f"blocked by {', '.join(blocks)}"
    if rules.unknown:
        return Answer.UNKNOWN, f"not readable: {'; '.join(rules.unknown)}"
    if rules.atomic:
        return Answer.YES, "nothing but Git stands before it"
    waits = [*rules.checks, *(["the merge queue"] if rules.queue else [])]
    behind = ["newer commits on the base branch"] if rules.up_to_date and not rules.queue else []
    unless = [*rules.unless, *behind]
    said = f"once these are green: {', '.join(waits)}" if waits else "no rule stands before it"
    return Answer.YES, said + (f", unless there are {' or '.join(unless)}" if unless else "")


def _covers(pattern: str) -> bool:
    """Whether a required name asks for our status; forges of the Gitea kind wrap a job's name in its workflow's."""
    return fnmatchcase(READY, pattern) or READY in pattern
