from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.config.durations import format_duration, parse_duration
from gitops_rollout.config.windows import parse_window


@given(st.integers(0, 10**8))
def test_a_duration_reads_back_as_it_was_written(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("text", ["", "1", "h", "1h 30m", "30m1h", "-1h", "1.5h", "1H", "\u0661h"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "weekdays", "start", "end"),
    [
        ("Mon-Fri 09:00-16:00", {0, 1, 2, 3, 4}, time(9), time(16)),
        ("fri-mon 09:00-16:00", {4, 5, 6, 0}, time(9), time(16)),
        ("Mon,Wed-Thu,Sun", {0, 2, 3, 6}, time(0), time(0)),
        ("22:00-02:30", set(range(7)), time(22), time(2, 30)),
        ("Sat 08:00-24:00", {5}, time(8), time(0)),
        ("Sun 00:00-24:00", {6}, time(0), time(0)),
        ("Mon-Mon", {0}, time(0), time(0)),
        ("Tue-Mon", set(range(7)), time(0), time(0)),
    ],
)
def test_windows(text: str, weekdays: set[int], start: time, end: time) -> None:
    window = parse_window(text, allow=True, timezone="UTC")
    assert (window.weekdays, window.start, window.end) == (weekdays, start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Mon Tue",
        "Mon-",
        "-Mon",
        "Mon,,Tue",
        "9:00-10:00",
        "09:00",
        "09:00-24:30",
        "24:00-09:00",
        "10:00-10:00",
    ],
)
def test_other_windows_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be weekdays|begins and ends"):
        parse_window(text, allow=True, timezone="UTC")
