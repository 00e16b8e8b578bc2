"""The webhook, against a real HTTP server: tried again where that may help, and its URL is never shown."""

from collections.abc import Iterator

import pytest

from gitops_rollout.model.errors import RolloutError
from gitops_rollout.notices.webhook import ATTEMPTS, LONGEST_WAIT, post
from tests.notices.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def send(receiver: Receiver, slept: list[float] | None = None) -> None:
    waits = [] if slept is None else slept
    post(receiver.url, '{"text": "é"}', "application/json", sleep=waits.append)


def test_the_body_arrives_as_it_is(receiver: Receiver) -> None:
    send(receiver)
    ((headers, body),) = receiver.got
    assert body == '{"text": "é"}'.encode()
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.answers = [status, status]
    receiver.headers = {"Retry-After": "7"}
    slept: list[float] = []
    send(receiver, slept)
    assert len(receiver.got) == 3
    assert slept == [7, 7]


def test_a_receiver_does_not_decide_how_long_a_run_takes(receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [429], {"Retry-After": "86400"}
    slept: list[float] = []
    send(receiver, slept)
    assert slept == [LONGEST_WAIT]


@pytest.mark.parametrize(("answers", "tries"), [([500] * 9, ATTEMPTS), ([404], 1), ([302], 1)])
def test_what_stays_refused_is_an_error_without_the_url(receiver: Receiver, answers: list[int], tries: int) -> None:
    receiver.answers = list(answers)
    with pytest.raises(RolloutError, match=str(answers[0])) as caught:
        send(receiver)
    assert len(receiver.got) == tries
    assert "s3cr3t" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/s3cr3t", "http://[s3cr3t", "ftp://s3cr3t", "http://s3cr3t.invalid/"]
)
def test_a_url_that_leads_nowhere_is_an_error_that_does_not_show_it(url: str) -> None:
    with pytest.raises(RolloutError) as caught:
        post(url, "x", "text/plain", sleep=lambda seconds: None)
    assert "s3cr3t" not in f"{caught.value.message} {caught.value.hint} {caught.value.__cause__}"
