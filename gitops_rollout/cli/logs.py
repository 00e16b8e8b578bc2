"""Log records on stderr, as text for people or as JSON for machines; nothing unless it is asked for."""

import os
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

from gitops_rollout.report.escape import log_line
from gitops_rollout.report.records import Record

FORMATS = ("text", "json")


def write_records(found: Iterable[Record], kind: str, **bound: Any) -> None:
    """Write the records to stderr, each on one line with its time; `bound` are fields of all of them.

    Text is coloured on a terminal only, and not with `NO_COLOR`.
    """
    import structlog

    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and not os.environ.get("CI")
    renderer: Any = structlog.processors.JSONRenderer()
    if kind == "text":
        renderer = structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0)
    logger = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _harmless,
            renderer,
        ],
        wrapper_class=structlog.BoundLogger,
        **bound,
    )
    for record in found:
        getattr(logger, record.level)(record.event, **record.fields)
    sys.stderr.flush()


def _harmless(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """No escape sequence, no CI command, no second line: what is logged comes from outside, too."""
    return {key: log_line(value) if isinstance(value, str) else value for key, value in event.items()}
