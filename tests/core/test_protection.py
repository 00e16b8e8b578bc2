"""What the rules of a branch mean."""

import pytest

from gitops_rollout.core.protection import can_merge_unattended, is_binding
from gitops_rollout.model.protection import Answer, Protection

OURS = ("gitops-rollout/ready",)


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        (Protection(), Answer.NO),
        (Protection(OURS), Answer.NO),
        (Protection(up_to_date=True), Answer.NO),
        (Protection(("build",), up_to_date=True), Answer.NO),
        (Protection(OURS, up_to_date=True), Answer.YES),
        (Protection(OURS, queue=True), Answer.YES),
        (Protection(("*gitops-rollout/ready*",), queue=True), Answer.YES),
        (Protection(("rollouts / gitops-rollout/ready (pull_request)",), queue=True), Answer.YES),
        (Protection(("*",), queue=True), Answer.YES),
        (Protection(OURS, unknown=("all of it",)), Answer.UNKNOWN),
        (Protection(atomic=True), Answer.YES),
    ],
)
def test_binding_needs_the_status_and_a_second_look(rules: Protection, answer: Answer) -> None:
    assert is_binding(rules)[0] is answer


@pytest.mark.parametrize(
    ("rules", "answer", "said"),
    [
        (Protection(), Answer.YES, "no rule"),
        (Protection(("build",), queue=True), Answer.YES, "once these are green: build, the merge queue"),
        (Protection(up_to_date=True), Answer.YES, "unless there are newer commits on the base branch"),
        (Protection(unless=("unresolved threads",)), Answer.YES, "unless there are unresolved threads"),
        (Protection(blocks=("2 approving reviews", "a lock")), Answer.NO, "blocked by 2 approving reviews, a lock"),
        (Protection(signed=True), Answer.NO, "signed"),
        (Protection(unknown=("the rules",)), Answer.UNKNOWN, "not readable: the rules"),
        (Protection(blocks=("a lock",), unknown=("the rules",)), Answer.NO, "a lock"),
        (Protection(atomic=True), Answer.YES, "nothing but Git"),
    ],
)
def test_unattended(rules: Protection, answer: Answer, said: str) -> None:
    found, why = can_merge_unattended(rules, signing=False)
    assert (found, said in why) == (answer, True), why


def test_a_queue_takes_what_is_sent_to_it() -> None:
    queue = Protection(queue=True)
    assert can_merge_unattended(queue, queueing=True)[0] is Answer.YES
    found, why = can_merge_unattended(queue, queueing=False)
    assert (found, "merge queue" in why) == (Answer.NO, True)


def test_who_signs_is_not_held_up_by_signatures() -> None:
    assert can_merge_unattended(Protection(signed=True), signing=True)[0] is Answer.YES
