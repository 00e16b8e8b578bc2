"""Reads `--live CLUSTER=SOURCE` and makes the source; what a kind of source needs is imported only when it is used."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gitops_rollout.model.doors import LiveSource
from gitops_rollout.model.errors import SourceError, UsageError

CLUSTER_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
FORMS = "use CLUSTER=snapshot:FILE[@RFC3339], CLUSTER=kube:CONTEXT, CLUSTER=kube: or CLUSTER=simulated:"


def open_sources(specs: Sequence[str]) -> tuple[LiveSource, ...]:
    """The sources of all `--live` options, in their order; `UsageError` where one is not understood or named twice."""
    sources: dict[str, LiveSource] = {}
    for spec in specs:
        source = open_source(spec)
        if source.name in sources:
            raise UsageError(f"--live names the cluster {source.name} twice", "give each cluster one source")
        sources[source.name] = source
    return tuple(sources.values())


def open_source(spec: str) -> LiveSource:
    """The source of one `CLUSTER=SOURCE`; nothing is read yet."""
    name, separator, rest = spec.partition("=")
    kind, colon, argument = rest.partition(":")
    if not separator or not colon:
        raise UsageError(f"--live {spec}: not understood", FORMS)
    if not CLUSTER_NAME.fullmatch(name):
        raise UsageError(
            f"--live {spec}: {name!r} is no cluster name",
            "lower-case letters, digits and hyphens, at most 63, first and last a letter or digit",
        )
    if kind == "snapshot" and argument:
        from gitops_rollout.cluster.snapshot import SnapshotSource

        path, seen_at = split_instant(argument)
        return SnapshotSource(name, Path(path), seen_at)
    if kind in ("kube", "simulated"):
        raise SourceError(f"--live {spec}: this release reads snapshot files only", FORMS)
    raise UsageError(f"--live {spec}: not understood", FORMS)


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
