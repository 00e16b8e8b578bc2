"""What git and forges answer to a push, as they word it, and what it means."""

import pytest

from gitops_rollout.model.doors import PushRefusal
from gitops_rollout.repository.push_answer import read_answers


@pytest.mark.parametrize(
    ("summary", "refusal"),
    [
        ("[rejected] (stale info)", PushRefusal.MOVED),
        ("[rejected] (fetch first)", PushRefusal.MOVED),
        ("[rejected] (non-fast-forward)", PushRefusal.MOVED),
        ("[rejected] (needs force)", PushRefusal.MOVED),
        ("[rejected] (already exists)", PushRefusal.MOVED),
        ("[remote rejected] (non-fast-forward)", PushRefusal.MOVED),
        ("[remote rejected] (protected branch hook declined)", PushRefusal.PROTECTED),
        ("[remote rejected] (push declined due to repository rule violations)", PushRefusal.PROTECTED),
        ("[remote rejected] (deletion prohibited)", PushRefusal.PROTECTED),
        ("[remote rejected] (refusing to delete the current branch: refs/heads/main)", PushRefusal.REJECTED),
        ("[remote rejected] (pre-receive hook declined)", PushRefusal.HOOK_DECLINED),
        ("[remote rejected] (hook declined)", PushRefusal.HOOK_DECLINED),
        ("[remote rejected] (branch is currently checked out)", PushRefusal.CHECKED_OUT),
        ("[remote rejected] (funny refname)", PushRefusal.REJECTED),
        ("[remote rejected] (shallow update not allowed)", PushRefusal.REJECTED),
        ("[rejected] (atomic push failed)", None),
        ("[remote rejected] (atomic push failure)", None),
        ("[remote rejected] (atomic transaction failed)", None),
        ("[remote rejected] (cannot lock ref 'refs/heads/x': Unable to create '/x.lock': File exists.)", None),
        ("[remote rejected] (failed to update ref)", None),
        ("[remote rejected] (incorrect old value provided)", None),
        ("[remote rejected] (reference already exists)", None),
        ("[remote rejected] (unpacker error)", None),
    ],
)
def test_each_rejection_has_its_meaning(summary: str, refusal: PushRefusal | None) -> None:
    answers = read_answers(f"To https://host/a\n!\tabc:refs/heads/x\t{summary}\nDone\n", "")
    answer = answers["refs/heads/x"]
    assert (answer.taken, answer.refusal) == (False, refusal)
    assert answer.reason in summary
    assert answer.reason


def test_what_was_taken() -> None:
    answers = read_answers(
        "To x\n*\tabc:refs/heads/new\t[new branch]\n=\tabc:refs/heads/same\t[up to date]\n"
        "+\tabc:refs/heads/forced\ta...b (forced update)\n-\t:refs/heads/gone\t[deleted]\n \tabc:refs/x\ta..b\nDone\n",
        "",
    )
    assert all(answer.taken for answer in answers.values())
    assert len(answers) == 5
    assert [ref for ref, answer in answers.items() if answer.unchanged] == ["refs/heads/same"]


@pytest.mark.parametrize("said", ["GitLab: You are not allowed to push code to protected branches on this project.",
                                  "Gitea: Not allowed to push to protected branch main"])  # fmt: skip
def test_a_hook_that_speaks_of_protection(said: str) -> None:
    line = "!\tabc:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n"
    answer = read_answers(line, f"remote: \nremote: {said}\n")["refs/heads/main"]
    assert answer.refusal is PushRefusal.PROTECTED
    assert said in answer.reason
