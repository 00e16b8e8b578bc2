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
_OWN_CLUSTER = frozenset({"in-cluster", "https://kubernetes.default.svc"})


@dataclass(frozen=True, slots=True)
class Owner:
    """The engine that owns a target; None where the object names one, in `named`, that was not shown.

    `rival` is the title of another engine that claims the object, too.
    """

    engine: LiveEngine | None
    named: str = ""
    rival: str = ""


def find_owner(
    key: TargetKey,
    paths: Sequence[str],
    live: LiveInferenceService | None,
    engines: Sequence[LiveEngine],
    cluster: ClusterPolicy,
    origin: Origin | None,
) -> Owner | None:
    """The owner of a target, None where nothing tells of one. `paths` are those that it is deployed from in Git.

    The marks on the live object go before what the engines list, and that before the folders that they follow.
    """
    here = [engine for engine in engines if deploys_to(engine, cluster)]
    maybe = [*here, *(one for one in engines if one not in here and one.cluster == cluster.name)]
    marks = [] if live is None else _marks(live)
    named = [(title, [engine for engine in maybe if _is(engine, mark)]) for title, mark in marks]
    owners = [found[0] for _, found in named if found]
    if owners:
        rivals = [title for title, found in named if not found or found[0].title != owners[0].title]
        return Owner(owners[0], rival=rivals[0] if rivals else "")
    if named:
        return Owner(None, named[0][0])
    place = (key.namespace, key.name)
    listing = [engine for engine in here if place in engine.manages]
    if listing:
        rivals = [engine.title for engine in listing if engine.title != listing[0].title]
        return Owner(listing[0], rival=rivals[0] if rivals else "")
    by_label = "" if live is None else live.labels.get(INSTANCE, "")
    labelled = [one for one in here if one.kind is EngineKind.APPLICATION and one.name == by_label]
    if labelled:
        return Owner(labelled[0])
    return _by_folder(here, paths, live, origin)


def _by_folder(
    engines: Sequence[LiveEngine], paths: Sequence[str], live: LiveInferenceService | None, origin: Origin | None
) -> Owner | None:
    """The one engine that follows the nearest folder; not one that lists what it manages, and not what is there."""
    taking = [engine for engine in engines if live is None or not engine.manages]
    covering = [(len(source.path or ""), engine) for engine in taking if (source := source_of(engine, paths, origin))]
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


def _marks(live: LiveInferenceService) -> list[tuple[str, tuple[EngineKind, str, str]]]:
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


def _is(engine: LiveEngine, mark: tuple[EngineKind, str, str]) -> bool:
    """Whether a mark means this engine; an Application outside of Argo CD's own namespace is `<namespace>_<name>`."""
    kind, namespace, name = mark
    if engine.kind is not kind:
        return False
    if kind is EngineKind.APPLICATION:
        return name in (engine.name, f"{engine.namespace}_{engine.name}")
    return (engine.namespace, engine.name) == (namespace, name)


def _covers(folder: str, path: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
