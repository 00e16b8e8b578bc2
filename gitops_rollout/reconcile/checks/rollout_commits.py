"""Finds our commits in what is to be merged, and the documents that each of them edits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitops_rollout.core.trailers import Trailers, parse_trailers
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.doors import CommitInfo, Repository
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.model.targets import Manifest

MOST_COMMITS = 1000


@dataclass(frozen=True, slots=True)
class Edited:
    """One InferenceService that a commit of ours edits: where, as it was at the commit's base, as the commit has it."""

    path: str
    before: Manifest
    after: Manifest


@dataclass(frozen=True, slots=True)
class RolloutCommit:
    """A commit that says it is a rollout's, with the files that it touches and the InferenceServices in them."""

    id: str
    said: Trailers
    edits: tuple[Edited, ...]
    paths: frozenset[str] = frozenset()


def rollout_commits(repository: Repository, ahead: Iterable[CommitInfo], file_size: int) -> list[RolloutCommit]:
    """Those of the commits that say they are a rollout's, with what each of them edits."""
    said = [(info, parse_trailers(info.message)) for info in ahead if len(info.parents) == 1]
    return [_rollout(repository, info, found, file_size) for info, found in said if found.ours]


def commits_ahead(repository: Repository, head: str, base: str) -> list[CommitInfo]:
    """The commits that `head` would bring to `base`, oldest last. `RepositoryError` where `head` is not there."""
    found: list[CommitInfo] = []
    waiting, seen = [head], set[str]()
    while waiting:
        infos = repository.read_commits(waiting)
        if head in waiting and head not in infos:
            raise RepositoryError(f"the remote has no commit {head}", "Push it first, or check another one.")
        wanted: list[str] = []
        for info in infos.values():
            seen.add(info.id)
            if len(seen) > MOST_COMMITS:
                raise RepositoryError(f"{head[:12]} is more than {MOST_COMMITS} commits ahead of the base branch")
            if info.id == base or repository.touched_since(info.id, base) is not None:
                continue
            found.append(info)
            wanted += [parent for parent in info.parents if parent not in seen]
        waiting = list(dict.fromkeys(wanted))
    return found


def manifests_at(repository: Repository, commit: str, path: str, file_size: int) -> Mapping[tuple[str, str], Manifest]:
    """The InferenceServices in a file at a commit, by namespace and name."""
    data = repository.read_file(commit, path)
    found = () if data is None else scan_file(path, data, limit=file_size).manifests
    return {(manifest.namespace or "", manifest.name): manifest for manifest in found}


def _rollout(repository: Repository, info: CommitInfo, said: Trailers, file_size: int) -> RolloutCommit:
    parent = info.parents[0]
    paths = frozenset(repository.touched_since(parent, info.id) or ())
    edits = []
    for path in sorted(paths):
        before = manifests_at(repository, parent, path, file_size)
        after = manifests_at(repository, info.id, path, file_size)
        for key in before.keys() & after.keys():
            if before[key].spec != after[key].spec:
                edits.append(Edited(path, before[key], after[key]))
    return RolloutCommit(info.id, said, tuple(edits), paths)
