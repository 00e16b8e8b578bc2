"""A relay on the way to a server: it can cut connections, hold bytes back, and speak as an HTTP proxy does."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Relay:
    """A running relay. `cut_after` bytes of answers it cuts every connection; `pause` is slept before each chunk.

    `before_answering` is called before the first bytes of the first answer go back.
    With `proxy` it waits for `CONNECT host:port` first, and notes what was asked for in `asked`.
    """

    target: tuple[str, int]
    proxy: bool = False
    cut_after: int | None = None
    pause: float = 0
    before_answering: Callable[[], object] | None = None
    port: int = 0
    answered: int = 0
    asked: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    open: set[socket.socket] = field(default_factory=set)

    def accept(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(caller,), daemon=True).start()

    def serve(self, caller: socket.socket) -> None:
        """Carry one connection both ways until either side ends it."""
        self.open.add(caller)
        with caller, suppress(OSError), socket.create_connection(self.target) as server:
            self.open.add(server)
            if self.proxy:
                self.greet(caller)
            back = threading.Thread(target=self.carry, args=(server, caller, True), daemon=True)
            back.start()
            self.carry(caller, server, False)
            back.join()

    def greet(self, caller: socket.socket) -> None:
        """Answer `CONNECT` as a proxy that lets everybody through."""
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            chunk = caller.recv(1)
            if not chunk:
                raise OSError("the caller went away")
            request += chunk
        self.asked.append(request.decode().splitlines()[0])
        caller.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

    def carry(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        """Pass bytes on in one direction."""
        with suppress(OSError):
            while chunk := source.recv(4096):
                if answers:
                    first, self.before_answering = self.before_answering, None
                    if first is not None:
                        first()
                    self.stopped.wait(self.pause)
                    self.answered += len(chunk)
                    if self.cut_after is not None and self.answered > self.cut_after:
                        break
                sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(url: str, *, proxy: bool = False) -> Iterator[Relay]:
    """Run a relay to the server at `url` until the block ends; `port` is where it listens on 127.0.0.1."""
    host, port = url.split("//")[1].split(":")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Relay((host, int(port)), proxy=proxy, port=listener.getsockname()[1])
        thread = threading.Thread(target=running.accept, args=(listener,))
        thread.start()
        try:
            yield running
        finally:
            running.stopped.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in running.open:
                connection.close()
