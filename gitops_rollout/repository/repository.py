"""The repository as the rest of the project sees it: read at commits, written by pushes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gitops_rollout.model.commits import CommitSettings
from gitops_rollout.model.doors import CommitInfo, CommitRequest, Progress, PushResult, RefUpdate, TreeEntry
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.model.history import FileHistory
from gitops_rollout.repository import branches, history, log, objects
from gitops_rollout.repository.command import Command
from gitops_rollout.repository.commits import NewCommit, write_commits
from gitops_rollout.repository.failures import DamagedStore
from gitops_rollout.repository.health import push_refusal
from gitops_rollout.repository.merging import merged_files
from gitops_rollout.repository.pipe import ObjectPipe
from gitops_rollout.repository.place import Place, find_place
from gitops_rollout.repository.push import push_groups
from gitops_rollout.repository.remote import Remote, persist
from gitops_rollout.repository.signing import sign_commits
from gitops_rollout.repository.store import Store, cache_folder, open_store

_REPLACEABLE = frozenset({"100644", "100755"})


def silent(_: str) -> None:
    """Progress that nobody watches."""


def open_repository(
    location: str, *, base: str | None = None, cache: Path | None = None, progress: Progress = silent
) -> "GitRepository":
    """Open a clone (any folder inside it), a linked work tree, a bare repository or a URL.

    `base` is the base branch (None: the remote's default branch), `cache` the folder for private repositories (None:
    the user's cache folder). Raises `RepositoryError` where there is no repository, no remote, or no answer.
    """
    folder = cache_folder(cache)
    # Nothing above the cache is looked at: a home folder may itself be a repository.
    outside = Command(folder, environment={"GIT_CEILING_DIRECTORIES": str(folder.parent)})
    place = find_place(location, outside)
    return GitRepository(place, Remote(place, outside), folder, base, progress)


class GitRepository:
    """Implements the doors `Repository` and `PullStore`; the caller's clone is never touched.

    `settings` says who commits and how commits are signed; it may be set once the policy is read.
    """

    def __init__(self, place: Place, remote: Remote, cache: Path, base: str | None, progress: Progress) -> None:
        self.place = place
        self.remote = remote
        self._cache = cache
        self._base = base
        self._progress = progress
        self._branch: str | None = None
        self._listed: Mapping[str, str] = {}
        self.settings = CommitSettings()
        self.object_format = place.object_format or self._remote_format()
        self.store = self._open()

    def base_commit(self, branch: str | None = None) -> tuple[str, str]:
        """Branch name and commit of the base as the remote has it now; the commit is brought here."""
        name, commit = branches.find_base(self.remote, branch or self._base)
        self._branch = name
        try:
            return name, branches.bring_base(self.store, self.remote, name, commit, self._progress)
        except DamagedStore:
            self._progress("the private repository is damaged: making it anew")
            self.store = self._open()
            return name, branches.bring_base(self.store, self.remote, name, commit, self._progress)

    def entries(self, commit: str) -> Iterable[TreeEntry]:
        """All files of a commit's tree; sizes are left out."""
        return objects.read_tree(self._git, commit)

    def differences(self, old: str, new: str) -> tuple[Sequence[TreeEntry], Sequence[str]] | None:
        """Files of `new` that `old` has not or has otherwise, and paths of `old` that are gone; None: not both here."""
        if branches.absent(self.store, [old, new]):
            return None
        return objects.read_differences(self._git, old, new)

    def read_blobs(self, oids: Iterable[str], most: int | None = None) -> Iterable[tuple[str, bytes]]:
        """Object id and bytes of each blob, in the order asked; of those longer than `most` the first `most` + 1."""
        return objects.read_blobs(self._git, oids, most)

    def read_file(self, commit: str, path: str) -> bytes | None:
        """The bytes of one file at a commit, None where it does not exist; fetches the commit where it is not here."""
        if self._pipe.tree(commit) is None:
            self._bring([commit])
        self._need(commit)
        return self._pipe.file(commit, path)

    def histories(self, commit: str, paths: Sequence[str]) -> Mapping[str, FileHistory]:
        """First-parent versions of each path, newest first, renames followed; deepens a shallow clone as needed."""
        if not paths:
            return {}
        if not branches.reaches_beginning(self.store, commit):
            self._deepen()
        shallow = self.store.shallow()
        logged = log.read_log(self._git, commit, None if shallow else self.store.path)
        return history.read_histories(self._git, logged, paths, shallow)

    def touched_since(self, old: str, new: str) -> frozenset[str] | None:
        """Paths touched by first-parent commits after `old` up to `new`; None when `old` is not an ancestor."""
        if old == new:
            return frozenset()
        return log.read_touched(self._git, old, new) if self.is_ancestor(old, new) else None

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` was built on `old`; fetches history where a shallow store cannot tell."""
        self._bring([old, new])
        if self._is_ancestor(old, new):
            return True
        if not self.store.shallow():
            return False
        self._deepen()
        return self._is_ancestor(old, new)

    def commit(self, requests: Sequence[CommitRequest]) -> Sequence[str]:
        """Make the commits in the private store and return their ids, in order. Same request, same id.

        A signature may hold a time of its own: the ids of signed commits differ from run to run.
        """
        bases = objects.read_commits(self._git, list(dict.fromkeys(request.base for request in requests)))
        modes = self._modes(requests)
        commits = []
        for request in requests:
            if request.base not in bases:
                raise RepositoryError(f"the base commit {request.base} is not in the private repository", "Run again.")
            when = bases[request.base].committed
            commits.append(NewCommit([request.base], request.files, request.message, _raw(when), modes[request.base]))
        return self._write(commits)

    def merge(self, base: str, head: str, message: str, when: datetime) -> str | None:
        """Make the merge of `head` into `base` (parents in that order) in the private store; None on a conflict."""
        ancestor = self._merge_base(base, head)
        files = merged_files(self._git, ancestor, base, head) if ancestor else None
        if files is None:
            return None
        new = NewCommit(
            [base, head],
            {path: content for path, (_, content) in files.items()},
            message,
            _raw(when),
            {path: mode for path, (mode, _) in files.items()},
        )
        return self._write([new])[0]

    def read_refs(self, prefix: str) -> Mapping[str, str]:
        """Refs of the remote below `prefix` (`refs/…/`), as ref to object id, read anew at each call."""
        refs = {ref: oid for ref, oid in self.remote.refs(f"{prefix}*").items() if ref.startswith(prefix)}
        self._listed = refs
        return refs

    def read_files(self, commit: str) -> Mapping[str, bytes]:
        """All files of a commit of the remote, by path; fetches it where it is not here yet."""
        if self._pipe.tree(commit) is None:
            # Whoever reads one of the refs just listed mostly reads them all: one fetch brings them.
            siblings = self._listed.values() if commit in self._listed.values() else ()
            self._bring([commit, *siblings])
        self._need(commit)
        return self._pipe.files(commit)

    def write_files(self, files: Mapping[str, bytes], message: str, parents: Sequence[str], when: datetime) -> str:
        """Make a commit of just these files in the private store and return its id."""
        self._bring(parents)
        new = NewCommit(parents, files, message, _raw(when), whole=True)
        return write_commits(self._git, [new], CommitSettings())[0]

    def read_commits(self, ids: Sequence[str]) -> Mapping[str, CommitInfo]:
        """The commits that the remote has, by id; fetches what is not here yet, leaves out what is gone."""
        self._bring(ids)
        return objects.read_commits(self._git, ids)

    def push(self, groups: Sequence[Sequence[RefUpdate]]) -> Sequence[PushResult]:
        """Move refs, each group as a whole or not at all, with leases on what was expected; one result a group."""
        return persist(lambda: push_groups(self.remote.writer(self._git), groups))

    def push_refusal(self, commit: str) -> str | None:
        """Why the remote would refuse a branch of ours, None where it would take it; a dry run."""
        return push_refusal(self.remote.writer(self._git), commit)

    @property
    def _git(self) -> Command:
        return self.store.git

    def _open(self) -> Store:
        store = open_store(self.place, self.object_format, self._cache, self.remote.outside)
        self._pipe = ObjectPipe(store.git)
        return store

    def _remote_format(self) -> str:
        commit = branches.find_base(self.remote, self._base)[1]
        return "sha256" if len(commit) == 64 else "sha1"

    def _need(self, commit: str) -> None:
        if self._pipe.tree(commit) is None:
            raise RepositoryError(f"the commit {commit} is gone from {self.remote.shown}", "Run again.")

    def _bring(self, commits: Iterable[str]) -> None:
        branches.bring_commits(self.store, self.remote, commits, self._progress)

    def _deepen(self) -> None:
        branch = self._branch or branches.find_base(self.remote, self._base)[0]
        branches.deepen(self.store, self.remote, branch, self._progress)

    def _is_ancestor(self, old: str, new: str) -> bool:
        outcome = self._git.attempt("merge-base", "--is-ancestor", old, new)
        if outcome.status > 1 and not branches.absent(self.store, [old, new]):
            raise self._git.failed(f"cannot compare {old[:12]} with {new[:12]}", outcome.stderr)
        return outcome.status == 0

    def _merge_base(self, base: str, head: str) -> str | None:
        self._bring([base, head])
        for attempt in range(2):
            outcome = self._git.attempt("merge-base", base, head)
            if outcome.status == 0:
                return outcome.stdout.decode("ascii").strip()
            if attempt == 0 and self.store.shallow():
                self._deepen()
        return None

    def _write(self, commits: Sequence[NewCommit]) -> Sequence[str]:
        ids = write_commits(self._git, commits, self.settings)
        if self.settings.signing_key is None:
            return ids
        return sign_commits(self._git.with_settings(self.remote.settings()), ids, commits, self.settings)

    def _modes(self, requests: Sequence[CommitRequest]) -> Mapping[str, Mapping[str, str]]:
        """Git modes of the files that are replaced, by base commit and path."""
        paths: dict[str, dict[str, None]] = {}
        for request in requests:
            paths.setdefault(request.base, {}).update(dict.fromkeys(request.files))
        modes: dict[str, Mapping[str, str]] = {}
        for commit, wanted in paths.items():
            found = {entry.path: entry.mode for entry in objects.read_tree(self._git, commit, list(wanted))}
            for path, mode in found.items():
                if mode not in _REPLACEABLE:
                    raise RepositoryError(f"{path} is no regular file at {commit[:12]}", "Edit the file it points to.")
            modes[commit] = found
        return modes


def _raw(when: datetime) -> str:
    """An instant as Git stores it, in UTC."""
    return f"{int(when.timestamp())} +0000"
