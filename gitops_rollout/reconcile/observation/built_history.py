"""The history of a rendered target: every first-parent commit that touched its kustomization, rendered again."""

from collections.abc import Mapping, Sequence

from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.history import Arrival, FileVersion, History
from gitops_rollout.model.targets import Manifest, Target
from gitops_rollout.reconcile.observation.builds import Builds

MOST_VERSIONS = 40
"""Most commits that are rendered for one kustomization; older ones are as unknown as those of a shallow clone."""


def built_histories(builds: Builds, targets: Sequence[Target]) -> list[tuple[Target, History]]:
    """The history of each target that a kustomization changes, in terms of what was rendered at each commit.

    Files that a kustomization does not list by name (those of its generators) are taken as the base commit has them.
    """
    found: list[tuple[Target, History]] = []
    for root in sorted({target.manifest.built for target in targets if target.manifest.built is not None}):
        versions, complete = _versions(builds, root)
        for target in targets:
            if target.manifest.built == root:
                found.append((target, _history(target.manifest, versions, complete)))
    return found


def _versions(builds: Builds, path: str) -> tuple[list[tuple[FileVersion, bytes | None]], bool]:
    """Commits that touched a kustomization, newest first, each with what it rendered to then (None: it did not)."""
    root = builds.root(path)
    files = builds.repository.histories(builds.commit, sorted(builds.graph.files(root)))
    left = {name: list(file.versions) for name, file in files.items()}
    state = dict(builds.files(root))
    versions: list[tuple[FileVersion, bytes | None]] = []
    rendered: dict[int, bytes | None] = {}
    while (newest := _newest(left)) is not None:
        if len(versions) == MOST_VERSIONS:
            return versions, False
        for name, several in left.items():
            if several and several[0].commit == newest.commit:
                _put(state, name, several[0].data)
        key = hash(tuple(sorted(state.items())))
        if key not in rendered:
            rendered[key] = _render(builds, path, state)
        versions.append((newest, rendered[key]))
        for name, several in left.items():
            if several and several[0].commit == newest.commit:
                del several[0]
                _put(state, name, several[0].data if several else None)
    return versions, all(file.complete for file in files.values())


def _put(state: dict[str, bytes], name: str, data: bytes | None) -> None:
    if data is None:
        state.pop(name, None)
    else:
        state[name] = data


def _newest(left: Mapping[str, Sequence[FileVersion]]) -> FileVersion | None:
    """The newest commit that is the next of every file that it touched: all files agree on the order of commits."""
    heads = [several[0] for several in left.values() if several]
    later = {version.commit for several in left.values() for version in several[1:]}
    free = [version for version in heads if version.commit not in later]
    return max(free or heads, key=lambda version: version.committed, default=None)


def _render(builds: Builds, path: str, state: Mapping[str, bytes]) -> bytes | None:
    try:
        return builds.render_files(path, state)
    except RolloutError:
        return None  # at that commit nothing came out of it


def _history(manifest: Manifest, versions: Sequence[tuple[FileVersion, bytes | None]], complete: bool) -> History:
    arrivals: list[Arrival] = []
    older: Manifest | None = None
    for index, (version, data) in enumerate(reversed(versions)):
        found = None if data is None else _named(manifest, data)
        if _same(found, older) and not (index == 0 and not complete):
            continue
        arrivals.append(
            Arrival(version.commit, version.committed, version.author, version.message, found, manifest.source.path)
        )
        older = found
    arrivals.reverse()
    return History(tuple(arrivals), complete)


def _named(manifest: Manifest, data: bytes) -> Manifest | None:
    found = scan_file("rendered.yaml", data, limit=len(data)).manifests
    named = [one for one in found if (one.name, one.namespace) == (manifest.name, manifest.namespace)]
    return named[0] if len(named) == 1 else None


def _same(one: Manifest | None, other: Manifest | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.spec, one.labels, one.annotations) == (other.spec, other.labels, other.annotations)
