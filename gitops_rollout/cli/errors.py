"""What happens to a bug: one line for the reader, the details in a file that only they can read."""

import os
import platform
import re
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

import click

from gitops_rollout import __version__
from gitops_rollout.report.escape import log_line

BUG = 3
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+@")


def report_bug(error: Exception) -> int:
    """Write the traceback of `error` to a file, say on stderr where it is, and return exit code 3."""
    details = "".join(traceback.format_exception(error))
    kind = type(error).__name__
    try:
        where = f"details: {_keep(details)}"
    except OSError:
        where = "its details could not be written to a file"
    click.echo(f"gitops-rollout: this is a bug ({kind} {_place(error)}), please report it; {log_line(where)}", err=True)
    return BUG


def _place(error: Exception) -> str:
    """The file and line of ours that the error came through last."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}gitops_rollout{os.sep}" in frame.filename]
    if not ours:
        return "outside of gitops-rollout"
    return f"at {ours[-1].filename.rpartition(f'{os.sep}gitops_rollout{os.sep}')[2]}:{ours[-1].lineno}"


def _keep(details: str) -> Path:
    head = f"gitops-rollout {__version__}, Python {platform.python_version()}, {sys.platform}\n\n"
    text = head + _CREDENTIALS.sub("***@", details)
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "gitops-rollout"
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _write(state, text)
    except OSError:
        return _write(Path(tempfile.gettempdir()), text)


def _write(folder: Path, text: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    handle, name = tempfile.mkstemp(prefix=f"gitops-rollout-bug-{stamp}-", suffix=".txt", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)
