"""Guesses the clusters of a repository: from its Argo CD and Flux objects, else from the names of its folders."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops_rollout.manifests.builds import Graph
from gitops_rollout.manifests.tracking import Engines
from gitops_rollout.model.targets import EngineObject, TreeScan

IN_CLUSTER = "in-cluster"
# What Argo CD calls the cluster that it runs in.
OWN_SERVER = "https://kubernetes.default.svc"
# Folders whose subfolders are, by custom, named after clusters.
CLUSTER_FOLDERS = frozenset({"clusters", "cluster", "environments", "environment", "envs", "env", "overlays", "stages"})
DEFAULT = "default"


@dataclass(slots=True)
class Guess:
    """One cluster: its name, the patterns of its files, what engines call it, and how it was found.

    Where every sign is a destination, `by_engine`, the patterns are not needed: engines go on deciding.
    """

    name: str
    paths: list[str] = field(default_factory=list)
    destinations: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    by_engine: bool = True

    def add(self, path: str, destination: str | None, found: str) -> None:
        """One more sign of the cluster."""
        self.by_engine = self.by_engine and destination is not None
        for known, new in ((self.paths, path), (self.destinations, destination), (self.found, found)):
            if new is not None and new not in known:
                known.append(new)


def guess_clusters(scan: TreeScan) -> tuple[list[Guess], list[str]]:
    """The clusters that InferenceServices seem to go to, by name, and the paths for which nothing says where to.

    A repository in which nothing tells clusters apart has one, `default`, that everything goes to.
    """
    engines = Engines(scan.engines, None)
    guesses: dict[str, Guess] = {}
    rest: list[str] = []
    for path in deployed_paths(scan):
        signs = [(engine, cluster_of_engine(engine)) for engine in engines.of(path)]
        for engine, (name, destination) in signs:
            folder = f"{engine.path}/**" if engine.path else "**"
            sign = f"{engine.kind} {engine.name} ({engine.source.path})"
            guesses.setdefault(name, Guess(name)).add(folder, destination, sign)
        folder_sign = None if signs else cluster_of_folder(path)
        if folder_sign is not None:
            name, pattern = folder_sign
            guesses.setdefault(name, Guess(name)).add(pattern, None, f"folder {pattern.removesuffix('/**')}")
        elif not signs:
            rest.append(path)
    if not guesses and rest:
        return [Guess(DEFAULT, found=["nothing tells clusters apart"], by_engine=False)], []
    return [guesses[name] for name in sorted(guesses)], rest


def deployed_paths(scan: TreeScan) -> list[str]:
    """What is deployed: files of InferenceServices, or the kustomizations that build them; sorted, each once."""
    graph = Graph(scan)
    paths: set[str] = set()
    for manifest in scan.manifests:
        path = manifest.source.path
        if graph.is_patch(path) or graph.is_left_out(path):
            continue
        paths |= {root.path for root, _ in graph.uses.get(path, ())} or {path}
    return sorted(paths)


def cluster_of_engine(engine: EngineObject) -> tuple[str, str | None]:
    """Name and destination of the cluster that an engine's object deploys to.

    An object that deploys into its own cluster has no destination that tells it from others: its place tells.
    """
    stated: Mapping[str, str] = engine.destination
    name, server = stated.get("name"), stated.get("server")
    if name and name != IN_CLUSTER:
        return cluster_name(name), name
    if server and server != OWN_SERVER:
        return cluster_name(re.sub(r"^https?://|:\d+$", "", server.rstrip("/"))), server
    if stated.get("kubeConfig"):
        secret = stated["kubeConfig"]
        return cluster_name(re.sub(r"[-.]?kubeconfig$", "", secret) or secret), secret
    place = cluster_of_folder(engine.source.path) or cluster_of_folder(f"{engine.path or ''}/file")
    stem = engine.source.path.rpartition("/")[2].partition(".")[0]
    return (place[0] if place else cluster_name(stem)), None


def cluster_of_folder(path: str) -> tuple[str, str] | None:
    """Cluster and pattern for `clusters/NAME/…` and its like, anywhere in a path; None where no folder says."""
    parts = path.split("/")
    for depth, part in enumerate(parts[:-2]):
        if part in CLUSTER_FOLDERS:
            return cluster_name(parts[depth + 1]), "/".join(parts[: depth + 2]) + "/**"
    return None


def cluster_name(text: str) -> str:
    """The nearest valid cluster name: lower-case letters, digits and hyphens, 63 at most."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-") or DEFAULT
