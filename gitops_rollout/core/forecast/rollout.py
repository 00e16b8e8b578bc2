"""The traffic that Knative's Route reports, gradual rollout included (Knative v0.48 route/traffic, rollout.go)."""

from dataclasses import replace

from gitops_rollout.core.forecast.world import Service
from gitops_rollout.model.live import TrafficTarget

Share = tuple[str, int]


def spread(service: Service) -> tuple[TrafficTarget, ...]:
    """The status' traffic for the spec's: `latest` becomes the latest ready revision, at once or in stages.

    Stages come only with a rollout duration, and only when the latest revision changes: a changed percent is followed
    at once. Knative's stages depend on time; here they are 1 %, then half, then all of it.
    """
    ready = service.status.latest_ready
    assert ready is not None
    routed: list[TrafficTarget] = []
    for target in service.traffic:
        if not target.latest_revision:
            routed.append(target)
            continue
        shares = _shares(service, ready, target.percent or 0)
        routed += [replace(target, revision_name=name, percent=percent) for name, percent in shares]
    return tuple(routed)


def _shares(service: Service, ready: str, goal: int) -> list[Share]:
    if not service.gradual:
        return [(ready, goal)]
    before = [(t.revision_name or "", t.percent or 0) for t in service.status.traffic if t.latest_revision]
    if sum(percent for _, percent in before) != goal:
        return [(ready, goal)]
    arrived = dict(before).get(ready, 0)
    if arrived == goal:
        return [(ready, goal)]
    next_ = 1 if arrived == 0 else goal // 2 if arrived < goal // 2 else goal
    return [*_older(before, ready, goal - next_), (ready, next_)]


def _older(before: list[Share], ready: str, left: int) -> list[Share]:
    """What older revisions keep: the oldest gives first."""
    kept: list[Share] = []
    for name, percent in reversed([share for share in before if share[0] != ready]):
        keep = min(percent, left)
        left -= keep
        if keep:
            kept.insert(0, (name, keep))
    return kept
