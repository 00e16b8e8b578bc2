"""Reads `--live CLUSTER=SOURCE` and makes the source; what a kind of source needs is imported only when it is used."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gitops_rollout.model.doors import LiveSource
from gitops_rollout.model.errors import UsageError
from gitops_rollout.model.reach import Reach

CLUSTER_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
FORMS = "use CLUSTER=snapshot:FILE[@RFC3339], CLUSTER=kube:CONTEXT, CLUSTER=kube: or CLUSTER=simulated:"


def open_sources(live: Sequence[tuple[str, str]]) -> tuple[LiveSource, ...]:
    """The sources of `--live`, given as (cluster, `KIND:ARGUMENT`), in their order.

    `UsageError` where one is not understood or a cluster is named twice. Nothing is read yet.
    """
    sources: dict[str, LiveSource] = {}
    for cluster, source in live:
        if cluster in sources:
            raise UsageError(f"--live names the cluster {cluster} twice", "give each cluster one source")
        sources[cluster] = open_source(cluster, source)
    return tuple(sources.values())


def open_source(cluster: str, source: str, reach: Reach | None = None) -> LiveSource:
    """The source of one cluster; nothing is read yet. `reach` limits what an API server is asked for."""
    given = f"--live {cluster}={source}"
    kind, colon, argument = source.partition(":")
    if not CLUSTER_NAME.fullmatch(cluster):
        raise UsageError(
            f"{given}: {cluster!r} is no cluster name",
            "lower-case letters, digits and hyphens, at most 63, first and last a letter or digit",
        )
    if kind == "snapshot" and argument:
        from gitops_rollout.cluster.snapshot import SnapshotSource

        path, seen_at = split_instant(argument)
        return SnapshotSource(cluster, Path(path), seen_at)
    if kind == "kube" and colon:
        from gitops_rollout.cluster.kube import KubeSource

        return KubeSource(cluster, argument or None, reach)
    if kind == "simulated" and colon:
        from gitops_rollout.cluster.simulated import SimulatedSource

        return SimulatedSource(cluster, argument)
    raise UsageError(f"{given}: not understood", FORMS)


def split_instant(argument: str) -> tuple[str, datetime | None]:
    """`FILE@RFC3339` in its two parts. An `@` that stands in a file's own name is left in it."""
    path, separator, stamp = argument.rpartition("@")
    if not separator:
        return argument, None
    try:
        seen_at = datetime.fromisoformat(stamp)
    except ValueError:
        seen_at = None
    if seen_at is not None and seen_at.tzinfo is not None:
        return path, seen_at
    if Path(argument).exists() or not stamp[:1].isdigit():
        return argument, None
    raise UsageError(
        f"snapshot:{argument}: {stamp!r} is no RFC 3339 instant", "write it like 2026-01-31T12:00:00Z, with its offset"
    )
