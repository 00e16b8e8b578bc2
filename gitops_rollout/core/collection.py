"""When Knative collects a revision that no route names (Knative Serving v0.48 pkg/reconciler/gc/gc.go)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from gitops_rollout.model.cluster import Collection
from gitops_rollout.model.live import KnativeService, Revision

_RETIRED = "reserve"
_EVER = datetime.min.replace(tzinfo=UTC)


def collectable_from(
    revision: Revision, siblings: Iterable[Revision], service: KnativeService | None, settings: Collection
) -> datetime | None:
    """The instant from which Knative may collect a revision as things stand; None: it does not.

    `siblings` are all revisions of its Knative Service. Kept are the latest ready one, those that say `no-gc`, and all
    that a route names or that no labeller has retired; of the others at least `settings.least`. A revision is let go
    once both retention times are over, and at once when more than `settings.most` are retired.
    """
    retired = sorted((one for one in siblings if is_retired(one, service)), key=_last_active)
    if revision not in retired:
        return None
    older = retired[: retired.index(revision)]
    if settings.most is not None and len(older) < len(retired) - settings.most:
        return _last_active(revision)
    due = _stale_from(revision, settings)
    if due is None:
        return None
    gone_before = [one for one in older if (at := _stale_from(one, settings)) is not None and at <= due]
    return due if len(gone_before) < len(retired) - settings.least else None


def is_retired(revision: Revision, service: KnativeService | None) -> bool:
    """Whether a revision is one of those that may be collected at all."""
    if revision.preserved or revision.routing_state != _RETIRED:
        return False
    if service is None:
        return True
    routed = {target.revision_name for target in (*service.traffic, *service.status.traffic)}
    return revision.name != service.status.latest_ready and revision.name not in routed


def retention(settings: Collection) -> str:
    """The settings in words."""
    create, active = (_words(span) for span in (settings.retain_since_create, settings.retain_since_active))
    most = "any number" if settings.most is None else str(settings.most)
    return f"kept for {create} since made and {active} since routed, {settings.least} to {most} of them"


def _stale_from(revision: Revision, settings: Collection) -> datetime | None:
    """When both retention times are over; a disabled one does not count, and nothing goes stale without any."""
    ends = []
    if settings.retain_since_create is not None:
        ends.append((revision.created or _EVER, settings.retain_since_create))
    if settings.retain_since_active is not None:
        ends.append((_last_active(revision), settings.retain_since_active))
    return max((since + span for since, span in ends), default=None)


def _last_active(revision: Revision) -> datetime:
    return revision.routing_state_modified or revision.created or _EVER


def _words(span: timedelta | None) -> str:
    if span is None:
        return "ever"
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
