"""Windows as people write them: `Mon-Fri 09:00-16:00`, `Sat,Sun`, `22:00-02:00`, in a time zone of their own."""

import difflib
import re
from datetime import time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from gitops_rollout.model.policy import Window

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALLOWED = 'weekdays, times or both, such as "Mon-Fri 09:00-16:00", "Sat,Sun" or "22:00-02:00"'

_TIMES = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)


def parse_window(text: str, *, allow: bool, timezone: str) -> Window:
    """The window that `text` says; without days it is every day, without times the whole day. `ValueError` if wrong."""
    words = text.split()
    times = _parse_times(words.pop()) if words and words[-1][:1].isdigit() else (time(0), time(0))
    if len(words) > 1 or not text.strip():
        raise ValueError(f"must be {ALLOWED}")
    weekdays = _parse_days(words[0]) if words else frozenset(range(7))
    start, end = times
    return Window(allow, weekdays, start, end, find_timezone(timezone), f"{text.strip()} {timezone}")


def find_timezone(name: str) -> tzinfo:
    """The IANA time zone of that name; `ValueError` with the nearest names."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = difflib.get_close_matches(name, available_timezones(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"must be an IANA time zone such as Europe/Berlin or UTC{hint}") from error


def _parse_days(word: str) -> frozenset[int]:
    days: set[int] = set()
    for part in word.split(","):
        first, to, last = part.partition("-")
        ends = [_day(first), _day(last if to else first)]
        days |= {day % 7 for day in range(ends[0], ends[1] + (8 if ends[1] < ends[0] else 1))}
    return frozenset(days)


def _day(word: str) -> int:
    if word.title() not in DAYS:
        raise ValueError(f"must be {ALLOWED}: weekdays are {', '.join(DAYS)}")
    return DAYS.index(word.title())


def _parse_times(word: str) -> tuple[time, time]:
    match = _TIMES.fullmatch(word)
    if match is None:
        raise ValueError(f"must be {ALLOWED}: times are HH:MM-HH:MM, up to 24:00")
    start = time(int(match[1]), int(match[2]))
    end = time(int(match[3]), int(match[4])) if match[3] else time(0)
    if start == end and match[3]:
        raise ValueError("begins and ends at the same time: write 00:00-24:00 for a whole day")
    return start, end
