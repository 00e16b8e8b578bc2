"""Kustomizations as a graph: which of them are built, and which files each of those builds uses."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gitops_rollout.model.targets import Kustomization, Manifest, PatchUse, TreeScan

_KIND = "InferenceService"


class Use(NamedTuple):
    """A file as a build uses it: the namespace that kustomizations set (the outermost wins), what they add to names."""

    path: str
    namespace: str | None
    prefix: str = ""
    suffix: str = ""


class Graph:
    """The kustomizations of one commit."""

    def __init__(self, scan: TreeScan) -> None:
        self._by_folder = {kustomization.folder: kustomization for kustomization in scan.kustomizations}
        self._stating: dict[str, list[Manifest]] = {}
        for manifest in scan.manifests:
            self._stating.setdefault(manifest.source.path, []).append(manifest)
        self._patching = frozenset(
            patch.path for one in scan.kustomizations for patch in one.patches if patch.path is not None
        )
        used = {folder for one in scan.kustomizations for folder in (*one.resources, *one.components)}
        deployed = {engine.path for engine in scan.engines if engine.path is not None}
        self.roots = [one for one in scan.kustomizations if one.folder not in used or one.folder in deployed]
        self.uses: Mapping[str, list[tuple[Kustomization, Use]]] = self._collect()

    def _collect(self) -> Mapping[str, list[tuple[Kustomization, Use]]]:
        uses: dict[str, list[tuple[Kustomization, Use]]] = {}
        for root in self.roots:
            for use in self._files(root):
                uses.setdefault(use.path, []).append((root, use))
        return uses

    def _files(self, root: Kustomization) -> Iterator[Use]:
        waiting = [(root, Use("", None))]
        seen: set[str] = set()
        while waiting:
            one, outer = waiting.pop()
            if one.path in seen:
                continue
            seen.add(one.path)
            prefix, suffix = outer.prefix + one.prefix, one.suffix + outer.suffix
            inner = Use("", outer.namespace or one.namespace, prefix, suffix)
            for place in (*one.resources, *one.components):
                if place in self._by_folder:
                    waiting.append((self._by_folder[place], inner))
                elif place not in seen:
                    seen.add(place)
                    yield inner._replace(path=place)

    def builds(self) -> list[Kustomization]:
        """The kustomizations that change InferenceServices, so that only rendering tells what is deployed."""
        found = {root.path: root for path in self._stating for root, _ in self.uses.get(path, ())}
        return [root for _, root in sorted(found.items()) if self.transforms(root) is not None]

    def roots_using(self, path: str) -> list[Kustomization]:
        """The kustomizations whose result a file goes into, as a resource, a patch, or a kustomization."""
        return [root for root in self.roots if path in self.files(root)]

    def files(self, root: Kustomization) -> set[str]:
        """The kustomizations, resources and patches that a kustomization is made of, by path."""
        files = {use.path for use in self._files(root)}
        for one in self.members(root):
            files |= {one.path, *(patch.path for patch in one.patches if patch.path is not None)}
        return files

    def stating(self, path: str) -> list[Manifest]:
        """The InferenceServices that a file states, whole or as patches."""
        return self._stating.get(path, [])

    def members(self, root: Kustomization) -> list[Kustomization]:
        """A kustomization and all that it uses, each once, from the outside in."""
        found: dict[str, Kustomization] = {}
        waiting = [root]
        while waiting:
            one = waiting.pop(0)
            if one.path not in found:
                found[one.path] = one
                waiting += [
                    self._by_folder[place] for place in (*one.resources, *one.components) if place in self._by_folder
                ]
        return list(found.values())

    def is_patch(self, path: str) -> bool:
        """Whether a file is a patch of some kustomization, and so no manifest of its own."""
        return path in self._patching and path not in self.uses

    def is_left_out(self, path: str) -> bool:
        """Whether a file stands beside a kustomization that does not list it, so that nothing deploys it."""
        return path.rpartition("/")[0] in self._by_folder and path not in self.uses

    def transforms(self, root: Kustomization) -> Kustomization | None:
        """The first kustomization of a build that may change an InferenceService beyond its namespace and labels."""
        for one in self.members(root):
            if not one.plain or one.prefix or one.suffix or any(self._concerns(patch) for patch in one.patches):
                return one
        return None

    def _concerns(self, patch: PatchUse) -> bool:
        kind = patch.target.get("kind")
        if kind is not None:
            return _may_match(kind, _KIND)
        if patch.path is not None:
            return bool(patch.target) or patch.path in self._stating
        return bool(patch.target) or _KIND in (patch.inline or "")


def _may_match(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True
