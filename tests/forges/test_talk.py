"""One comment of ours, whoever else comments, and whatever becomes of an answer."""

from pathlib import Path

import pytest

from gitops_rollout.core.comment_marker import with_digest
from gitops_rollout.forges.hosted import HostedForge
from gitops_rollout.forges.http import Unknown
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.remarks import CommitStatus, Remark, StatusState
from tests.forges.contract import ForgeContract
from tests.forges.hosted_bench import GitHubBench, GitLabBench, HostedBench

OURS = with_digest("0.01 of 0.05", "a" * 12)
NEXT = with_digest("0.07 of 0.05", "b" * 12)


@pytest.fixture(params=[GitHubBench, GitLabBench], ids=["github", "gitlab"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> HostedBench:
    made: HostedBench = request.param(tmp_path)
    return made


def hosted(bench: HostedBench) -> HostedForge:
    forge = bench.forge()
    assert isinstance(forge, HostedForge)
    return forge


def say(forge: HostedForge, pull: PullRequest, text: str) -> tuple[bool, str | None]:
    (done,) = forge.remark([Remark(pull, text)])
    return done.wrote, done.problem


def texts(bench: HostedBench, pull: PullRequest) -> list[tuple[str, str]]:
    return [(note.author, note.body) for note in bench.pulls.notes.get(pull.number, [])]


def test_a_strangers_comment_with_our_hidden_line_is_not_ours(bench: HostedBench) -> None:
    pull = ForgeContract().opened(bench)
    bench.pulls.note(pull.number, "mallory", OURS)
    assert say(hosted(bench), pull, OURS) == (True, None)
    assert texts(bench, pull) == [("mallory", OURS), ("bot", OURS)]
    assert say(hosted(bench), pull, NEXT) == (True, None)
    assert texts(bench, pull) == [("mallory", OURS), ("bot", NEXT)]


def test_a_lost_answer_does_not_double_it(bench: HostedBench) -> None:
    pull = ForgeContract().opened(bench)
    forge = hosted(bench)
    add = forge.api.talk.add

    def lost(number: int, body: str) -> None:
        add(number, body)
        raise Unknown("the connection was cut")

    forge.api.talk.add = lost  # type: ignore[method-assign]  # the answer gets lost on its way
    assert say(forge, pull, OURS) == (True, None)
    assert say(hosted(bench), pull, OURS) == (False, None)
    assert texts(bench, pull) == [("bot", OURS)]


def test_a_request_that_never_arrived_is_said_and_done_by_the_next_run(bench: HostedBench) -> None:
    pull = ForgeContract().opened(bench)
    forge = hosted(bench)

    def lost(number: int, body: str) -> None:
        raise Unknown("the connection was cut")

    forge.api.talk.add = lost  # type: ignore[method-assign]  # it never arrives
    wrote, problem = say(forge, pull, OURS)
    assert not wrote
    assert problem is not None
    assert "the comment of #1" in problem
    assert say(hosted(bench), pull, OURS) == (True, None)


def test_of_two_that_were_made_at_once_the_older_one_stays(bench: HostedBench) -> None:
    pull = ForgeContract().opened(bench)
    forge = hosted(bench)
    add = forge.api.talk.add

    def both(number: int, body: str) -> None:
        bench.pulls.note(number, "bot", body)  # another run, as quick
        add(number, body)

    forge.api.talk.add = both  # type: ignore[method-assign]  # two at once
    assert say(forge, pull, OURS) == (True, None)
    assert texts(bench, pull) == [("bot", OURS)]
    assert say(hosted(bench), pull, OURS) == (False, None)


def test_a_status_that_is_refused_keeps_not_from_the_comment(bench: HostedBench) -> None:
    pull = ForgeContract().opened(bench)
    held = CommitStatus(StatusState.PENDING, "held: soaking")
    forge = hosted(bench)

    def refused(pull: PullRequest, status: CommitStatus) -> None:
        raise Unknown("403 Resource not accessible")

    forge.api.talk.set_status = refused  # type: ignore[method-assign]  # a token without the right to it
    (done,) = forge.remark([Remark(pull, OURS, held)])
    assert done.wrote
    assert done.problem is not None
    assert "commit status of #1" in done.problem
    assert texts(bench, pull) == [("bot", OURS)]
