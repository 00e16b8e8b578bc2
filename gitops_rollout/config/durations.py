"""Durations as people write them: `30m`, `1h`, `1h30m`, `2d`, `45s`."""

import re
from datetime import timedelta

ALLOWED = "a duration such as 45s, 30m, 1h30m or 2d"
PATTERN = r"^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"

_PARTS = re.compile(r"(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """The duration that `text` says; `ValueError` names what is allowed."""
    match = _PARTS.fullmatch(text)
    if match is None:
        raise ValueError(f"must be {ALLOWED}")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise ValueError("is longer than anybody can wait") from error


def format_duration(duration: timedelta) -> str:
    """The shortest way to write a duration of whole seconds."""
    seconds = int(duration.total_seconds())
    text = ""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
