"""The live source that is a cluster: lists a few kinds through the API, page by page, and writes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import msgspec

from gitops_rollout.cluster import objects
from gitops_rollout.cluster.assembly import INFERENCE_SERVICE_LABEL, Assembly
from gitops_rollout.cluster.recording import Collector, Recording
from gitops_rollout.cluster.view import make_view
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.live import LiveView

PAGE = 500
SECONDS = 60.0
RESTARTS = 2
SKEW = timedelta(minutes=2)


class Listed(NamedTuple):
    """One kind to list: where it is served, and which objects of it.

    `without` says of a kind that a cluster may lack, or keep to itself, what is not known then.
    """

    kind: str
    group: str
    version: str
    plural: str
    selector: str | None
    without: str | None = None


_ARRIVAL = "whether a merge has arrived is told from the InferenceServices alone"
# Engines first: what they say that they applied is then there to be seen. InferenceServices before what they name: it
# is then at least as new as they are.
KINDS = (
    Listed(objects.APPLICATION, "argoproj.io", "v1alpha1", "applications", None, _ARRIVAL),
    Listed(objects.KUSTOMIZATION, "kustomize.toolkit.fluxcd.io", "v1", "kustomizations", None, _ARRIVAL),
    Listed(objects.INFERENCE_SERVICE, "serving.kserve.io", "v1beta1", "inferenceservices", None),
    Listed(objects.KNATIVE_SERVICE, "serving.knative.dev", "v1", "services", INFERENCE_SERVICE_LABEL),
    Listed(objects.REVISION, "serving.knative.dev", "v1", "revisions", INFERENCE_SERVICE_LABEL),
)


class _ListMeta(msgspec.Struct):
    more: str | None = msgspec.field(default=None, name="continue")


class _Page(msgspec.Struct):
    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None


class KubeSource:
    """Reads one cluster through its API server; `context` None is the pod's own cluster or the current context.

    A reading takes `seconds` at most, in pages of `page` objects, and is dated by `clock`.
    """

    def __init__(
        self,
        name: str,
        context: str | None,
        seconds: float = SECONDS,
        page: int = PAGE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.context = context
        self.seconds = seconds
        self.page = page
        self.clock = clock

    def read(self) -> LiveView:
        """All InferenceServices with their Knative objects; `SourceError` with the reason where any list failed.

        A view in which one kind is missing would be worse than none: nothing in it could be told from gone.
        """
        assembly = Assembly()
        seen_at, notes = self._collect(assembly)
        return make_view(self.name, assembly, seen_at, notes)

    def record(self) -> tuple[Recording, tuple[str, ...]]:
        """The same objects as they came, to be written to a snapshot file, and what is to be said about them."""
        recording = Recording()
        recording.seen_at, notes = self._collect(recording)
        return recording, tuple(notes)

    def _collect(self, collector: Collector) -> tuple[datetime, list[str]]:
        from gitops_rollout.cluster.connection import connect

        started = self.clock()
        connection = connect(self.context, self.seconds)
        try:
            notes = [note for listed in KINDS if (note := _read_kind(connection, listed, collector, self.page))]
        finally:
            connection.close()
        seen_at, skew = _dated(started, connection.date)
        return seen_at, notes + skew


def _read_kind(connection: Any, listed: Listed, collector: Collector, limit: int) -> str | None:
    """Add all objects of one kind; a sentence where the cluster does not know the kind."""
    from gitops_rollout.cluster.connection import Refused

    for _ in range(RESTARTS + 1):
        try:
            more = _read_page(connection, listed, collector, limit=limit)
            while more:
                more = _read_page(connection, listed, collector, limit=limit, _continue=more)
        except Refused as refused:
            if refused.status == 410:  # the list is too old to go on with
                collector.forget(listed.kind)
                continue
            if listed.without is not None and refused.status in (403, 404):
                return None if refused.status == 404 else _kept_back(listed)
            hub = collector.count(objects.APPLICATION) + collector.count(objects.KUSTOMIZATION)
            if refused.status == 404 and (listed.kind != objects.INFERENCE_SERVICE or hub):
                what = f"the cluster has no {listed.plural}.{listed.group}"
                return f"{what}: {f'its {hub} engines are read' if hub else 'is Knative Serving installed?'}"
            raise _explained(refused.status, listed) from refused
        return None
    raise SourceError(f"{listed.plural}.{listed.group} changed faster than they could be listed", "try again")


def _read_page(connection: Any, listed: Listed, collector: Collector, **options: Any) -> str | None:
    if listed.selector:
        options["label_selector"] = listed.selector
    data = connection.page(listed.group, listed.version, listed.plural, **options)
    try:
        page = msgspec.json.decode(data, type=_Page)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(
            f"the answer for {listed.plural}.{listed.group} is no list of objects", "is there a proxy in between?"
        ) from error
    for item in page.items or []:
        collector.add(listed.kind, item)
    return page.metadata.more or None


def _explained(status: int, listed: Listed) -> SourceError:
    """What a refusal means, and what to do about it."""
    what = f"{listed.plural}.{listed.group}"
    if status == 401:
        return SourceError("the credentials were refused (401)", "they may have expired: log in anew")
    if status == 403:
        return SourceError(
            f"{what} may not be listed (403): without them nothing can be judged",
            f"add to its ClusterRole: {_rule(listed)}",
        )
    if status == 404:
        return SourceError(f"the cluster has no {what} (404)", "is KServe installed, and is this the right context?")
    return SourceError(f"{what} could not be listed ({status})", "try again; the API server's own log says more")


def _kept_back(listed: Listed) -> str:
    """What it costs that a kind may not be listed which a run can do without."""
    return (
        f"{listed.plural}.{listed.group} may not be listed (403): {listed.without}; "
        f"add to its ClusterRole: {_rule(listed)}"
    )


def _rule(listed: Listed) -> str:
    return f'{{apiGroups: ["{listed.group}"], resources: ["{listed.plural}"], verbs: ["list"]}}'


def _dated(started: datetime, date: str | None) -> tuple[datetime, list[str]]:
    """The instant of a reading: the earlier of the two clocks, and a sentence where they disagree.

    Soak counts from times that the cluster wrote; a clock here that runs ahead must not shorten it.
    """
    try:
        served = parsedate_to_datetime(date) if date else started
    except ValueError:
        served = started
    if abs(served - started) <= SKEW:
        return min(started, served), []
    return min(started, served), [f"the clock here and the API server's differ by {abs(served - started)}"]
