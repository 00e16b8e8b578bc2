"""Moves refs of the remote: one atomic push for all groups; the refused ones are found and the others pushed."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_rollout.model.doors import PushRefusal, PushResult, RefUpdate
from gitops_rollout.repository.command import Command
from gitops_rollout.repository.failures import Unreachable
from gitops_rollout.repository.push_answer import RefAnswer, gave_no_answer, read_answers

Group = Sequence[RefUpdate]

# Refspecs and leases are arguments: this many refs stay far below the system's limit (128 KiB at the least).
_MOST_REFS = 400
# A lock on the server is held for milliseconds; 16 runs at once are through well before the last of these.
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


@dataclass(slots=True)
class _Batch:
    numbers: list[int]
    tries: int = 0


def push_groups(git: Command, groups: Sequence[Group]) -> list[PushResult]:
    """Push to the remote called `rollout`; one result a group, each taken as a whole or not at all.

    Leases never change between tries, so that a try is safe to repeat. Raises `Unreachable` where the remote gave no
    answer: what became of the groups is then unknown.
    """
    results: dict[int, PushResult] = {number: PushResult(True) for number, group in enumerate(groups) if not group}
    waiting = _batches(groups)
    while waiting:
        batch = waiting.pop(0)
        answers = _push(git, [update for number in batch.numbers for update in groups[number]])
        verdicts = {number: _verdict(groups[number], answers) for number in batch.numbers}
        settled = {number: verdict for number, verdict in verdicts.items() if verdict is not None}
        left = [number for number in batch.numbers if number not in settled]
        if not left and _blanket(list(settled.values())):
            # A pre-receive hook refuses a push as a whole: which groups it means, only smaller pushes can tell.
            waiting[:0] = _halves(batch)
            continue
        results.update(settled)
        if not left:
            continue
        if settled:
            waiting.insert(0, _Batch(left, batch.tries))
        elif batch.tries < len(_PAUSES):
            time.sleep(_PAUSES[batch.tries])
            waiting.append(_Batch(left, batch.tries + 1))
        elif len(left) > 1:
            waiting[:0] = _halves(batch)
        else:
            results[left[0]] = _lasting(groups[left[0]], answers)
    return [results[number] for number in range(len(groups))]


def _batches(groups: Sequence[Group]) -> list[_Batch]:
    batches: list[_Batch] = []
    refs = 0
    for number, group in enumerate(groups):
        if not group:
            continue
        if not batches or refs + len(group) > _MOST_REFS:
            batches.append(_Batch([]))
            refs = 0
        batches[-1].numbers.append(number)
        refs += len(group)
    return batches


def _halves(batch: _Batch) -> list[_Batch]:
    middle = len(batch.numbers) // 2
    return [_Batch(batch.numbers[:middle], batch.tries), _Batch(batch.numbers[middle:], batch.tries)]


def _blanket(results: Sequence[PushResult]) -> bool:
    """Whether several groups were all refused at once for a reason that need not be each one's own."""
    own = (PushRefusal.MOVED, PushRefusal.CHECKED_OUT)
    return len(results) > 1 and all(not result.accepted and result.refusal not in own for result in results)


def _verdict(group: Group, answers: Mapping[str, RefAnswer]) -> PushResult | None:
    """What became of a group; None where it was refused only with others or by chance, or was not spoken of."""
    given = [answers.get(update.ref, RefAnswer(False)) for update in group]
    for answer in given:
        if answer.refusal is not None:
            return PushResult(False, answer.reason, answer.refusal)
    if all(answer.taken for answer in given):
        return PushResult(True, unchanged=all(answer.unchanged for answer in given))
    return None


def _lasting(group: Group, answers: Mapping[str, RefAnswer]) -> PushResult:
    """The result of a group that kept being refused by chance."""
    reasons = (answers[update.ref].reason for update in group if update.ref in answers)
    return PushResult(False, next(filter(None, reasons), "git did not speak of it"), PushRefusal.LOCKED)


def _push(git: Command, updates: Sequence[RefUpdate]) -> Mapping[str, RefAnswer]:
    what = "cannot push to the remote"
    leases = [f"--force-with-lease={update.ref}:{update.expected or ''}" for update in updates]
    refspecs = [f"{update.new or ''}:{update.ref}" for update in updates]
    atomic = ["--atomic"] if len(updates) > 1 else []
    outcome = git.attempt(
        "push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-recurse-submodules", *atomic, *leases,
        "rollout", *refspecs,
    )  # fmt: skip
    stdout = outcome.stdout.decode("utf-8", "surrogateescape")
    if gave_no_answer(stdout):
        raise Unreachable(f"{what}: it ended without an answer", "Run again: nothing is done twice.")
    answers = read_answers(stdout, outcome.stderr)
    if outcome.status != 0 and all(answer.taken for answer in answers.values()):
        raise git.failed(what, outcome.stderr)
    return answers
