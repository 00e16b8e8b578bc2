"""From what stands in Git to what is rolled out: clusters, namespaces, and one target for each pair of both."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gitops_rollout.manifests.builds import Graph
from gitops_rollout.manifests.paths import matcher
from gitops_rollout.manifests.tracking import Engines, goes_to
from gitops_rollout.model.policy import ClusterPolicy, Policy
from gitops_rollout.model.targets import (
    Duplicate,
    EngineObject,
    Kustomization,
    Manifest,
    Origin,
    Resolved,
    Skipped,
    Target,
    TargetKey,
    TreeScan,
    Unresolved,
)

KUSTOMIZE = "kustomize"
NOT_TRACKED = "not-tracked"
NAMESPACE_UNKNOWN = "namespace-unknown"


@dataclass(frozen=True)
class _Place:
    """A manifest and where it is deployed from: its own path, or the kustomization that is built.

    `namespace` is the one that kustomizations set; `changed` says what else happens on the way, and was not rendered.
    """

    manifest: Manifest
    path: str
    namespace: str | None = None
    changed: str | None = None
    root: str | None = None


def resolve(
    scan: TreeScan,
    policy: Policy,
    *,
    default_cluster: str,
    origin: Origin | None = None,
    rendered: Mapping[str, Sequence[Manifest] | str] | None = None,
) -> Resolved:
    """The targets of a scan, each with its cluster and namespace, and what did not become one.

    `clusters[].paths` decide the cluster; where a cluster states only `destinations`, the Argo CD and Flux objects of
    the repository do; without clusters in the policy everything goes to `default_cluster`. `origin` is what engines
    are compared with; without it none is held to follow something else. `rendered` holds, by the path of a
    kustomization, what came out of it, or why nothing did: needed for those that the result lists in `builds`.
    """
    graph, engines = Graph(scan), Engines(scan.engines, origin)
    clusters = policy.clusters or (ClusterPolicy(default_cluster),)
    skipped: list[Skipped] = []
    unresolved: list[Unresolved] = []
    targets: list[Target] = []
    builds = graph.builds()
    for place in [*_direct(scan, graph, skipped), *_built(scan, graph, builds, rendered or {})]:
        chosen = [cluster for cluster in clusters if _goes_there(place.path, cluster, engines)]
        if not chosen:
            message = "no cluster's `paths` or `destinations` lead here; add it to a cluster, or to `ignore`"
            skipped.append(Skipped(place.manifest.source.path, place.manifest.source.line, "no-cluster", message))
        for cluster in chosen:
            settled = _settle(place, cluster, engines)
            if isinstance(settled, Target):
                targets.append(settled)
            else:
                unresolved.append(settled)
    unique, duplicates = _unique(targets)
    return Resolved(
        tuple(unique),
        tuple(sorted({*scan.skipped, *skipped}, key=lambda skip: (skip.path, skip.line or 0, skip.reason))),
        tuple(duplicates),
        tuple(sorted(unresolved, key=lambda one: (one.key, one.source))),
        tuple(builds),
    )


def _direct(scan: TreeScan, graph: Graph, skipped: list[Skipped]) -> Iterator[_Place]:
    """Manifests that are deployed as they stand, but for a namespace that kustomizations set."""
    for manifest in scan.manifests:
        path = manifest.source.path
        if graph.is_patch(path):
            continue
        if graph.is_left_out(path):
            message = "the kustomization beside it does not list it, so nothing deploys it; list it, or remove it"
            skipped.append(Skipped(path, manifest.source.line, "not-listed", message))
        elif path not in graph.uses:
            yield _Place(manifest, path)
        for root, use in graph.uses.get(path, ()):
            if graph.transforms(root) is None:
                yield _Place(manifest, root.path, use.namespace, root=root.path)


def _built(
    scan: TreeScan,
    graph: Graph,
    builds: Iterable[Kustomization],
    rendered: Mapping[str, Sequence[Manifest] | str],
) -> Iterator[_Place]:
    for root in builds:
        result = rendered.get(root.path, "it was not rendered")
        if not isinstance(result, str):
            yield from (_Place(manifest, root.path, root=root.path) for manifest in result)
            continue
        changing = graph.transforms(root)
        changed = f"{changing.path if changing else root.path} changes it on the way to the cluster: {result}"
        for manifest in scan.manifests:
            for used_by, use in graph.uses.get(manifest.source.path, ()):
                if used_by is root:
                    yield _Place(manifest, root.path, use.namespace, changed)


def _goes_there(path: str, cluster: ClusterPolicy, engines: Engines) -> bool:
    if cluster.paths:
        return matcher(cluster.paths)(path)
    if cluster.destinations:
        return any(goes_to(engine, cluster) for engine in engines.of(path))
    return True


def _settle(place: _Place, cluster: ClusterPolicy, engines: Engines) -> Target | Unresolved:
    manifest, deploying = place.manifest, engines.of(place.path, cluster)
    namespace = _namespace(place, cluster, deploying)
    key = TargetKey(cluster.name, namespace or "", manifest.name)
    untracked = engines.untracked(deploying)
    changing = [
        f"the {engine.kind} `{engine.name}` ({engine.source.path}) changes it on the way to the cluster"
        for engine in deploying
        if engine.transforms
    ]
    if place.changed is not None:
        changing.append(place.changed)
    if untracked is not None:
        url, revision = engines.source_of(untracked)
        follows = f"{url or 'another source'} at {revision or 'its default branch'}"
        message = f"the {untracked.kind} `{untracked.name}` ({untracked.source.path}) follows {follows}"
        return Unresolved(key, manifest.source, NOT_TRACKED, message)
    if changing:
        return Unresolved(key, manifest.source, KUSTOMIZE, changing[0])
    if namespace is None:
        message = "nothing states its namespace; write metadata.namespace, or set `clusters[].namespace`"
        return Unresolved(key, manifest.source, NAMESPACE_UNKNOWN, message)
    return Target(key, manifest, (place.root,) if place.root is not None else ())


def _namespace(place: _Place, cluster: ClusterPolicy, deploying: Sequence[EngineObject]) -> str | None:
    """The namespace: what an engine or kustomization forces, else the manifest's own, else a default."""
    forced = next((engine.target_namespace for engine in deploying if engine.overrides), None)
    default = next((engine.target_namespace for engine in deploying if engine.target_namespace), None)
    return forced or place.namespace or place.manifest.namespace or default or cluster.namespace


def _unique(targets: Iterable[Target]) -> tuple[list[Target], list[Duplicate]]:
    """Targets that one document alone states; equal ones from the same document count once."""
    found: dict[TargetKey, Target] = {}
    duplicates: dict[TargetKey, Duplicate] = {}
    for target in sorted(targets, key=lambda target: (target.key, target.manifest.source, target.roots)):
        first = found.setdefault(target.key, target)
        if replace(first.manifest, built=None) != replace(target.manifest, built=None):
            duplicates.setdefault(target.key, Duplicate(target.key, first.manifest.source, target.manifest.source))
        elif first is not target:
            found[target.key] = replace(first, roots=(*first.roots, *target.roots))
    return [target for key, target in found.items() if key not in duplicates], list(duplicates.values())
