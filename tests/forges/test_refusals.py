"""What is said of a branch that a remote does not take."""

from dataclasses import replace
from pathlib import Path

import pytest

from gitops_rollout.forges.refusals import not_pushed
from gitops_rollout.model.change import Did
from gitops_rollout.model.doors import PushRefusal, PushResult
from tests.forges.contract import ForgeContract
from tests.forges.hosted_bench import GitHubBench


@pytest.mark.parametrize("refusal", [*PushRefusal, None])
def test_every_refusal_has_words_of_its_own(refusal: PushRefusal | None) -> None:
    said = not_pushed("gitops-rollout/x", PushResult(False, "the remote's words", refusal))
    assert said.startswith("the branch gitops-rollout/x ")
    assert "the remote's words" in said
    assert ("others" in said) is (refusal is PushRefusal.MOVED)


def test_a_hook_that_declines_is_not_taken_for_somebody_elses_push(tmp_path: Path) -> None:
    bench = GitHubBench(tmp_path)
    pull = ForgeContract().opened(bench)
    hook = Path(bench.url) / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'no robots here' >&2\nexit 1\n")
    hook.chmod(0o755)
    moved = ForgeContract().draft(bench, to=25)
    moved = replace(moved, branch=pull.branch)
    report = bench.forge().update(pull, moved)
    assert report.did is Did.CONFLICT
    assert "declined by a hook" in report.message
    assert "no robots here" in report.message
    assert "others" not in report.message
    fresh = bench.forge().publish([ForgeContract().draft(bench, "a")])[0]
    assert "declined by a hook" in fresh.message
