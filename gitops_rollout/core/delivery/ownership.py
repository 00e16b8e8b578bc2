"""Which Application or Kustomization owns an InferenceService: by what the object says, what the engine says, or Git.

Marks that engines leave on what they apply: Argo CD v3.4 util/argo/resource_tracking.go (`tracking-id`, in v3 the
default; before, the label `instance`), kustomize-controller v1.9 (labels with its own name and namespace).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gitops_rollout.core.addresses import address
from gitops_rollout.model.engines import EngineKind, Following, LiveEngine
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.policy import ClusterPolicy
from gitops_rollout.model.targets import Origin, TargetKey

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "app.kubernetes.io/instance"
FLUX_NAME = "kustomize.toolkit.fluxcd.io/name"
FLUX_NAMESPACE = "kustomize.toolkit.fluxcd.io/namespace"
_Mark = tuple[EngineKind, str, str]
_OWN_CLUSTER = frozenset({"in-cluster", "https://kubernetes.default.svc"})


@dataclass(frozen=True, slots=True)
class Owner:
    """The engine that owns a target; None where the object names one, in `named`, that was not shown.

    `rival` is the title of another engine that claims the object, too.
    """

    engine: LiveEngine | None
    named: str = ""
    rival: str = ""


class Fleet:
    """The engines that any cluster showed, as one cluster sees them: looked through once, asked for each target."""

    def __init__(self, engines: Sequence[LiveEngine], cluster: ClusterPolicy, origin: Origin | None) -> None:
        here = [engine for engine in engines if deploys_to(engine, cluster)]
        own = [engine for engine in engines if engine.cluster == cluster.name and not deploys_to(engine, cluster)]
        self.origin = origin
        self._named: dict[_Mark, list[LiveEngine]] = {}
        self._listing: dict[tuple[str, str], list[LiveEngine]] = {}
        self._labelled: dict[str, LiveEngine] = {}
        self._here = here
        for engine in (*here, *own):  # an object's own mark is believed whatever destination its engine states
            for mark in _answers_to(engine):
                self._named.setdefault(mark, []).append(engine)
        for engine in here:
            if engine.kind is EngineKind.APPLICATION:
                self._labelled.setdefault(engine.name, engine)
            for place in engine.manages:
                self._listing.setdefault(place, []).append(engine)

    def owner(self, key: TargetKey, paths: Sequence[str], live: LiveInferenceService | None) -> Owner | None:
        """The owner of a target, None where nothing tells of one. `paths` are those that it is deployed from in Git.

        The marks on the live object go before what the engines list, and that before the folders that they follow.
        """
        marks = [] if live is None else _marks(live)
        named = [(title, self._named.get(mark, [])) for title, mark in marks]
        owners = [found[0] for _, found in named if found]
        if owners:
            rivals = [title for title, found in named if not found or found[0].title != owners[0].title]
            return Owner(owners[0], rival=rivals[0] if rivals else "")
        if named:
            return Owner(None, named[0][0])
        listing = self._listing.get((key.namespace, key.name), [])
        if listing:
            rivals = [engine.title for engine in listing if engine.title != listing[0].title]
            return Owner(listing[0], rival=rivals[0] if rivals else "")
        labelled = None if live is None else self._labelled.get(live.labels.get(INSTANCE, ""))
        return Owner(labelled) if labelled is not None else self._by_folder(paths, live)

    def _by_folder(self, paths: Sequence[str], live: LiveInferenceService | None) -> Owner | None:
        """The one engine that follows the nearest folder; not one that lists what it manages, and not what is there."""
        covering = [
            (len(source.path or ""), engine)
            for engine in self._here
            if (live is None or not engine.manages) and (source := source_of(engine, paths, self.origin))
        ]
        nearest = max((depth for depth, _ in covering), default=0)
        found = [engine for depth, engine in covering if depth == nearest]
        return Owner(found[0]) if len({engine.title for engine in found}) == 1 else None


def deploys_to(engine: LiveEngine, cluster: ClusterPolicy) -> bool:
    """Whether an engine's destination is this cluster: it stands in it, or the policy's `destinations` name it."""
    stated = _stated(engine)
    if not stated:
        return engine.cluster == cluster.name
    return bool(stated & {destination.rstrip("/") for destination in cluster.destinations})


def source_of(engine: LiveEngine, paths: Sequence[str], origin: Origin | None) -> Following | None:
    """The source of an engine that deploys one of these paths of this repository, the nearest folder of several."""
    ours = None if origin is None else address(origin.url)
    covering = [
        source
        for source in engine.following
        if source.path is not None
        and any(_covers(source.path, path) for path in paths)
        and (ours is None or address(source.repository) in (ours, None))
    ]
    return max(covering, key=lambda source: len(source.path or ""), default=None)


def _stated(engine: LiveEngine) -> set[str]:
    """What an engine calls the cluster that it deploys to; empty for the one that it stands in."""
    return {value.rstrip("/") for value in engine.destination.values()} - _OWN_CLUSTER


def _marks(live: LiveInferenceService) -> list[tuple[str, _Mark]]:
    """The engines that the object's own marks name: title, and kind, namespace (empty: any) and name."""
    marks = []
    application = _tracked_by(live)
    if application:
        marks.append((f"Argo CD Application {application}", (EngineKind.APPLICATION, "", application)))
    name, namespace = live.labels.get(FLUX_NAME, ""), live.labels.get(FLUX_NAMESPACE, "")
    if name and namespace:
        marks.append((f"Flux Kustomization {namespace}/{name}", (EngineKind.KUSTOMIZATION, namespace, name)))
    return marks


def _tracked_by(live: LiveInferenceService) -> str:
    """The Application of a tracking id, unless that was copied from another object."""
    application, _, tracked = live.annotations.get(TRACKING, "").partition(":")
    own = f"serving.kserve.io/InferenceService:{live.namespace}/{live.name}"
    return application if tracked == own else ""


def _answers_to(engine: LiveEngine) -> list[_Mark]:
    """The marks that mean an engine; an Application outside of Argo CD's own namespace is `<namespace>_<name>`."""
    if engine.kind is EngineKind.APPLICATION:
        return [(engine.kind, "", engine.name), (engine.kind, "", f"{engine.namespace}_{engine.name}")]
    return [(engine.kind, engine.namespace, engine.name)]


def _covers(folder: str, path: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
