"""Starting a server, waiting until it answers, and stopping it by its process id."""

import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class ServerFailedError(Exception):
    """A server ended, or did not answer in time; the message holds the end of its log."""


def free_port() -> int:
    """A loopback port that nobody listens on, below those that outgoing connections take."""
    while True:
        port = random.randint(15_000, 32_000)  # noqa: S311 (nothing secret: two workers must not pick the same)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@contextmanager
def running(
    command: Sequence[str],
    *,
    folder: Path,
    ready: Callable[[], bool],
    env: Mapping[str, str] | None = None,
    within: float = 240,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in `folder` until the block ends; `ready` is asked until it says yes, for `within` seconds.

    Where the system can, the server ends with this process too, however that ends.
    """
    leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*leash, *command], cwd=folder, env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL
        )
    try:
        until = time.monotonic() + within
        while not ready():
            if server.poll() is not None or time.monotonic() > until:
                raise ServerFailedError(f"{command[0]} did not start:\n{end_of(log)}")
            time.sleep(0.05)
        yield server
    finally:
        stop(server)


def stop(server: subprocess.Popen[bytes]) -> None:
    """End one server, by force when it does not go by itself."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def end_of(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
