"""Serves repositories over HTTP with git's own http-backend, with a password, and with faults on request."""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER, PASSWORD = "rollout-user", "p@ss:w0rd/planted"


@dataclass
class HttpRemote:
    """What the server does next, and what it saw. `faults`: `500` or `cut`, one for each request to a git service."""

    folder: Path
    port: int = 0
    scheme: str = "http"
    faults: list[str] = field(default_factory=list)
    arguments_seen: set[str] = field(default_factory=set)
    headers_seen: set[str] = field(default_factory=set)

    def url(self, name: str, userinfo: str = "") -> str:
        return f"{self.scheme}://{userinfo and userinfo + '@'}127.0.0.1:{self.port}/{name}"


def command_lines() -> set[str]:
    """The arguments of all processes, as any user of the machine may read them."""
    lines = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                lines.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue
    return lines


def handler(remote: HttpRemote) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def serve(self) -> None:
            remote.arguments_seen |= {line for line in command_lines() if "git" in line}
            body = self.body()
            remote.headers_seen |= {f"{name}: {value}" for name, value in self.headers.items()}
            given = self.headers.get("Authorization", "")
            if given != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
                return self.plain(401, {"WWW-Authenticate": 'Basic realm="git"'})
            if remote.faults:
                fault = remote.faults.pop(0)
                if fault == "500":
                    return self.plain(500)
                if fault == "cut":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n00")
                    self.close_connection = True
                    return None
            status, headers, content = self.backend(body)
            if remote.faults[:1] == ["lost answer"] and "receive-pack" in self.path and self.command == "POST":
                remote.faults.pop(0)
                self.close_connection = True
                return None
            return self.plain(status, headers, content)

        do_GET = do_POST = serve  # noqa: N815 - the names that http.server calls

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def backend(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            path, _, query = self.path.partition("?")
            variables = {
                **os.environ, "GIT_PROJECT_ROOT": str(remote.folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": USER,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }  # fmt: skip
            done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=False)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
            return int(headers.pop("Status", "200").split()[0]), headers, content

        def plain(self, status: int, headers: dict[str, str] | None = None, content: bytes = b"") -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


@contextmanager
def serve(folder: Path, context: ssl.SSLContext | None = None) -> Iterator[HttpRemote]:
    """Serve the repositories below a folder on a free port of the loopback interface; by TLS with a context."""
    remote = HttpRemote(folder, scheme="https" if context else "http")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(remote))
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    remote.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield remote
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
