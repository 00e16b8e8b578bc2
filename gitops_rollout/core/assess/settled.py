"""Whether a Knative Service has come to rest at what KServe asks of it for the live spec."""

from collections.abc import Mapping
from datetime import datetime

from gitops_rollout.core.assess.readiness import find_condition
from gitops_rollout.core.traffic import expected_traffic
from gitops_rollout.model.live import ComponentStatus, Condition, KnativeService, Revision, TrafficTarget
from gitops_rollout.model.policy import Settings


def why_unsettled(
    service: KnativeService | None,
    percent: int | None,
    tracking: ComponentStatus,
    annotations: Mapping[str, str],
    *,
    created_runs_git: bool,
) -> str | None:
    """What is still on its way, in words; None once settled.

    `percent` is the live spec's. The conditions alone do not tell: just after an apply, and for good where updates are
    disabled or a percent was refused, a Knative Service looks settled with the old traffic.
    """
    if service is None:
        return "there is no Knative Service yet"
    status = service.status
    if status.observed_generation != service.generation:
        return f"Knative has seen generation {status.observed_generation} of {service.generation}"
    routes = find_condition(status.conditions, "RoutesReady")
    if routes is None or routes.status != "True":
        return f"its routes are not ready{_because(routes)}"
    expected = expected_traffic(percent, tracking, annotations)
    if not _same_spec(service.traffic, expected):
        return "KServe has not asked Knative for this traffic yet"
    if not _same_status(status.traffic, expected, tracking.latest_ready):
        return "Knative does not serve this traffic yet"
    if not created_runs_git:
        created = tracking.latest_created
        return f"{created} does not run what Git states" if created else "no Revision has been created yet"
    return None


def is_baseline_gone(service: KnativeService | None) -> bool:
    """Whether the revision that traffic is pinned to no longer exists (Knative v0.48 route_lifecycle.go)."""
    routes = None if service is None else find_condition(service.status.conditions, "RoutesReady")
    return routes is not None and routes.status == "False" and routes.reason == "RevisionMissing"


def is_not_created(service: KnativeService | None) -> str | None:
    """Knative's message when it could not create a Revision at all (configuration_lifecycle.go), else None."""
    found = None if service is None else find_condition(service.status.conditions, "ConfigurationsReady")
    if found is None or found.status != "False" or not (found.message or "").startswith("Revision creation failed"):
        return None
    return (found.message or "").replace("\n", " ")[:200]


def settle_overdue(
    service: KnativeService | None, created: Revision | None, arrived: datetime, settings: Settings, seen_at: datetime
) -> bool:
    """Whether settling takes longer than the deadline since anything last moved."""
    conditions = () if service is None else service.status.conditions
    moved = [found.last_transition for found in conditions if found.last_transition is not None]
    if created is not None and created.created is not None:
        moved.append(created.created)
    return seen_at - max([arrived, *moved]) > settings.deadline


def _same_spec(asked: tuple[TrafficTarget, ...], expected: tuple[TrafficTarget, ...]) -> bool:
    return [_asked(target) for target in asked] == [_asked(target) for target in expected]


def _same_status(
    served: tuple[TrafficTarget, ...], expected: tuple[TrafficTarget, ...], latest_ready: str | None
) -> bool:
    """Status names the revision behind `latestRevision: true`: it has to be the latest ready one."""
    wanted = [
        (target.revision_name or latest_ready, bool(target.latest_revision), target.percent or 0, target.tag)
        for target in expected
    ]
    found = [(target.revision_name, bool(target.latest_revision), target.percent or 0, target.tag) for target in served]
    return found == wanted


def _asked(target: TrafficTarget) -> tuple[str | None, bool, int, str | None]:
    return target.revision_name or None, bool(target.latest_revision), target.percent or 0, target.tag or None


def _because(condition: Condition | None) -> str:
    return f" ({condition.reason})" if condition is not None and condition.reason else ""
