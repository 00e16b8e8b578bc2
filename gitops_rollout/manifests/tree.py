"""Finds everything at a commit: from Git's objects, never from a work tree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gitops_rollout.manifests import kustomize, paths, scan, stored, templates
from gitops_rollout.manifests.cache import Cache, Memory
from gitops_rollout.manifests.parallel import scan_files
from gitops_rollout.model.doors import TreeEntry
from gitops_rollout.model.policy import Policy
from gitops_rollout.model.targets import FileScan, Skipped, TreeScan

_SUBMODULE = "160000"
ENDINGS = (".yaml", ".yml", ".json")


class Blobs(Protocol):
    """The part of a repository that a scan needs."""

    def entries(self, commit: str) -> Iterable[TreeEntry]:
        """All files of a commit's tree."""

    def differences(self, old: str, new: str) -> tuple[Sequence[TreeEntry], Sequence[str]] | None:
        """Files of `new` that `old` has not or has otherwise, and paths of `old` that are gone; None: not both here."""

    def read_blobs(self, oids: Iterable[str], most: int | None = None) -> Iterable[tuple[str, bytes]]:
        """Object id and bytes of each blob, in the order asked; of those longer than `most` the first `most` + 1."""


def scan_tree(repository: Blobs, commit: str, policy: Policy, *, cache: Path | None = None) -> TreeScan:
    """Everything at a commit that the policy does not ignore. What is passed over stands in `skipped`.

    `cache` is a folder for this repository alone; runs may share it, and it may be deleted at any time.
    """
    kept = Cache(cache, (policy.limits.file_size, policy.ignore)) if cache is not None else None
    before = kept.load() if kept is not None else None
    if before is not None and before.commit == commit:
        return _collected(before)
    differences = repository.differences(before.commit, commit) if before is not None else None
    if before is None or differences is None:
        memory = _read_all(repository, commit, before or Memory(), policy)
    else:
        memory = _brought_forward(repository, commit, before, differences, policy)
    if kept is not None:
        kept.save(memory)
    return _collected(memory)


def _read_all(repository: Blobs, commit: str, known: Memory, policy: Policy) -> Memory:
    """The whole tree of a commit; blobs that `known` holds, or that held nothing, are not read again."""
    memory = Memory(commit)
    scans = {oid: one for path, (oid, one) in known.held.items() if _name(path) not in kustomize.NAMES}
    nothing = set(known.nothing.split())
    unread, still_nothing = [], set()
    for entry in _wanted(repository.entries(commit), memory, policy):
        path_matters = _name(entry.path) in kustomize.NAMES
        if entry.oid in scans and not path_matters:
            memory.held[entry.path] = entry.oid, scans[entry.oid]
        elif entry.oid.encode() in nothing and not path_matters:
            still_nothing.add(entry.oid)
        else:
            unread.append(entry)
    memory.nothing = " ".join(sorted(still_nothing | _read(repository, unread, memory, policy))).encode()
    return memory


def _brought_forward(
    repository: Blobs,
    commit: str,
    memory: Memory,
    differences: tuple[Sequence[TreeEntry], Sequence[str]],
    policy: Policy,
) -> Memory:
    """An earlier commit's scan as this commit has it; only what differs is read."""
    changed, gone = differences
    for path in (*gone, *(entry.path for entry in changed)):
        memory.held.pop(path, None)
        memory.noted.pop(path, None)
        memory.charts.discard(path)
    _read(repository, _wanted(changed, memory, policy), memory, policy)
    memory.commit = commit
    return memory


def _wanted(entries: Iterable[TreeEntry], memory: Memory, policy: Policy) -> Iterator[TreeEntry]:
    """The files to read; what is passed over unread is noted in `memory`."""
    ignored = paths.matcher(policy.ignore)
    for entry in entries:
        name = _name(entry.path)
        if name == "Chart.yaml":
            memory.charts.add(entry.path)
        if not (is_manifest_name(name) or entry.mode == _SUBMODULE) or ignored(entry.path):
            continue
        if entry.mode.startswith("100"):
            yield entry
        else:
            memory.noted[entry.path] = _passed_over(entry)


def _read(repository: Blobs, entries: Iterable[TreeEntry], memory: Memory, policy: Policy) -> set[str]:
    """Read files and keep what they hold in `memory`; the ids of the blobs that hold nothing."""
    limit = policy.limits.file_size
    oids = {entry.path: entry.oid for entry in entries}
    places: dict[str, list[str]] = {}
    for path, oid in oids.items():
        places.setdefault(oid, []).append(path)
    nothing = set(places)
    for path, one in scan_files(_candidates(repository, places, limit), limit):
        if one != stored.EMPTY:
            memory.held[path] = oids[path], one
            nothing.discard(oids[path])
    return nothing


def _candidates(repository: Blobs, places: Mapping[str, Sequence[str]], limit: int) -> Iterator[tuple[str, bytes]]:
    for oid, data in repository.read_blobs(places, limit):
        for path in places[oid]:
            if scan.is_candidate(path, data) or len(data) > limit:
                yield path, data


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def is_manifest_name(name: str) -> bool:
    """Whether a file of this name may hold manifests."""
    return name.endswith(ENDINGS) or name in kustomize.NAMES


def _passed_over(entry: TreeEntry) -> Skipped:
    if entry.mode == _SUBMODULE:
        return Skipped(entry.path, None, "submodule", "a submodule is a repository of its own and is not looked into")
    return Skipped(entry.path, None, "symlink", "a symbolic link is not followed; its target is scanned itself")


def _collected(memory: Memory) -> TreeScan:
    folders = frozenset(path.rpartition("/")[0] for path in memory.charts)
    found: list[FileScan] = []
    skipped = list(memory.noted.values())
    for path in sorted(memory.held):
        chart = templates.chart_of(path, folders) if folders else None
        if chart is None:
            found.append(stored.decode(memory.held[path][1], path))
        else:
            message = f"a template of the Helm chart `{chart or '.'}`; {scan.HINTS['template']}"
            skipped.append(Skipped(path, None, "template", message))
    return TreeScan(
        tuple(manifest for one in found for manifest in one.manifests),
        tuple(sorted([*skipped, *(skip for one in found for skip in one.skipped)], key=_place)),
        tuple(engine for one in found for engine in one.engines),
        tuple(one.kustomization for one in found if one.kustomization is not None),
    )


def _place(skip: Skipped) -> tuple[str, int, str]:
    return skip.path, skip.line or 0, skip.reason
