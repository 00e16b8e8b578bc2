"""Sync windows of Argo CD: which of a project's concern an Application, and whether they keep it from syncing.

Argo CD v3.4 pkg/apis/application/v1alpha1/types.go (`SyncWindows.Matches`, `CanSync`): an open deny window keeps it
from syncing, and so does an allow window that is closed while no other one is open.
"""

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gitops_rollout.cluster import decode
from gitops_rollout.cluster.argo import mapping, texts
from gitops_rollout.cluster.config_maps import duration
from gitops_rollout.model.engines import LiveEngine, SyncWindow


def windows_of(spec: Any) -> tuple[SyncWindow, ...]:
    """The windows that an AppProject's spec states; those of another kind than `allow` and `deny` count for nothing."""
    return tuple(
        SyncWindow(
            allows=entry["kind"] == "allow",
            schedule=decode.text(entry.get("schedule")) or "",
            duration=decode.text(entry.get("duration")) or "",
            timezone=decode.text(entry.get("timeZone")) or "UTC",
            applications=texts(entry.get("applications")),
            clusters=texts(entry.get("clusters")),
            namespaces=texts(entry.get("namespaces")),
            needs_all=entry.get("andOperator") is True,
        )
        for entry in decode.mappings(mapping(spec).get("syncWindows"))
        if entry.get("kind") in ("allow", "deny")
    )


def concerns(window: SyncWindow, engine: LiveEngine) -> bool:
    """Whether a window is about an Application: one of what it lists fits, or with `andOperator` all that it lists."""
    stated = (
        (window.applications, (engine.name,)),
        (window.clusters, tuple(engine.destination.values())),
        (window.namespaces, (engine.target_namespace or "",)),
    )
    fits = [_fits(patterns, values) for patterns, values in stated if patterns]
    return bool(fits) and (all(fits) if window.needs_all else any(fits))


def closing(windows: Sequence[SyncWindow], at: datetime) -> SyncWindow | None:
    """The window that keeps an Application from syncing at an instant, None where none does."""
    is_open = [(window, _is_open(window, at)) for window in windows]
    broken = [window for window, state in is_open if state is None]  # Argo CD syncs nothing then
    denying = [window for window, state in is_open if state and not window.allows]
    if broken or denying:
        return (broken or denying)[0]
    allowing = [(window, state) for window, state in is_open if window.allows]
    if not allowing or any(state for _, state in allowing):
        return None
    return allowing[0][0]


def _fits(patterns: Sequence[str], values: Sequence[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns for value in values if value)


def _is_open(window: SyncWindow, at: datetime) -> bool | None:
    """Whether a window has begun and is not over; None where its schedule or duration cannot be read."""
    from cronsim import CronSim, CronSimError

    try:
        zone = ZoneInfo(window.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")  # as Argo CD does
    local = at.astimezone(zone)
    try:
        begins = next(CronSim(window.schedule, local - duration(window.duration)), None)
    except (CronSimError, ValueError, OverflowError):
        return None
    return begins is not None and begins <= local
