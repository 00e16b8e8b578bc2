"""Reads what `git push --porcelain` says about each ref."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gitops_rollout.model.doors import PushRefusal


@dataclass(frozen=True, slots=True)
class RefAnswer:
    """What became of one ref. `refusal` None with `taken` False: refused only because of its company, or by chance."""

    taken: bool
    unchanged: bool = False
    reason: str = ""
    refusal: PushRefusal | None = None


# Words of git's push, send-pack and receive-pack; the first that matches counts.
_REFUSALS = tuple(
    (re.compile(pattern, re.IGNORECASE), refusal)
    for pattern, refusal in (
        # Refused because another ref of an atomic push was: no fault of this one. Or a race for a lock on the server:
        # asking again with the same lease either succeeds or says who was faster.
        (r"atomic push fail|atomic transaction failed|transaction failed to start", None),
        (r"cannot lock ref|unable to create .*\.lock|failed to (update|lock) ref|failed to delete", None),
        (r"incorrect old value provided|reference already exists|unable to migrate objects|unpacker error", None),
        (r"stale info|fetch first|non-fast-forward|needs force|already exists|remote ref updated", PushRefusal.MOVED),
        (r"remote ref does not exist", PushRefusal.MOVED),
        (r"protected|not allowed to (push|force)|GH006|GH013|rule violations|deletion prohibited|denyDeletes|"
         r"denying", PushRefusal.PROTECTED),
        (r"hook declined", PushRefusal.HOOK_DECLINED),
        (r"checked out|denyCurrentBranch|working (tree|directory)", PushRefusal.CHECKED_OUT),
    )
)  # fmt: skip
_LINE = re.compile(r"(?P<flag>[ +\-*!=])\t[^\t]*:(?P<ref>[^\t:]+)\t(?P<summary>.*)")
_ABSENT = re.compile(r"unable to delete '(?P<ref>[^']+)': remote ref does not exist")
_NO_ANSWER = re.compile(r"\[remote failure\]|failed to report status")


def read_answers(stdout: str, stderr: str) -> Mapping[str, RefAnswer]:
    """The answer for each ref that git spoke of; empty where the push never came that far."""
    answers = {
        found["ref"]: RefAnswer(False, reason="remote ref does not exist", refusal=PushRefusal.MOVED)
        for found in _ABSENT.finditer(stderr)
    }
    for line in stdout.split("\n"):
        found = _LINE.fullmatch(line)
        if found:
            answers[found["ref"]] = _answer(found["flag"], found["summary"], stderr)
    return answers


def gave_no_answer(stdout: str) -> bool:
    """Whether the remote ended without saying what became of the refs."""
    return bool(_NO_ANSWER.search(stdout))


def _answer(flag: str, summary: str, stderr: str) -> RefAnswer:
    if flag != "!":
        return RefAnswer(True, unchanged=flag == "=")
    label, _, reason = summary.partition("] (")
    reason = reason.removesuffix(")") or label.strip("[]")
    for pattern, refusal in _REFUSALS:
        if pattern.search(reason):
            if refusal is PushRefusal.HOOK_DECLINED and _spoke_of_protection(stderr):
                refusal = PushRefusal.PROTECTED
            return RefAnswer(False, reason=_explained(reason, stderr), refusal=refusal)
    return RefAnswer(False, reason=_explained(reason, stderr), refusal=PushRefusal.REJECTED)


def _spoke_of_protection(stderr: str) -> bool:
    """Gitea and GitLab refuse protected branches by a hook, and say so only to people."""
    return bool(re.search(r"^remote:.*protected branch", stderr, re.IGNORECASE | re.MULTILINE))


def _explained(reason: str, stderr: str) -> str:
    """The reason with the first line that the server wrote for people."""
    if "declined" not in reason:
        return reason
    said = (line.removeprefix("remote:").strip() for line in stderr.splitlines() if line.startswith("remote:"))
    words = next((line for line in said if re.search(r"\w{3}", line)), "")
    return f"{reason}: {words[:200]}" if words else reason
