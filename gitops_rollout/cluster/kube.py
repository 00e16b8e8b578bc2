"""The live source that is a cluster: read through its API server, page by page; nothing is written."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.cluster.listing import PAGE, read_cluster
from gitops_rollout.cluster.recording import Collector, Recording
from gitops_rollout.cluster.view import make_view
from gitops_rollout.model.checkup import Finding
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.reach import Reach

SKEW = timedelta(minutes=2)


class KubeSource:
    """Reads one cluster through its API server; `context` None is the pod's own cluster or the current context.

    A reading goes as far as `reach` says, in pages of `page` objects, and is dated by `clock`. `sent` counts requests.
    """

    def __init__(
        self,
        name: str,
        context: str | None,
        reach: Reach | None = None,
        page: int = PAGE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.context = context
        self.reach = reach or Reach()
        self.page = page
        self.clock = clock
        self.sent = 0

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

    def examine(self) -> Sequence[Finding]:
        """What a checkup finds: versions, rights, and the settings that matter to rollouts."""
        from gitops_rollout.cluster.checkup import examine

        return examine(self.name, self.context, self.reach)

    def _collect(self, collector: Collector) -> tuple[datetime, list[str]]:
        from gitops_rollout.cluster.kubeconfig import connect

        started = self.clock()
        connection = connect(self.context, self.reach.seconds)
        try:
            notes = read_cluster(connection, collector, self.reach, self.page)
        finally:
            self.sent += connection.sent
            connection.close()
        seen_at, skew = _dated(started, connection.date)
        return seen_at, notes + skew


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
