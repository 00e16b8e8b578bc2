"""Which Argo CD or Flux object deploys a path, and whether it follows this repository and branch."""

from collections.abc import Mapping, Sequence

from gitops_rollout.core.addresses import address
from gitops_rollout.model.policy import ClusterPolicy
from gitops_rollout.model.targets import EngineObject, Origin

_DEFAULT = {"", "HEAD"}


class Engines:
    """The engines' objects of one commit."""

    def __init__(self, objects: Sequence[EngineObject], origin: Origin | None) -> None:
        self._deploying = [engine for engine in objects if engine.path is not None]
        self._sources: Mapping[str, EngineObject] = {
            f"GitRepository/{engine.namespace or ''}/{engine.name}": engine
            for engine in objects
            if engine.kind == "GitRepository"
        }
        self._origin = origin

    def of(self, path: str, cluster: ClusterPolicy | None = None) -> list[EngineObject]:
        """The objects that deploy a path, nearest folder only, into this cluster where it has destinations."""
        covering = [engine for engine in self._deploying if _covers(engine.path or "", path)]
        if cluster is not None and cluster.destinations:
            covering = [engine for engine in covering if goes_to(engine, cluster)]
        nearest = max((len(engine.path or "") for engine in covering), default=0)
        return [engine for engine in covering if len(engine.path or "") == nearest]

    def untracked(self, engines: Sequence[EngineObject]) -> EngineObject | None:
        """The first of some objects when none of them follows this repository and branch, else None."""
        if not engines or self._origin is None or any(self._follows(engine) for engine in engines):
            return None
        return engines[0]

    def source_of(self, engine: EngineObject) -> tuple[str, str]:
        """The repository's URL and the revision that an object follows; empty where the repository does not say."""
        if engine.kind != "Kustomization":
            return engine.repository, engine.revision
        source = self._sources.get(engine.reference)
        return (source.repository, source.revision) if source is not None else ("", "")

    def _follows(self, engine: EngineObject) -> bool:
        assert self._origin is not None
        url, revision = self.source_of(engine)
        ours, theirs = address(self._origin.url), address(url)
        if ours is not None and theirs is not None and ours != theirs:
            return False
        return revision in _DEFAULT or revision.removeprefix("refs/heads/") == self._origin.branch


def goes_to(engine: EngineObject, cluster: ClusterPolicy) -> bool:
    """Whether an object's destination is one of a cluster's; one that states none goes to `in-cluster`."""
    stated = set(engine.destination.values()) or {"in-cluster"}
    return bool(stated & set(cluster.destinations))


def _covers(folder: str, path: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
