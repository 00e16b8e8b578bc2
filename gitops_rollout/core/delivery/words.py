"""Words for what engines say: one line, cut to a length that people read."""

from datetime import UTC, datetime

_MOST = 200


def short(text: str) -> str:
    """A server's text on one line, at most 200 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"


def commit_name(commit: str | None) -> str:
    """A commit as messages show it."""
    return "nothing" if commit is None else commit[:12]


def at(instant: datetime | None) -> str:
    """` at 2026-03-02T12:05:00Z`, nothing where the instant is not known."""
    return "" if instant is None else f" at {instant.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"
