"""One API server, once it is known how it is reached: pages and single objects in, typed failures out."""

import logging
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import urllib3
from kubernetes import client

from gitops_rollout.model.errors import SourceError

CHUNK = 1 << 20
CUT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError)  # urllib3 calls the first two SSL errors

# its warnings before each retry would name addresses of proxies; what comes of the retries is said once, by us
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

RETRIES = urllib3.Retry(
    total=3,
    connect=1,
    read=1,
    redirect=2,
    backoff_factor=0.5,
    status_forcelist=(429, 502, 503, 504),
    raise_on_status=False,
    retry_after_max=10,
)


class Refused(Exception):
    """The API server answered with a status that is not 200 or 201."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connection:
    """Reads one cluster until its deadline, the instant `end` of the monotonic clock, `seconds` after it was asked."""

    def __init__(
        self, configuration: client.Configuration, headers: Sequence[tuple[str, str]], end: float, seconds: float
    ) -> None:
        configuration.retries = RETRIES
        self._client = client.ApiClient(configuration)
        self._headers = headers
        self._end = end
        self._seconds = seconds
        self.date: str | None = None
        self.sent = 0

    def page(self, group: str, version: str, plural: str, namespace: str | None = None, **query: Any) -> bytes:
        """One page of a list, of one namespace or of all, as JSON text; `query` as in the API (`limit`, `continue`).

        `Refused` on another status, `SourceError` where there is no whole answer in time.
        """
        place = f"namespaces/{namespace}/" if namespace else ""
        return self.get(f"/apis/{group}/{version}/{place}{plural}", **query)

    def get(self, path: str, **query: Any) -> bytes:
        """What the API server has at a path, as JSON text; fails as `page` does."""
        return self._call("GET", path, query)

    def review(self, path: str, question: Mapping[str, Any]) -> bytes:
        """The answer to a question that is put by creating what is never kept (an access review); fails as `page`."""
        return self._call("POST", path, {}, msgspec.json.encode(question))

    def close(self) -> None:
        """Let the connections go."""
        self._client.rest_client.pool_manager.clear()

    def _call(self, method: str, path: str, query: Mapping[str, Any], body: bytes | None = None) -> bytes:
        left = self._left()
        headers = urllib3.HTTPHeaderDict({"Accept": "application/json", "User-Agent": "gitops-rollout"})
        if body is not None:
            headers["Content-Type"] = "application/json"
        for name, value in self._headers:
            headers.add(name, value)
        self.sent += 1
        try:
            credentials = self._client.configuration.auth_settings().get("BearerToken")
            if credentials and credentials["value"]:
                headers[credentials["key"]] = credentials["value"]
            raw = self._client.rest_client.pool_manager.request(
                method,
                self._client.configuration.host + path,
                fields=None if body is not None else dict(query),
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(10.0, left), read=left),
                preload_content=False,
            )
            try:
                if raw.status not in (200, 201):
                    raise Refused(raw.status)
                self.date = self.date or raw.headers.get("Date")
                return b"".join(self._chunks(raw))
            finally:
                raw.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise SourceError(f"did not answer: {_cause(error)}") from error

    def _chunks(self, raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        while chunk := raw.read1(CHUNK):  # what has arrived: a server that drips must not hold the deadline up
            self._left()
            yield chunk

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise SourceError(f"did not answer in {self._seconds:g} seconds")
        return left


def _cause(error: BaseException) -> str:
    """What went wrong, in words of our own: a library's text may hold addresses and credentials of proxies."""
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, BaseException) else error
    if any(isinstance(each, CUT) for each in (inner, *inner.args)):
        return "the connection was cut"
    for kind, words in (
        (urllib3.exceptions.NameResolutionError, "its name is not known"),
        (urllib3.exceptions.NewConnectionError, "the connection was refused"),
        (urllib3.exceptions.ConnectTimeoutError, "no connection in time"),
        (urllib3.exceptions.ReadTimeoutError, "no answer in time"),
        (urllib3.exceptions.SSLError, "its certificate is not trusted, or it speaks no TLS"),
        (urllib3.exceptions.ProxyError, "the proxy refused"),
        (urllib3.exceptions.ProtocolError, "the connection was cut"),
    ):
        if isinstance(inner, kind):
            return words
    return type(inner).__name__
