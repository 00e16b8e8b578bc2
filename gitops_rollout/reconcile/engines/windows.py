"""Sync windows of Argo CD at the instant that a cluster was seen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gitops_rollout.model.engines import LiveEngine
from gitops_rollout.model.live import LiveView


def engines_at(view: LiveView, now: datetime) -> Iterator[LiveEngine]:
    """The engines of a view; those that a sync window keeps from syncing are stopped by it."""
    for engine in view.engines:
        window = None
        if engine.windows:
            from gitops_rollout.cluster.sync_windows import closing

            window = closing(engine.windows, view.seen_at or now)
        yield engine if window is None else replace(engine, stopped=f"sync window {window} of {engine.project}")
