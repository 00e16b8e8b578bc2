"""A gate on the way to a server: it notes every request that changes something, and can kill the run that sent it."""

import base64
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}
_PUSHED = re.compile(rb"[0-9a-f]{40} [0-9a-f]{40} (refs/[^\0\n ]+?)(?=\0|\n|[0-9a-f]{4}(?:PACK|[0-9a-f]{40} )|0000$)")


@dataclass
class Gate:
    """`effects` are the changes that the server took, `reads` what else was asked, in order.

    `credentials` are paths and what was shown there, a user's password in the clear.

    `kill` is called before or after the effect number `fatal`; from then on nothing passes, as from a machine that is
    gone. What the server refuses ("try again later") is no effect.
    """

    server: tuple[str, int]
    port: int = 0
    effects: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    credentials: set[tuple[str, str]] = field(default_factory=set)
    fatal: int | None = None
    before: bool = True
    kill: Callable[[], None] = lambda: None
    closed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self, fatal: int | None = None, *, before: bool = True) -> None:
        """Begin anew for the next run."""
        self.effects, self.reads, self.closed, self.fatal, self.before = [], [], False, fatal, before

    def enter(self, name: str | None, path: str) -> bool:
        """Note a request; False where it may not pass."""
        with self.lock:
            if name is None:
                self.reads.append(path)
            elif self.before and self.fatal == len(self.effects):
                self.die()
            return not self.closed

    def leave(self, name: str | None, status: int) -> bool:
        """Note what the server said; False where nobody is left to hear it."""
        with self.lock:
            if name is not None and status < HTTPStatus.BAD_REQUEST:
                self.effects.append(name)
                if not self.before and self.fatal == len(self.effects) - 1:
                    self.die()
            return not self.closed

    def die(self) -> None:
        """Let nothing pass any more, and kill."""
        self.closed = True
        self.kill()


def in_the_clear(shown: str) -> str:
    """The value of an `Authorization` header; of a user and password what they are (RFC 7617)."""
    kind, _, value = shown.partition(" ")
    return f"{kind} {base64.b64decode(value).decode()}" if kind.lower() == "basic" else shown


def effect(method: str, path: str, body: bytes) -> str | None:
    """What a request changes, in words that are the same in every repository; None where it only reads."""
    place, _, query = path.partition("?")
    if place.endswith("/git-upload-pack") or method in ("GET", "HEAD"):
        return None
    if place.endswith("/git-receive-pack"):
        return " ".join(["push", *sorted(ref.decode("utf-8", "replace") for ref in _PUSHED.findall(body))])
    generic = re.sub(r"^/api/v1/repos/[^/]+/[^/]+", "", place)
    return f"{method} {generic}" + (f"?{query}" if query else "")


def _handler(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def serve(self) -> None:
            body = self.body()
            self.close_connection = True
            if shown := self.headers.get("Authorization"):
                gate.credentials.add((self.path, in_the_clear(shown)))
            name = effect(self.command, self.path, body)
            if gate.enter(name, f"{self.command} {self.path}"):
                status, headers, content = self.passed_on(body)
                if gate.leave(name, status):
                    self.answer(status, headers, content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - the names that http.server calls

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def passed_on(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            connection = HTTPConnection(*gate.server, timeout=120)
            try:
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            finally:
                connection.close()

        def answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            try:
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in _HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)
            except (OSError, HTTPException):
                return  # whoever asked is gone

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that was killed breaks its connection."""


@contextmanager
def gate(url: str) -> Iterator[Gate]:
    """Run a gate to the server at `url` until the block ends."""
    host, port = url.split("//")[1].split(":")
    running = Gate((host, int(port)))
    server = _Server(("127.0.0.1", 0), _handler(running))
    running.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
