"""How far into a cluster a run reads: as far as the policy says, and no further than `--only` asks for."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from gitops_rollout.model.policy import ClusterPolicy
from gitops_rollout.model.reach import Reach

_WILD = set("*?[")


def reach_of(cluster: ClusterPolicy, only: Sequence[str]) -> Reach:
    """The limits of a cluster's reading; `only` are patterns `cluster/namespace/name`, empty for everything."""
    asked = _namespaces(cluster.name, only)
    stated = set(cluster.namespaces)
    namespaces = stated if asked is None else asked if not stated else asked & stated or stated
    return Reach(tuple(sorted(namespaces)), cluster.labels, cluster.timeout.total_seconds())


def _namespaces(cluster: str, only: Sequence[str]) -> set[str] | None:
    """The namespaces that patterns ask for in a cluster; None where they do not name them one by one."""
    found = set()
    for pattern in only:
        parts = pattern.split("/")
        if len(parts) != 3 or _WILD & set(parts[1]):
            return None
        if fnmatchcase(cluster, parts[0]):
            found.add(parts[1])
    return found or None
