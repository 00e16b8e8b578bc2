"""Posts one text to a webhook. Its URL is a secret: no message, and no error, ever holds a part of it."""

import time
from collections.abc import Callable

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from gitops_rollout.model.errors import RolloutError

ATTEMPTS = 4
LONGEST_WAIT = 30.0
_TIMEOUT = httpx.Timeout(15.0, connect=10.0)


class _Again(Exception):
    """It may be sent once more, after `wait` seconds where the receiver asked for that."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


def post(url: str, body: str, content_type: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Send `body` and wait for an answer below 400. Tried up to four times where that may help.

    What never reached the receiver, was limited (429) or failed there (5xx) is sent again, so a text may come twice.
    Raises a `RolloutError` that does not name the URL. `sleep` is for tests.
    """
    if not url.startswith(("https://", "http://")):
        raise RolloutError("the webhook's URL does not begin with https:// or http://", "nothing was sent")
    retrying = Retrying(
        retry=retry_if_exception_type(_Again),
        stop=stop_after_attempt(ATTEMPTS),
        wait=_pause,
        sleep=sleep,
        reraise=True,
    )
    try:
        retrying(_once, url, body, content_type)
    except _Again as last:
        raise RolloutError(f"the webhook {last}; tried {ATTEMPTS} times", "what it missed is not sent again") from None


def _once(url: str, body: str, content_type: str) -> None:
    headers = {"User-Agent": "gitops-rollout", "Content-Type": content_type}
    try:
        answer = httpx.post(url, content=body.encode("utf-8"), headers=headers, timeout=_TIMEOUT)
    except httpx.InvalidURL:
        raise RolloutError("the webhook's URL is none", "nothing was sent") from None
    except httpx.HTTPError as error:
        raise _Again(f"did not answer ({type(error).__name__})") from None
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise _Again(f"answered {answer.status_code}", _asked_to_wait(answer))
    if answer.status_code >= httpx.codes.MULTIPLE_CHOICES:
        raise RolloutError(f"the webhook answered {answer.status_code}", "see its URL, and what it takes")


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Again) and error.wait is not None:
        return min(error.wait, LONGEST_WAIT)
    return wait_random_exponential(multiplier=0.5, max=10)(state)


def _asked_to_wait(answer: httpx.Response) -> float | None:
    """Seconds to wait, where the answer names them (RFC 9110 `Retry-After`)."""
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdecimal() else None
