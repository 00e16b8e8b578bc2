"""Traces what a kustomization renders back to where it is written: which document owns the percent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitops_rollout.manifests.builds import Graph
from gitops_rollout.manifests.services import FIELD
from gitops_rollout.model.targets import Component, Kustomization, Manifest, PatchUse, Source, TreeScan
from gitops_rollout.text.loading import load
from gitops_rollout.text.unreadable import Unreadable


class Untraceable(Exception):
    """A rendered InferenceService whose percent has no one place that could be edited; the message says why."""


@dataclass(frozen=True)
class _Owner:
    """A document that states percents: for each component how the field is reached from the source's object."""

    source: Source
    fields: Mapping[Component, tuple[str, ...]]
    comments: Mapping[Component, str] = field(default_factory=dict)


def trace(
    scan: TreeScan, graph: Graph, root: Kustomization, rendered: Manifest, files: Mapping[str, bytes]
) -> Manifest:
    """A rendered InferenceService with the source that its percent is to be edited at; raises `Untraceable`.

    The nearest document that states a percent owns it: a patch of the outermost kustomization before one further in,
    and all patches before the manifest itself. Where nobody states one, the manifest owns it. `files` are those that
    the build uses.
    """
    base = _origin(scan, graph, root, rendered)
    owners = [*_patches(scan, graph, root, base, files), _Owner(base.source, _stated(base), base.comments)]
    chosen: dict[Component, _Owner] = {}
    for owner in owners:
        for component in owner.fields:
            chosen.setdefault(component, owner)
    sources = {owner.source for owner in chosen.values()}
    if len(sources) > 1:
        where = " and ".join(sorted(source.path for source in sources))
        raise Untraceable(f"its components' percents stand in different documents: {where}")
    owner = next(iter(chosen.values()), owners[-1])
    return replace(
        rendered,
        source=owner.source,
        comments=owner.comments,
        built=root.path,
        fields={component: path for component, path in owner.fields.items() if path != _usual(component)},
    )


def _origin(scan: TreeScan, graph: Graph, root: Kustomization, rendered: Manifest) -> Manifest:
    found = []
    for manifest in scan.manifests:
        for used_by, use in graph.uses.get(manifest.source.path, ()):
            named = f"{use.prefix}{manifest.name}{use.suffix}" == rendered.name
            if used_by is root and named and rendered.namespace == (use.namespace or manifest.namespace):
                found.append(manifest)
    if len(found) != 1:
        raise Untraceable(f"{len(found)} manifests could have become `{rendered.name}`")
    return found[0]


def _usual(component: Component) -> tuple[str, ...]:
    return ("spec", component.value, FIELD)


def _stated(manifest: Manifest) -> dict[Component, tuple[str, ...]]:
    parts = {component: manifest.spec.get(component) for component in Component}
    return {one: _usual(one) for one, part in parts.items() if isinstance(part, Mapping) and FIELD in part}


def _patches(
    scan: TreeScan, graph: Graph, root: Kustomization, base: Manifest, files: Mapping[str, bytes]
) -> Iterator[_Owner]:
    """Patches that state a percent of this manifest, the one that wins first."""
    for kustomization in graph.members(root):
        for index in range(len(kustomization.patches) - 1, -1, -1):
            patch = kustomization.patches[index]
            if patch.path is None:
                yield from _inline(kustomization, index, patch)
                continue
            for manifest in graph.stating(patch.path):
                if manifest.name == base.name or patch.target:
                    yield _Owner(manifest.source, _stated(manifest), manifest.comments)
            yield from _operations(patch.path, files.get(patch.path, b""))


def _inline(kustomization: Kustomization, index: int, patch: PatchUse) -> Iterator[_Owner]:
    text = patch.inline or ""
    if FIELD in text:
        named = [one for one in Component if f"{one.value}:" in text or f"/{one.value}/" in text]
        source = Source(kustomization.path, 0, 1, ("patches", index))
        yield _Owner(source, dict.fromkeys(named or [Component.PREDICTOR], ("patch",)))


def _operations(path: str, data: bytes) -> Iterator[_Owner]:
    """The operations of a JSON 6902 patch that set a percent."""
    if FIELD.encode() not in data:
        return
    try:
        documents = list(load(data.decode()))
    except (Unreadable, UnicodeDecodeError):
        return
    for document in documents:
        operations: Sequence[Any] = document.value if isinstance(document.value, list) else []
        for index in range(len(operations) - 1, -1, -1):
            operation = operations[index]
            for component in Component:
                if isinstance(operation, Mapping) and operation.get("path") == f"/spec/{component.value}/{FIELD}":
                    source = Source(path, document.number, 1, (index,))
                    yield _Owner(source, {component: ("value",)})


def not_renderable(graph: Graph, root: Kustomization) -> str | None:
    """Why a kustomization is not rendered here: it reaches beyond this repository, or runs what it should not."""
    for one in graph.members(root):
        if one.charts:
            return f"{one.path} inflates the Helm chart `{one.charts[0]}`, and charts are not rendered"
        if one.plugins:
            return f"{one.path} uses generators or transformers of its own (`{one.plugins[0].strip()[:60]}`)"
        if one.remote:
            return f"{one.path} uses `{one.remote[0][:100]}`, which is not in this repository"
    return None
