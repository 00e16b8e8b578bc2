"""Lists what a cluster has of the kinds that are read, and says what it costs where something may not be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gitops_rollout.cluster import objects
from gitops_rollout.cluster.assembly import INFERENCE_SERVICE_LABEL
from gitops_rollout.cluster.config_maps import READ, ConfigMap
from gitops_rollout.cluster.recording import Collector
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.reach import Reach

PAGE = 500
RESTARTS = 2


class Listed(NamedTuple):
    """One kind to list: where it is served, which objects of it, and what is lost without it (None: everything)."""

    kind: str
    group: str
    version: str
    plural: str
    selector: str | None
    without: str | None = None

    @property
    def what(self) -> str:
        """Its full name."""
        return f"{self.plural}.{self.group}"

    @property
    def rule(self) -> str:
        """The rule that lets it be listed."""
        return f'{{apiGroups: ["{self.group}"], resources: ["{self.plural}"], verbs: ["list"]}}'


_ARRIVAL = "whether a merge has arrived is told from the InferenceServices alone"
_WINDOWS = "sync windows that keep Argo CD from syncing are not known"
_FETCHING = "whether Flux still fetches what it applies is not known"
# Engines first: what they say that they applied is then there to be seen. InferenceServices before what they name: it
# is then at least as new as they are.
KINDS = (
    Listed(objects.APPLICATION, "argoproj.io", "v1alpha1", "applications", None, _ARRIVAL),
    Listed(objects.APP_PROJECT, "argoproj.io", "v1alpha1", "appprojects", None, _WINDOWS),
    Listed(objects.KUSTOMIZATION, "kustomize.toolkit.fluxcd.io", "v1", "kustomizations", None, _ARRIVAL),
    Listed(objects.GIT_REPOSITORY, "source.toolkit.fluxcd.io", "v1", "gitrepositories", None, _FETCHING),
    Listed(objects.INFERENCE_SERVICE, "serving.kserve.io", "v1beta1", "inferenceservices", None),
    Listed(objects.KNATIVE_SERVICE, "serving.knative.dev", "v1", "services", INFERENCE_SERVICE_LABEL),
    Listed(objects.REVISION, "serving.knative.dev", "v1", "revisions", INFERENCE_SERVICE_LABEL),
)


class _ListMeta(msgspec.Struct):
    more: str | None = msgspec.field(default=None, name="continue")


class _Page(msgspec.Struct):
    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None


def read_cluster(connection: Any, collector: Collector, reach: Reach, limit: int = PAGE) -> list[str]:
    """Give a collector all that is read of a cluster, in pages of `limit`; what is to be said about it comes back.

    `SourceError` with the reason where nothing can be judged. A namespace of several that may not be read is noted as
    unread, and the others go on.
    """
    collector.limits.namespaces = frozenset(reach.namespaces) if reach.namespaces else None
    collector.limits.labels = reach.labels
    notes = [note for listed in KINDS for note in read_kind(connection, listed, collector, limit, reach)]
    for namespace, why in sorted(collector.limits.unread.items()):
        notes.append(f"namespace {namespace} is not read, and its targets are held: {why}")
    return notes + [note for one in READ if (note := _read_config_map(connection, one, collector))]


def read_kind(
    connection: Any, listed: Listed, collector: Collector, limit: int = PAGE, reach: Reach | None = None
) -> list[str]:
    """Add all objects of one kind; sentences where the cluster does not know it, or keeps back what can be missed."""
    from gitops_rollout.cluster.connection import Refused

    reach = reach or Reach()
    selector = _selector(listed, reach)
    for _ in range(RESTARTS + 1):
        notes: list[str] = []
        try:
            for namespace in _places(listed, reach):
                try:
                    for page in _pages(connection, listed, namespace, limit, selector):
                        for item in page.items or []:
                            collector.add(listed.kind, item)
                except Refused as refused:
                    if refused.status == 410:
                        raise
                    notes += _refused(refused.status, listed, namespace, collector)
        except Refused:  # the list is too old to go on with
            collector.forget(listed.kind)
            continue
        return notes
    raise SourceError(f"{listed.what} changed faster than they could be listed", "try again")


def _places(listed: Listed, reach: Reach) -> Sequence[str | None]:
    """The namespaces to list one by one; engines stand in namespaces of their own, and are listed in all at once."""
    return (None,) if not reach.namespaces or listed.without is not None else sorted(reach.namespaces)


def _selector(listed: Listed, reach: Reach) -> str | None:
    """What the server is to leave out. The labels that a person names are asked of InferenceServices alone.

    Knative Services and Revisions get copies of them, but a Revision keeps those of its own time: a baseline that is
    older than a label would be hidden.
    """
    if listed.kind == objects.INFERENCE_SERVICE and reach.labels:
        return ",".join(f"{name}={value}" for name, value in sorted(reach.labels.items()))
    return listed.selector


def _pages(connection: Any, listed: Listed, namespace: str | None, limit: int, selector: str | None) -> Iterator[_Page]:
    query: dict[str, Any] = {"limit": limit} | ({"labelSelector": selector} if selector else {})
    more: str | None = ""
    while more is not None:
        following = {"continue": more} if more else {}
        data = connection.page(listed.group, listed.version, listed.plural, namespace, **query, **following)
        try:
            page = msgspec.json.decode(data, type=_Page)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceError(
                f"the answer for {listed.what} is no list of objects", "is there a proxy in between?"
            ) from error
        yield page
        more = page.metadata.more or None


def _refused(status: int, listed: Listed, namespace: str | None, collector: Collector) -> list[str]:
    """What is to be said where a list was refused that can be missed; else `SourceError`."""
    if listed.without is not None and status in (403, 404):
        kept_back = f"{listed.what} may not be listed (403): {listed.without}; add to its ClusterRole: {listed.rule}"
        return [] if status == 404 else [kept_back]
    hub = collector.count(objects.APPLICATION) + collector.count(objects.KUSTOMIZATION)
    if status == 404 and (listed.kind != objects.INFERENCE_SERVICE or hub):
        what = f"the cluster has no {listed.what}"
        return [f"{what}: {f'its {hub} engines are read' if hub else 'is Knative Serving installed?'}"]
    if status == 403 and namespace is not None:
        _unread(listed, namespace, collector)
        return []
    raise _explained(status, listed)


def _unread(listed: Listed, namespace: str, collector: Collector) -> None:
    """A namespace of several: its own targets are held, the others go on; unless there is none left to go on with."""
    unread, asked = collector.limits.unread, collector.limits.namespaces or frozenset()
    unread.setdefault(namespace, f"{listed.what} may not be listed there (403); add to a Role in it: {listed.rule}")
    if asked <= unread.keys():
        raise SourceError(
            f"{listed.what} may not be listed in {', '.join(sorted(asked))} (403): nothing can be judged",
            f"add to a Role in each: {listed.rule}",
        )


def _explained(status: int, listed: Listed) -> SourceError:
    """What a refusal means, and what to do about it."""
    if status == 401:
        return SourceError("the credentials were refused (401)", "they may have expired: log in anew")
    if status == 403:
        return SourceError(
            f"{listed.what} may not be listed (403): without them nothing can be judged",
            f"add to its ClusterRole: {listed.rule}; or name `namespaces` in the policy's cluster, and a Role in each "
            "is enough",
        )
    if status == 404:
        what = f"the cluster has no {listed.what} (404)"
        return SourceError(what, "is KServe installed, and is this the right context?")
    return SourceError(f"{listed.what} could not be listed ({status})", "try again; the API server's own log says more")


def _read_config_map(connection: Any, wanted: ConfigMap, collector: Collector) -> str | None:
    """Add one of the cluster's own settings; a sentence where it may not be read. It may well not be there."""
    from gitops_rollout.cluster.connection import Refused

    try:
        data = connection.get(wanted.path)
        if isinstance(msgspec.json.decode(data), Mapping):
            collector.add(objects.CONFIG_MAP, data)
    except Refused as refused:
        if refused.status == 404:
            return None
        what = f"the ConfigMap {wanted.name} of {wanted.namespace} may not be read ({refused.status})"
        return f"{what}: {wanted.without}; add to its ClusterRole: {wanted.rule}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"the ConfigMap {wanted.name} of {wanted.namespace} is not readable: {wanted.without}"
    return None
