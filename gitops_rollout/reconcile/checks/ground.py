"""What a commit that is to be merged is held against: the repository, the base commit, the policy, live views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from gitops_rollout.manifests.kustomize import NAMES
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.manifests.tree import is_manifest_name, scan_tree
from gitops_rollout.model.doors import Repository
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.policy import Policy
from gitops_rollout.model.targets import Manifest
from gitops_rollout.reconcile.observation.builds import Builds
from gitops_rollout.rendering.kustomize import Renderer, find_renderer


@dataclass(frozen=True)
class Ground:
    """`merged` is the commit whose tree would stand on the base branch; `views` is what clusters show, if anything.

    `cache` is a folder for this repository alone.
    """

    repository: Repository
    base: str
    merged: str
    policy: Policy
    views: Sequence[LiveView] = ()
    cache: Path | None = None
    renderer: Renderer | None = field(default_factory=find_renderer)

    @cached_property
    def changed(self) -> frozenset[str]:
        """The paths of files that may hold manifests and that the merge changes, adds or removes."""
        found = self.repository.differences(self.base, self.merged)
        changed, gone = found if found is not None else ((), ())
        paths = {entry.path for entry in changed if entry.mode.startswith("100")} | set(gone)
        return frozenset(path for path in paths if is_manifest_name(_name(path)))

    @cached_property
    def builds(self) -> tuple[Builds, Builds] | None:
        """The kustomizations of the base commit and of the merge; None where neither has any."""
        commits = (self.base, self.merged)
        if not any(_name(entry.path) in NAMES for commit in commits for entry in self.repository.entries(commit)):
            return None
        before, after = (self.builds_at(commit) for commit in commits)
        return before, after

    def builds_at(self, commit: str) -> Builds:
        """The kustomizations of any commit."""
        scan = scan_tree(self.repository, commit, self.policy, cache=self.cache)
        return Builds(self.repository, commit, scan, self.renderer)

    def manifests(self, commit: str, path: str) -> Sequence[Manifest]:
        """The InferenceServices that a file states at a commit."""
        data = self.repository.read_file(commit, path)
        return () if data is None else self.read(path, data)

    def read(self, path: str, data: bytes) -> Sequence[Manifest]:
        """The InferenceServices in a file's bytes."""
        return scan_file(path, data, limit=self.policy.limits.file_size).manifests


Key = tuple[str, str]


def key_of(manifest: Manifest) -> Key:
    """Namespace (empty where none is stated) and name."""
    return manifest.namespace or "", manifest.name


def by_key(manifests: Sequence[Manifest]) -> Mapping[Key, Manifest]:
    """Manifests by namespace and name."""
    return {key_of(manifest): manifest for manifest in manifests}


def _name(path: str) -> str:
    return path.rpartition("/")[2]
