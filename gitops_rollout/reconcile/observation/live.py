"""One look at every cluster, at the same time; a cluster that does not answer holds its own targets only."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from gitops_rollout.model.doors import LiveSource
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.live import LiveView

MOST_AT_ONCE = 16


def read_all(
    sources: Sequence[LiveSource], replayed_at: datetime | None
) -> tuple[Mapping[str, LiveView], tuple[str, ...]]:
    """Views by cluster name, each with its instant, and one sentence for each source that could not be read.

    A view without a time of its own counts as seen at `replayed_at` where the run replays an instant, else at its
    file's time. A source that failed gives a view that says `unreachable`: nothing in it then counts as missing.
    """
    if not sources:
        return {}, ()
    with ThreadPoolExecutor(max_workers=min(len(sources), MOST_AT_ONCE)) as pool:
        views = list(pool.map(_read, sources))
    errors = tuple(f"{view.cluster}: {view.unreachable}" for view in views if view.unreachable)
    return {view.cluster: _dated(view, replayed_at) for view in views}, errors


def _read(source: LiveSource) -> LiveView:
    try:
        return source.read()
    except RolloutError as error:
        reason = error.message if error.hint is None else f"{error.message} ({error.hint})"
        return LiveView(source.name, None, unreachable=reason)


def _dated(view: LiveView, replayed_at: datetime | None) -> LiveView:
    return view if view.seen_at is not None else replace(view, seen_at=replayed_at or view.file_time)
