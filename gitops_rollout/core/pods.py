"""The pods of a revision: what each asks of a node, how many there are, and what that comes to."""

from collections.abc import Mapping
from typing import Any

from gitops_rollout.core.quantity import times, total, words
from gitops_rollout.model.live import Revision


def requests_of(revision: Revision) -> dict[str, str]:
    """What one pod asks for: the sum over its containers; a limit without a request is one (as Kubernetes sets it)."""
    return total(_stated(container) for container in revision.containers)


def replicas_of(revision: Revision) -> int | None:
    """How many pods there are; where that is not shown, how many there are to be; None where neither is."""
    return revision.desired_replicas if revision.actual_replicas is None else revision.actual_replicas


def wanted_of(revision: Revision) -> str:
    """What a revision that gets no room asks for, in words; empty where its containers do not say."""
    asked = words(requests_of(revision))
    pods = max(revision.desired_replicas or 0, revision.min_scale or 0, 1)
    return f"{pods} pods with {asked} each" if asked and pods > 1 else asked and f"a pod with {asked}"


def held_by(revision: Revision) -> str:
    """What a revision's pods hold, in words; empty where it has none."""
    count = replicas_of(revision)
    if count is None or count < 1:
        return ""
    held = words(times(requests_of(revision), count))
    pods = "1 pod" if count == 1 else f"{count} pods"
    return f"{pods} ({held})" if held else pods


def _stated(container: Mapping[str, Any]) -> Mapping[str, object]:
    resources = _mapping(container.get("resources"))
    return {**_mapping(resources.get("limits")), **_mapping(resources.get("requests"))}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
