"""When forward changes may be made. Rollbacks pass windows and never ask here."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from gitops_rollout.model.policy import Window

_WEEK = 8  # a window comes again after seven days; the eighth covers the part of today that is over


def open_at(windows: Sequence[Window], instant: datetime) -> bool:
    """Whether forward changes may be made: no deny window holds, and an allow window does where there is any."""
    if any(_holds(window, instant) for window in windows if not window.allow):
        return False
    allowing = [window for window in windows if window.allow]
    return not allowing or any(_holds(window, instant) for window in allowing)


def next_opening(windows: Sequence[Window], instant: datetime) -> datetime | None:
    """The first instant from `instant` on at which windows are open, in UTC; None when there is none within a week."""
    if open_at(windows, instant):
        return instant
    edges = sorted({edge for window in windows for edge in _edges(window, instant) if edge > instant})
    return next((edge for edge in edges if open_at(windows, edge)), None)


def _holds(window: Window, instant: datetime) -> bool:
    """Whether a window holds at an instant, by the clock on the wall of its time zone."""
    local = instant.astimezone(window.timezone)
    clock, today = local.time(), local.weekday()
    if window.start < window.end:
        return today in window.weekdays and window.start <= clock < window.end
    if today in window.weekdays and (window.start == window.end or clock >= window.start):
        return True
    return window.start != window.end and (today - 1) % 7 in window.weekdays and clock < window.end


def _edges(window: Window, instant: datetime) -> list[datetime]:
    """Every instant near at which a window may begin or end, in UTC.

    A time that the clocks skip or repeat gives both of its readings: asking at one edge too many does no harm.
    """
    day = instant.astimezone(window.timezone).date() - timedelta(days=1)
    dates = [day + timedelta(days=number) for number in range(_WEEK + 2)]
    clocks = {window.start, window.end, time(0)}
    local = [datetime.combine(date, clock, window.timezone) for date in dates for clock in clocks]
    return [moment.replace(fold=fold).astimezone(UTC) for moment in local for fold in (0, 1)]
