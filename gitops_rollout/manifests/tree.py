"""Finds everything at a commit: from Git's objects, never from a work tree."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from gitops_rollout.manifests import kustomize, paths, scan, templates
from gitops_rollout.model.doors import TreeEntry
from gitops_rollout.model.policy import Policy
from gitops_rollout.model.targets import FileScan, Skipped, TreeScan

ENDINGS = (".yaml", ".yml", ".json")


class Blobs(Protocol):
    """The part of a repository that a scan needs."""

    def entries(self, commit: str) -> Iterable[TreeEntry]:
        """All files of a commit's tree."""

    def read_blobs(self, oids: Iterable[str]) -> Iterable[tuple[str, bytes]]:
        """Object id and bytes of each blob, in the order asked."""


def scan_tree(repository: Blobs, commit: str, policy: Policy) -> TreeScan:
    """Everything at a commit that the policy does not ignore. What is passed over stands in `skipped`."""
    ignored = paths.matcher(policy.ignore)
    skipped: list[Skipped] = []
    wanted: list[TreeEntry] = []
    charts = set()
    for entry in repository.entries(commit):
        folder, _, name = entry.path.rpartition("/")
        if ignored(entry.path):
            continue
        if name == "Chart.yaml":
            charts.add(folder)
        passed_over = _pass_over(entry, name, policy.limits.file_size)
        if passed_over is not None:
            skipped.append(passed_over)
        elif is_manifest_name(name) and entry.mode.startswith("100"):
            wanted.append(entry)
    scans = dict(_scans(repository, wanted, policy.limits.file_size))
    return _collected(scans, skipped, frozenset(charts))


def is_manifest_name(name: str) -> bool:
    """Whether a file of this name may hold manifests."""
    return name.endswith(ENDINGS) or name in kustomize.NAMES


def _pass_over(entry: TreeEntry, name: str, limit: int) -> Skipped | None:
    if entry.mode == "160000":
        return Skipped(entry.path, None, "submodule", "a submodule is a repository of its own and is not looked into")
    if not is_manifest_name(name):
        return None
    if entry.mode == "120000":
        return Skipped(entry.path, None, "symlink", "a symbolic link is not followed; its target is scanned itself")
    if entry.size is not None and entry.size > limit:
        message = f"{entry.size} bytes are more than the limit of {limit}; {scan.HINTS['too-large']}"
        return Skipped(entry.path, None, "too-large", message)
    return None


def _scans(repository: Blobs, wanted: Iterable[TreeEntry], limit: int) -> Iterator[tuple[str, FileScan]]:
    places: dict[str, list[str]] = {}
    for entry in wanted:
        places.setdefault(entry.oid, []).append(entry.path)
    for oid, data in repository.read_blobs(places):
        for path in places[oid]:
            if scan.is_candidate(path, data):
                yield path, scan.scan_file(path, data, limit=limit)


def _collected(scans: Mapping[str, FileScan], skipped: list[Skipped], charts: frozenset[str]) -> TreeScan:
    found: list[FileScan] = []
    for path in sorted(scans):
        chart = templates.chart_of(path, charts)
        if chart is None:
            found.append(scans[path])
        elif scans[path] != FileScan():
            message = f"a template of the Helm chart `{chart or '.'}`; {scan.HINTS['template']}"
            skipped.append(Skipped(path, None, "template", message))
    return TreeScan(
        tuple(manifest for one in found for manifest in one.manifests),
        tuple(sorted([*skipped, *(skip for one in found for skip in one.skipped)], key=_by_path)),
        tuple(engine for one in found for engine in one.engines),
        tuple(one.kustomization for one in found if one.kustomization is not None),
    )


def _by_path(skip: Skipped) -> tuple[str, int, str]:
    return skip.path, skip.line or 0, skip.reason
