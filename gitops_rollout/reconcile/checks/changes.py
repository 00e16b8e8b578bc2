"""The InferenceServices that a merge changes: as files state them, and as kustomizations render them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gitops_rollout.manifests.builds import Graph
from gitops_rollout.model.findings import Finding, Level
from gitops_rollout.model.history import History
from gitops_rollout.model.targets import Kustomization, Manifest, Target, TargetKey
from gitops_rollout.reconcile.checks.ground import Ground, Key, by_key, key_of
from gitops_rollout.reconcile.observation.builds import NO_RENDERER, Builds
from gitops_rollout.reconcile.observation.built_history import built_histories
from gitops_rollout.reconcile.observation.history import document_history
from gitops_rollout.rendering.kustomize import RenderError


@dataclass(frozen=True, slots=True)
class Changed:
    """One InferenceService as the base branch has it, None where it has it not yet, and as the merge would.

    `siblings` are all that one document of the merge serves through kustomizations, itself included; empty where it is
    deployed as its file states it.
    """

    before: Manifest | None
    after: Manifest
    history: History
    siblings: tuple[Target, ...] = ()


def find_changes(ground: Ground) -> tuple[Sequence[Changed], Sequence[Finding]]:
    """Every InferenceService that the merge changes, and what could not be looked at.

    What a kustomization changes on its way to the cluster is compared as rendered on both sides, with the history of
    what was rendered; the files that it is made of are then not looked at by themselves.
    """
    if not ground.changed:
        return (), ()
    builds = ground.builds
    stated = list(_as_stated(ground, None if builds is None else builds[1].graph))
    if builds is None:
        return stated, ()
    rendered, unseen = _as_rendered(ground, *builds)
    return [*stated, *rendered], unseen


def _as_stated(ground: Ground, graph: Graph | None) -> Iterator[Changed]:
    """Those that are deployed as their files have them, in a namespace that a kustomization may set."""
    paths = sorted(ground.changed)
    before = by_key([one for path in paths for one in ground.manifests(ground.base, path)])
    for path in paths:
        for manifest in ground.manifests(ground.merged, path):
            was = before.get(key_of(manifest))
            for namespace in _namespaces(manifest, graph):
                after = replace(manifest, namespace=namespace)
                if was is None or replace(was, namespace=namespace) != after:
                    yield Changed(was, after, _history(ground, was))


def _namespaces(manifest: Manifest, graph: Graph | None) -> Iterable[str | None]:
    """The namespaces that a manifest goes to as it stands; none where only kustomizations that change it use it."""
    path = manifest.source.path
    if graph is None or not (graph.is_patch(path) or path in graph.uses):
        return [manifest.namespace]
    plain = [use for root, use in graph.uses.get(path, ()) if graph.transforms(root) is None]
    return dict.fromkeys(use.namespace or manifest.namespace for use in plain)


def _history(ground: Ground, before: Manifest | None) -> History:
    if before is None:
        return History()
    file = ground.repository.histories(ground.base, [before.source.path]).get(before.source.path)
    return History(complete=False) if file is None else document_history(file, before, ground.read)


def _as_rendered(ground: Ground, before: Builds, after: Builds) -> tuple[Sequence[Changed], Sequence[Finding]]:
    found: list[tuple[Kustomization, Manifest | None, Manifest]] = []
    unseen: list[Finding] = []
    serving: list[Target] = []
    for root in _roots(ground, before, after):
        old, why_not_before = shown(before, root.path)
        new, why_not = shown(after, root.path)
        if why_not is not None:
            is_broken = why_not_before is None and root.path in {one.path for one in before.graph.roots}
            unseen.append(_unseen(root, why_not, broken=is_broken))
            continue
        serving += [_target(root.path, one) for one in new.values()]
        found += [(root, old.get(key), one) for key, one in new.items() if _differ(old.get(key), one)]
    histories = histories_of(before, [(root.path, was) for root, was, _ in found if was is not None])
    changes = [
        Changed(
            was,
            manifest,
            histories.get((root.path, key_of(manifest)), History(complete=was is None)),
            tuple(one for one in serving if one.manifest.source == manifest.source),
        )
        for root, was, manifest in found
    ]
    return changes, unseen


def _roots(ground: Ground, before: Builds, after: Builds) -> Sequence[Kustomization]:
    """The merge's kustomizations that change InferenceServices, now or so far, and that a changed file goes into."""
    concerned = {
        root.path for one in (before, after) for root in one.graph.builds() if _uses(one.graph, root, ground.changed)
    }
    return [root for root in after.graph.roots if root.path in concerned]


def _uses(graph: Graph, root: Kustomization, changed: frozenset[str]) -> bool:
    """Whether one of the changed files is a part of a build, or stands in the folder of one: generators read those."""
    folders = tuple(f"{one.folder}/" if one.folder else "" for one in graph.members(root))
    return bool(changed & graph.files(root)) or any(path.startswith(folders) for path in changed)


def shown(builds: Builds, path: str) -> tuple[Mapping[Key, Manifest], str | None]:
    """What a kustomization comes to, or why that cannot be said; nothing where the commit has no such one."""
    root = next((one for one in builds.graph.roots if one.path == path), None)
    if root is None:
        return {}, None
    try:
        return by_key(builds.shown(root)), None
    except RenderError as error:
        return {}, error.message


def _differ(before: Manifest | None, after: Manifest) -> bool:
    if before is None:
        return True
    old, new = ((one.spec, one.labels, one.annotations, one.comments) for one in (before, after))
    return old != new


def _target(root: str, manifest: Manifest) -> Target:
    namespace, name = key_of(manifest)
    return Target(TargetKey("", namespace, name), manifest, (root,))


def histories_of(builds: Builds, wanted: Sequence[tuple[str, Manifest]]) -> Mapping[tuple[str, Key], History]:
    """The histories of what kustomizations rendered, by their paths and the InferenceServices' keys."""
    targets = [_target(path, replace(manifest, built=path)) for path, manifest in wanted]
    found = built_histories(builds, targets)
    return {(target.roots[0], key_of(target.manifest)): history for target, history in found}


def _unseen(root: Kustomization, reason: str, *, broken: bool) -> Finding:
    """An error where the merge breaks what could be rendered before; else it is said that nobody looked."""
    if broken:
        message = f"it can no longer be rendered: {reason}"
        return Finding("does-not-render", Level.ERROR, (), message, path=root.path, line=1)
    hint = "; install one of them where the check runs" if reason == NO_RENDERER else ""
    message = f"the InferenceServices that come out of it were not looked at: {reason}{hint}"
    return Finding("not-rendered", Level.WARNING, (), message, path=root.path, line=1)
