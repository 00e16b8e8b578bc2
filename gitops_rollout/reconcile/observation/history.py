"""From the versions of a file to the history of one document in it."""

from collections.abc import Callable, Sequence

from gitops_rollout.model.history import Arrival, FileHistory, FileVersion, History
from gitops_rollout.model.targets import Manifest

ReadManifests = Callable[[str, bytes], Sequence[Manifest]]


def document_history(file: FileHistory, manifest: Manifest, read: ReadManifests) -> History:
    """The arrivals that touched one InferenceService, newest first; `read` finds the manifests in a file's bytes.

    A version that left the document's data as it was (a comment, a neighbour in the same file) is no arrival. The
    document is followed by name and namespace, not by its position: documents move within a file.
    """
    arrivals: list[Arrival] = []
    older: Manifest | None = None
    for index, version in enumerate(reversed(file.versions)):
        found = _find(version, manifest, read)
        if _same(found, older) and not (index == 0 and not file.complete):
            continue
        arrivals.append(_arrival(version, found))
        older = found
    arrivals.reverse()
    return History(tuple(arrivals), file.complete)


def _find(version: FileVersion, manifest: Manifest, read: ReadManifests) -> Manifest | None:
    if version.data is None:
        return None
    named = [
        other
        for other in read(version.path, version.data)
        if (other.name, other.namespace) == (manifest.name, manifest.namespace)
    ]
    return named[0] if len(named) == 1 else None


def _same(one: Manifest | None, other: Manifest | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.spec, one.labels, one.annotations) == (other.spec, other.labels, other.annotations)


def _arrival(version: FileVersion, manifest: Manifest | None) -> Arrival:
    return Arrival(
        commit=version.commit,
        committed=version.committed,
        author=version.author,
        message=version.message,
        manifest=manifest,
        path=version.path,
    )
