"""Plain HTTP for the tests' own use: no client under test is asked to prove itself."""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a server said: status, and the body decoded from JSON where it is JSON."""

    status: int
    data: Any

    def ok(self) -> Any:
        """The body of a success; anything else fails the test with what the server said."""
        assert 200 <= self.status < 300, f"{self.status}: {self.data}"
        return self.data


def call(
    method: str,
    url: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Send a request with a JSON body; no status is an exception, no answer is `OSError`."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)  # noqa: S310 (loopback)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=60) as reply:
            return Answer(reply.status, decoded(reply.read()))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, decoded(error.read()))


def decoded(raw: bytes) -> Any:
    """JSON where it is JSON, text elsewhere."""
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def answers(url: str, context: ssl.SSLContext | None = None) -> bool:
    """Whether a GET of `url` succeeds now."""
    try:
        return call("GET", url, context=context).status == 200
    except OSError:
        return False


def until(ask: Callable[[], Answer], wanted: Callable[[Answer], bool], within: float = 90) -> Answer:
    """Ask again until the answer is the wanted one: servers do much in the background."""
    end = time.monotonic() + within
    while not wanted(answer := ask()):
        assert time.monotonic() < end, f"still {answer.status} after {within} s: {answer.data}"
        time.sleep(0.05)
    return answer
