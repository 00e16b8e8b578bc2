"""Kustomizations of one commit: what they come to, and the proof that an edit changes only what it should."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitops_rollout.manifests.builds import Graph
from gitops_rollout.manifests.overlays import Untraceable, not_renderable, trace
from gitops_rollout.manifests.rendered import Name, Percents, difference
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.doors import Repository, TreeEntry
from gitops_rollout.model.targets import Kustomization, Manifest, Source, Target, TreeScan
from gitops_rollout.rendering.kustomize import Renderer, RenderError, find_renderer, render

NO_RENDERER = "neither `kustomize` nor `kubectl` is installed to render it"


@dataclass
class Builds:
    """The kustomizations of one commit, rendered when somebody asks; each once."""

    repository: Repository
    commit: str
    scan: TreeScan
    renderer: Renderer | None = field(default_factory=find_renderer)

    def __post_init__(self) -> None:
        self.graph = Graph(self.scan)
        self._entries: Sequence[TreeEntry] | None = None
        self._files: dict[str, Mapping[str, bytes]] = {}
        self._rendered: dict[str, bytes] = {}

    def results(self, roots: Sequence[Kustomization]) -> Mapping[str, Sequence[Manifest] | str]:
        """The InferenceServices that each kustomization comes to, traced to their sources; else why there are none."""
        return {root.path: self._result(root) for root in roots}

    def shown(self, root: Kustomization) -> Sequence[Manifest]:
        """The InferenceServices that a kustomization comes to, each with the place where its percent stands.

        One whose percent has no single place has the kustomization for a source. Raises `RenderError`.
        """
        reason = not_renderable(self.graph, root)
        if reason is not None:
            raise RenderError(reason)
        found = scan_file(f"{root.folder}/rendered.yaml", self._render(root)).manifests
        return [self._placed(root, one) for one in found]

    def _placed(self, root: Kustomization, rendered: Manifest) -> Manifest:
        try:
            return trace(self.scan, self.graph, root, rendered, self.files(root))
        except Untraceable:
            return replace(rendered, source=Source(root.path, 0, 1), comments={}, built=root.path)

    def problem(self, path: str, after: bytes, targets: Sequence[Target], percents: Percents) -> str | None:
        """Why the new bytes of a file must not be written, None where rendering proves that they may.

        Everything that the file goes into is rendered before and after: exactly these targets may change, exactly to
        these percents, and each must.
        """
        expected: dict[str, dict[Name, Percents]] = {}
        for target in targets:
            for place in target.roots:
                for namespace in (target.manifest.namespace, target.key.namespace):
                    expected.setdefault(place, {})[(namespace, target.manifest.name)] = percents
        roots = self.graph.roots_using(path)
        if not any(self.graph.transforms(root) for root in roots):
            return None
        return next((found for root in roots if (found := self._changed(root, path, after, expected))), None)

    def _changed(
        self, root: Kustomization, path: str, after: bytes, expected: Mapping[str, Mapping[Name, Percents]]
    ) -> str | None:
        wanted = expected.get(root.path, {})
        reason = not_renderable(self.graph, root)
        if reason is not None:
            return reason
        try:
            before, new = self._render(root), self._render(root, {path: after})
        except RenderError as error:
            return error.message
        wrong = difference(before, new, wanted)
        if wrong is not None:
            return f"rendered from {root.path}, {wrong}"
        seen = {one.name for one in scan_file("rendered.yaml", new).manifests}
        missing = sorted({name for _, name in wanted} - seen)
        return f"`{missing[0]}` does not come out of {root.path}" if missing else None

    def root(self, path: str) -> Kustomization:
        """The kustomization at a path."""
        return next(root for root in self.graph.roots if root.path == path)

    def render_files(self, path: str, files: Mapping[str, bytes]) -> bytes:
        """What a kustomization comes to with other files; raises `RenderError`."""
        if self.renderer is None:
            raise RenderError(NO_RENDERER, "Install one of them where this runs.")
        return render(self.renderer, files, self.root(path).folder)

    def _result(self, root: Kustomization) -> Sequence[Manifest] | str:
        reason = not_renderable(self.graph, root)
        if reason is not None:
            return reason
        try:
            found = scan_file(f"{root.folder}/rendered.yaml", self._render(root))
            files = self.files(root)
            return [trace(self.scan, self.graph, root, one, files) for one in found.manifests]
        except RenderError as error:
            return error.message
        except Untraceable as error:
            return str(error)

    def _render(self, root: Kustomization, changed: Mapping[str, bytes] | None = None) -> bytes:
        if changed is not None:
            return self.render_files(root.path, {**self.files(root), **changed})
        if root.path not in self._rendered:
            self._rendered[root.path] = self.render_files(root.path, self.files(root))
        return self._rendered[root.path]

    def files(self, root: Kustomization) -> Mapping[str, bytes]:
        """All that a kustomization may use: the regular files below the folders of its parts, and those it names."""
        if root.path not in self._files:
            if self._entries is None:
                self._entries = [entry for entry in self.repository.entries(self.commit) if entry.mode[:3] == "100"]
            folders = tuple(f"{one.folder}/" if one.folder else "" for one in self.graph.members(root))
            named = self.graph.files(root)
            oids = {one.path: one.oid for one in self._entries if one.path in named or one.path.startswith(folders)}
            blobs = dict(self.repository.read_blobs(dict.fromkeys(oids.values())))
            self._files[root.path] = {path: blobs[oid] for path, oid in oids.items()}
        return self._files[root.path]
