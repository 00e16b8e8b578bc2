"""Runs a command as a person sees it: on a terminal of a hundred columns, without colour."""

import os
import pty
import subprocess


def on_a_terminal(*line: str, **variables: str) -> str:
    """Everything that `line` writes to the terminal; raises `CalledProcessError` where it fails."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"COLUMNS": "100", "NO_COLOR": "1", **variables}
    with subprocess.Popen(line, stdout=theirs, stderr=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, line, written)
    return written.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side has closed
        return b""
