"""HTTP as forges need it: retried where that is safe, "unknown" where it is not, and no secret in any message."""

import os
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from gitops_rollout.core.trust import UNTRUSTED
from gitops_rollout.forges.tls import tls_context
from gitops_rollout.model.errors import ForgeError

ATTEMPTS = 5
LONGEST_WAIT = 120.0
MOST_PAGES = 100
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BUSY = 429
_HINTS = {
    401: "The forge does not take the token: it is wrong, has expired, or was revoked.",
    403: "The token may not do this: give it the rights to write contents and pull requests (GitLab: the scope `api`).",
}


class Unknown(ForgeError):
    """No answer came: what became of the request is not known, and it may well have succeeded."""


class Refused(ForgeError):
    """The forge answered and said no; `status` is the HTTP status."""

    def __init__(self, message: str, status: int, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.status = status


class Exists(ForgeError):
    """There is an open pull request for that branch already."""


class Waiting(ForgeError):
    """The forge merges it later by itself: `message` says what it waits in."""


class _Again(Exception):
    """The request may be sent once more, after `wait` seconds where the forge asked for that."""

    def __init__(self, error: ForgeError, wait: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.wait = wait


class Client:
    """One forge's API. Proxies come from the environment, as for other programs.

    `sent` counts the requests. `problem` is raised by the first request: what keeps every request from being sent.
    `sign` gives what goes into `Authorization`, before each request. `transport` and `sleep` are for tests.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        problem: ForgeError | None = None,
        sign: Callable[[], str] | None = None,
    ) -> None:
        self._sign = sign
        self._problem = problem
        self._url = url.rstrip("/")
        self._sleep = sleep
        self.sent = 0
        self._client = httpx.Client(
            headers={"User-Agent": "gitops-rollout", "Accept": "application/json", **headers},
            timeout=httpx.Timeout(60.0, connect=15.0),
            transport=transport,
            verify=True if transport is not None else tls_context(os.environ),
        )
        weakref.finalize(self, self._client.close)

    @property
    def url(self) -> str:
        """The API's address, without a slash at its end."""
        return self._url

    def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON, None for 404."""
        try:
            return self._json(self.send("GET", path, query=query))
        except Refused as refused:
            if refused.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def pages(
        self, path: str, size: int, *, most: int = MOST_PAGES, named: str = "per_page", **query: Any
    ) -> Iterator[Any]:
        """The items of all pages, `size` on each (the parameter is `named` so), at most `most` pages.

        Ends with the first page that is not full.
        """
        for page in range(1, most + 1):
            items = self.get(path, **query, **{"page": page, named: size}) or []
            yield from items
            if len(items) < size:
                return

    def write(self, method: str, path: str, body: Any = None, *, repeatable: bool = False) -> Any:
        """Send a change; `repeatable` where sending it twice does no more than once."""
        return self._json(self.send(method, path, body=body, repeatable=repeatable))

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        repeatable: bool | None = None,
    ) -> httpx.Response:
        """One request and its answer below 400; `Refused` or `Unknown` otherwise. `path` may be a whole URL."""
        if self._problem is not None:
            raise self._problem
        again = method == "GET" if repeatable is None else repeatable

        def once() -> httpx.Response:
            return self._once(method, path, body, query, repeatable=again)

        retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except _Again as last:
            raise last.error from None

    def _once(
        self, method: str, path: str, body: Any, query: Mapping[str, Any] | None, *, repeatable: bool
    ) -> httpx.Response:
        url = path if "://" in path else f"{self._url}{path}"
        what = f"{method} {url}"
        self.sent += 1
        if self._sign is not None:
            self._client.headers["Authorization"] = self._sign()
        try:
            answer = self._client.request(method, url, json=body, params=query or None)
        except _NOT_SENT as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                message = f"{what}: its certificate is not by an authority that is trusted here"
                raise Unknown(message, UNTRUSTED) from None
            raise _Again(Unknown(f"{what}: cannot be reached ({type(error).__name__})", "Check the network.")) from None
        except httpx.HTTPError as error:
            unknown = Unknown(f"{what}: no answer ({type(error).__name__})", "Run again: it is looked at first.")
            raise (_Again(unknown) if repeatable else unknown) from None
        if answer.status_code < httpx.codes.BAD_REQUEST:
            return answer
        said = self._without_secrets(_says(answer))
        refused = Refused(f"{what}: {answer.status_code} {said}", answer.status_code, _HINTS.get(answer.status_code))
        wait = _asked_to_wait(answer)
        if wait is not None and wait > LONGEST_WAIT:
            refused.hint = f"The forge asks to wait for {wait:.0f} s: run again then."
            raise refused
        if _is_limit(answer):
            raise _Again(refused, wait)
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            unknown = Unknown(refused.message, "Run again: it is looked at first.")
            raise _Again(unknown, wait) if repeatable else unknown
        raise refused

    def _without_secrets(self, text: str) -> str:
        """A server may repeat what it was sent."""
        for name in ("Authorization", "PRIVATE-TOKEN"):
            secret = self._client.headers.get(name, "").rpartition(" ")[2]
            text = text.replace(secret, "***") if secret else text
        return text

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            raise Unknown(f"{answer.request.url.copy_with(query=None)}: an answer that is no JSON") from None


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Again) and error.wait is not None:
        return error.wait
    return wait_random_exponential(multiplier=0.5, max=20)(state)


def _is_limit(answer: httpx.Response) -> bool:
    """A limit on requests was hit, so that the request was not looked at (GitHub says 403 for some of them)."""
    if answer.status_code == _BUSY:
        return True
    spent = answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
    return answer.status_code == httpx.codes.FORBIDDEN and spent


def _asked_to_wait(answer: httpx.Response) -> float | None:
    """Seconds to wait, where the answer names them.

    In `Retry-After` (RFC 9110; forges send no dates there), or, where GitHub's or Gitea's budget is spent, as the
    instant of its renewal, by the server's own clock.
    """
    asked = answer.headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked)
    renewed = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") != "0" or not renewed.isdecimal() or not _is_limit(answer):
        return None
    try:
        now = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return max(1.0, float(renewed) - now.timestamp())


def _says(answer: httpx.Response) -> str:
    """The forge's own message, one line of at most 300 characters; never a whole document."""
    try:
        said = answer.json()
    except ValueError:
        return answer.reason_phrase
    message = said.get("message") or said.get("error") if isinstance(said, Mapping) else None
    words = message if isinstance(message, list) else [message or answer.reason_phrase]
    return " ".join(" ".join(map(str, words)).split())[:300]
