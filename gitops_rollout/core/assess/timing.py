"""Instants that soak, bake and deadlines count from. Nothing is remembered between runs: Git and statuses tell."""

from datetime import datetime, timedelta

from gitops_rollout.core.assess.readiness import find_condition, ready_since
from gitops_rollout.core.history import Timeline, Version, last_set
from gitops_rollout.model.live import KnativeService, Revision


def soaks_from(line: Timeline, service: KnativeService | None, candidate: Revision | None) -> datetime | None:
    """The latest of the canary's readiness, the traffic's last transition, and the arrival of what set the rollout.

    None where one of them is not known: then nothing has soaked.
    """
    return _latest(ready_since(candidate), traffic_since(service), _arrival(last_set(line)))


def bakes_from(line: Timeline, service: KnativeService | None) -> datetime | None:
    """When the promotion took effect: its arrival on the base branch, or the traffic's transition after it."""
    return _latest(traffic_since(service), _arrival(last_set(line)))


def harms_from(line: Timeline, revision: Revision | None, model: str | None) -> datetime | None:
    """What counts against a revision that takes traffic: since it is ready and Git last set a percent with its model.

    Where history does not tell, its readiness alone counts; None where even that is not known.
    """
    since = ready_since(revision) or (None if revision is None else revision.created)
    arrived = next((one.committed for one in _set_with(line, model)), None)
    return since if arrived is None or since is None else max(since, arrived)


def traffic_since(service: KnativeService | None) -> datetime | None:
    """When the traffic last moved, as the routes' condition tells."""
    routes = None if service is None else find_condition(service.status.conditions, "RoutesReady")
    return None if routes is None else routes.last_transition


def is_past(since: datetime | None, span: timedelta, instant: datetime) -> bool:
    """Whether a span is over; never where its beginning is unknown, nor while a clock shows an earlier time."""
    return since is not None and instant - since >= span


def _set_with(line: Timeline, model: str | None) -> list[Version]:
    """Versions, newest first, that set a percent (another one, or for another model) while this model was stated."""
    versions = line.versions
    return [
        version
        for index, version in enumerate(versions)
        if version.target == model and version.percent.stated and _is_set(version, versions[index + 1 :][:1])
    ]


def _is_set(version: Version, before: tuple[Version, ...]) -> bool:
    return not before or before[0].percent != version.percent or before[0].target != version.target


def _arrival(version: Version | None) -> datetime | None:
    return None if version is None else version.committed


def _latest(*instants: datetime | None) -> datetime | None:
    known = [instant for instant in instants if instant is not None]
    return max(known) if len(known) == len(instants) else None
