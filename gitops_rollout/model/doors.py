"""The doors to the outside: what `reconcile` asks of Git, clusters, forges and providers, whoever stands behind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from gitops_rollout.model.change import Draft, PullReport, PullRequest
from gitops_rollout.model.checkup import Finding
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.history import FileHistory, History
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.observation import Measurement
from gitops_rollout.model.policy import Analysis
from gitops_rollout.model.protection import Protection
from gitops_rollout.model.remarks import Remark, Remarked
from gitops_rollout.model.targets import Component, Target, TargetKey


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One file at a commit: path, Git mode (`100644`, `120000`, `160000`, …), object id and size in bytes."""

    path: str
    mode: str
    oid: str
    size: int | None


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One ref to move at the remote: `new` None deletes it; `expected` None means it must not exist yet."""

    ref: str
    new: str | None
    expected: str | None


class PushRefusal(StrEnum):
    """Why a remote did not take a group: `moved` means somebody was faster, so look again and decide anew."""

    MOVED = "moved"
    PROTECTED = "protected"
    HOOK_DECLINED = "hook-declined"
    CHECKED_OUT = "checked-out"
    LOCKED = "locked"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of one group of updates: all of it was taken, or none; `reason` says why not, in git's words.

    `unchanged`: it was accepted because the remote already stood so, as after a run that made the very same commits.
    """

    accepted: bool
    reason: str | None = None
    refusal: PushRefusal | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """A commit to make: the base's tree with these files replaced, one parent, the base commit's dates."""

    base: str
    files: Mapping[str, bytes]
    message: str


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One commit: parents in order, the e-mail address of its committer, its whole message (untrusted), its instant.

    `tree` is the object id of its tree.
    """

    id: str
    parents: tuple[str, ...]
    committer: str
    message: str
    committed: datetime
    tree: str = ""


class RefStore(Protocol):
    """Refs and small commits of the remote repository: what the embedded forge is made of."""

    def read_refs(self, prefix: str) -> Mapping[str, str]:
        """Refs of the remote below `prefix` (`refs/…/`), as ref to object id, read anew at each call."""

    def read_files(self, commit: str) -> Mapping[str, bytes]:
        """All files of a commit of the remote, by path; fetches it where it is not here yet."""

    def write_files(self, files: Mapping[str, bytes], message: str, parents: Sequence[str], when: datetime) -> str:
        """Make a commit of just these files in the private store and return its id."""

    def push(self, groups: Sequence[Sequence[RefUpdate]]) -> Sequence[PushResult]:
        """Move refs, each group as a whole or not at all, with leases on what was expected; one result a group."""


class PullStore(RefStore, Protocol):
    """What pull requests need besides refs: commits as they are, and merges without a work tree."""

    def read_commits(self, ids: Sequence[str]) -> Mapping[str, CommitInfo]:
        """The commits that the remote has, by id; fetches what is not here yet, leaves out what is gone."""

    def read_file(self, commit: str, path: str) -> bytes | None:
        """The bytes of one file at a commit, None where it does not exist."""

    def merge(self, base: str, head: str, message: str, when: datetime) -> str | None:
        """Make the merge of `head` into `base` (parents in that order) in the private store; None on a conflict."""


class Repository(PullStore, Protocol):
    """A Git repository, read at commits and written by pushes; the caller's clone is never touched."""

    def base_commit(self, branch: str | None) -> tuple[str, str]:
        """Branch name and commit of the base as the remote has it now."""

    def entries(self, commit: str) -> Iterable[TreeEntry]:
        """All files of a commit's tree."""

    def differences(self, old: str, new: str) -> tuple[Sequence[TreeEntry], Sequence[str]] | None:
        """Files of `new` that `old` has not or has otherwise, and paths of `old` that are gone; None: not both here."""

    def read_blobs(self, oids: Iterable[str], most: int | None = None) -> Iterable[tuple[str, bytes]]:
        """Object id and bytes of each blob, in the order asked; of those longer than `most` the first `most` + 1."""

    def histories(self, commit: str, paths: Sequence[str]) -> Mapping[str, FileHistory]:
        """First-parent versions of each path, newest first, renames followed; deepens a shallow clone as needed."""

    def touched_since(self, old: str, new: str) -> Iterable[str] | None:
        """Paths touched by first-parent commits after `old` up to `new`; None when `old` is not an ancestor."""

    def commit(self, requests: Sequence[CommitRequest]) -> Sequence[str]:
        """Make the commits in the private store and return their ids, in order. Same request, same id."""


class LiveSource(Protocol):
    """Shows what one cluster runs."""

    name: str

    def read(self) -> LiveView:
        """One look at the cluster; a source that cannot be read raises `SourceError`."""


@runtime_checkable
class Follower(Protocol):
    """A live source that imitates a cluster: it must be told what Git applied there before it is read."""

    def follow(self, applied: Sequence[tuple[Target, History]], now: datetime) -> None:
        """All targets of the base and their histories, and the instant to show; other clusters' are passed over."""


@runtime_checkable
class Examined(Protocol):
    """A live source that can be asked about itself: rights, versions, settings."""

    def examine(self) -> Sequence[Finding]:
        """What is found; a cluster that does not answer is a finding, too."""


@runtime_checkable
class Counted(Protocol):
    """A door that counts the requests it sends to an API."""

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""


class Forge(Protocol):
    """Where pull requests live. What cannot be reached or read raises `ForgeError`; a refusal is a report."""

    kind: str

    def open_pulls(self) -> Sequence[PullRequest]:
        """All open pull requests whose branch is one of ours."""

    def ended_pulls(self, change_prefix: str) -> Sequence[PullRequest]:
        """Merged and closed ones whose branch starts with `change_prefix`, newest first."""

    def pull(self, number: int) -> PullRequest | None:
        """One pull request, None where there is none."""

    def committers(self) -> frozenset[str]:
        """E-mail addresses of the committer of what `remake` makes."""

    def remake(self, made: Sequence[str], requests: Sequence[CommitRequest]) -> Sequence[str | ForgeError]:
        """The commits as the forge makes them, where that is asked for: of the same parent, tree and message.

        `made` are those that git made for `requests`, and the answer where git makes the commits. One result each; a
        failure stands in its place and stops no other.
        """

    def publish(self, drafts: Sequence[Draft]) -> Sequence[PullReport]:
        """Push the branches and open the pull requests; one report a draft; a race that was lost is a report."""

    def update(self, pull: PullRequest, draft: Draft) -> PullReport:
        """Give an open pull request of ours another title or body, and another commit, with a lease on its head."""

    def close(self, pull: PullRequest, comment: str, *, by_us: bool = True, keep_branch: bool = False) -> PullReport:
        """Close a pull request, with a comment, and delete its branch.

        `by_us` marks it before it is closed, so that the close is no veto; without it the close is a person's. A
        branch that no longer is what `pull` says stays.
        """

    def merge(self, pull: PullRequest, onto: str) -> PullReport:
        """Merge it if its head is still what `pull` says and the base is still `onto`; a refusal is a report."""

    def remark(self, remarks: Sequence[Remark]) -> Sequence[Remarked]:
        """Keep one comment of ours on each pull request, and its head's status; writes only what differs."""

    def remarks_on(self, pull: PullRequest) -> Remark:
        """What we say there now; None where we say nothing."""

    def enqueue(self, pull: PullRequest, onto: str) -> PullReport:
        """As `merge`, but by the forge's own queue, train or auto-merge, bound to that head.

        `FOUND` while it waits there, `MERGED` where the forge merged at once, a refusal where it has no such thing.
        """

    def protection(self) -> Protection:
        """What is asked for before anything is merged into the base branch."""


class Provider(Protocol):
    """Measures revisions; returns measurements, never verdicts on rollouts."""

    def measure(
        self, analysis: Analysis, target: TargetKey, component: Component, revision: str, since: datetime
    ) -> Measurement:
        """One measurement of one revision since an instant."""


Progress = Callable[[str], None]
