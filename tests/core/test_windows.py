from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.windows import next_opening, open_at
from gitops_rollout.model.policy import Window

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset(range(7))
WORKDAYS = frozenset(range(5))


def window(start: str, end: str, days: frozenset[int] = WORKDAYS, *, allow: bool = True, zone: object = UTC) -> Window:
    return Window(allow, days, time.fromisoformat(start), time.fromisoformat(end), zone)  # type: ignore[arg-type]  # UTC or a zone


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = window("09:00", "16:00")
NIGHT = window("22:00", "02:00", frozenset({4}))  # from Friday into Saturday; 2026-03-06 is a Friday


def test_without_windows_it_is_always_open() -> None:
    assert open_at((), utc("2026-03-07T03:00"))
    assert next_opening((), utc("2026-03-07T03:00")) == utc("2026-03-07T03:00")


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-03-06T08:59:59", False),
        ("2026-03-06T09:00", True),
        ("2026-03-06T15:59:59", True),
        ("2026-03-06T16:00", False),
        ("2026-03-07T12:00", False),
    ],
)
def test_a_window_holds_from_its_start_and_not_at_its_end(instant: str, is_open: bool) -> None:
    assert open_at((OFFICE,), utc(instant)) is is_open


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-03-05T23:00", False),
        ("2026-03-06T01:00", False),
        ("2026-03-06T21:59", False),
        ("2026-03-06T22:00", True),
        ("2026-03-07T01:59", True),
        ("2026-03-07T02:00", False),
        ("2026-03-07T22:30", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_starts_on(instant: str, is_open: bool) -> None:
    assert open_at((NIGHT,), utc(instant)) is is_open


def test_sunday_night_reaches_into_monday() -> None:
    sunday = window("23:00", "01:00", frozenset({6}))
    assert open_at((sunday,), utc("2026-03-09T00:30"))
    assert not open_at((sunday,), utc("2026-03-08T00:30"))


def test_equal_ends_are_the_whole_day() -> None:
    friday = window("00:00", "00:00", frozenset({4}))
    assert open_at((friday,), utc("2026-03-06T00:00"))
    assert open_at((friday,), utc("2026-03-06T23:59"))
    assert not open_at((friday,), utc("2026-03-07T00:00"))
    late = window("06:00", "06:00", frozenset({4}))
    assert open_at((late,), utc("2026-03-06T03:00"))
    assert not open_at((late,), utc("2026-03-07T03:00"))


def test_deny_wins() -> None:
    freeze = window("10:00", "12:00", WEEK, allow=False)
    assert not open_at((OFFICE, freeze), utc("2026-03-06T11:00"))
    assert open_at((OFFICE, freeze), utc("2026-03-06T12:00"))
    assert open_at((freeze,), utc("2026-03-06T03:00"))
    assert next_opening((OFFICE, freeze), utc("2026-03-06T10:30")) == utc("2026-03-06T12:00")


def test_any_of_several_allowing_windows_opens() -> None:
    assert open_at((OFFICE, NIGHT), utc("2026-03-06T23:00"))
    assert next_opening((OFFICE, NIGHT), utc("2026-03-06T16:00")) == utc("2026-03-06T22:00")


def test_the_next_opening_may_be_days_away_or_never() -> None:
    assert next_opening((OFFICE,), utc("2026-03-06T16:00")) == utc("2026-03-09T09:00")
    assert next_opening((OFFICE, window("00:00", "00:00", WEEK, allow=False)), utc("2026-03-06T10:00")) is None
    weekly = window("09:00", "09:01", frozenset({4}))
    assert next_opening((weekly,), utc("2026-03-06T09:01")) == utc("2026-03-13T09:00")


def test_time_zones_count_by_the_clock_on_the_wall() -> None:
    office = window("09:00", "16:00", zone=BERLIN)
    assert not open_at((office,), utc("2026-03-27T07:59"))
    assert open_at((office,), utc("2026-03-27T08:00"))  # winter: one hour ahead of UTC
    assert open_at((office,), utc("2026-03-30T07:00"))  # summer: two hours
    assert next_opening((office,), utc("2026-03-27T16:00")) == utc("2026-03-30T07:00")


def test_the_hour_that_is_skipped_in_spring_opens_nothing_and_loses_nothing() -> None:
    """On 2026-03-29 clocks in Berlin go from 02:00 to 03:00."""
    early = window("02:30", "04:00", WEEK, zone=BERLIN)
    assert not open_at((early,), utc("2026-03-29T00:59"))
    assert open_at((early,), utc("2026-03-29T01:00"))  # 03:00 on the wall
    opening = next_opening((early,), utc("2026-03-28T12:00"))
    assert opening is not None
    assert open_at((early,), opening)


def test_the_hour_that_comes_twice_in_autumn_counts_twice() -> None:
    """On 2026-10-25 clocks in Berlin go from 03:00 back to 02:00."""
    early = window("02:00", "03:00", WEEK, zone=BERLIN)
    assert open_at((early,), utc("2026-10-25T00:30"))
    assert open_at((early,), utc("2026-10-25T01:30"))
    assert not open_at((early,), utc("2026-10-25T02:00"))


CLOCKS = st.times(timezones=st.none()).map(lambda moment: moment.replace(second=0, microsecond=0))
WINDOWS = st.builds(
    Window,
    allow=st.booleans(),
    weekdays=st.frozensets(st.integers(0, 6)),
    start=CLOCKS,
    end=CLOCKS,
    timezone=st.sampled_from([UTC, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]),
)


@given(
    st.lists(WINDOWS, max_size=3),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC)),  # noqa: DTZ001  made aware here
    st.timedeltas(timedelta(0), timedelta(days=7)),
)
def test_it_is_closed_until_the_next_opening_and_open_at_it(
    windows: list[Window], instant: datetime, later: timedelta
) -> None:
    opening = next_opening(windows, instant)
    if opening is None:
        assert not open_at(windows, instant + later)
        return
    assert opening >= instant
    assert open_at(windows, opening)
    if instant + later < opening:
        assert not open_at(windows, instant + later)
