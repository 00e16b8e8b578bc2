"""Commits that the forge makes through its API, for where only those are verified.

Each is made on a branch of its own, started at the base and named after the commit that git made, compared with that
one, brought here, and pushed to where it belongs as any other commit: with a lease, in one push with all others. A run
that dies on the way leaves such a branch, which the next run finds, uses or removes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gitops_rollout.core.same_commit import same_commit
from gitops_rollout.forges.http import Refused
from gitops_rollout.forges.local.refs import HEADS
from gitops_rollout.model.doors import CommitInfo, CommitRequest, PullStore, PushRefusal, RefUpdate
from gitops_rollout.model.errors import ForgeError, RolloutError

SCRATCH = f"{HEADS}gitops-rollout/commits/"
# Another run may make the same commit at the same moment and remove the branch before this one has looked.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it is to be; `before` are its bytes at the base, None where it is not there yet."""

    path: str
    data: bytes
    before: bytes | None


@dataclass(frozen=True, slots=True)
class NewCommit:
    """What a forge is asked to commit: on which branch (without `refs/heads/`), on which commit, dated when."""

    branch: str
    base: str
    when: datetime
    files: Sequence[NewFile]
    message: str


class Maker(Protocol):
    """One forge's way to make a commit. Errors are `Unknown` where no answer came, else `Refused`."""

    makes_branch: bool
    """Whether `commit` makes the branch too, and refuses where it exists; else it must be there, at the base."""

    def committers(self) -> frozenset[str]:
        """E-mail addresses that these commits carry as their committer's."""

    def commit(self, commit: NewCommit) -> None:
        """Make one commit, only if the branch still is at the base."""


@dataclass
class _Task:
    """One commit to be had: `made` is git's, `head` what its branch holds as far as is known."""

    made: CommitInfo
    request: CommitRequest
    head: str | None = None
    commit: str | None = None
    problem: ForgeError | None = None
    over: bool = False


@dataclass
class ApiCommits:
    """Makes commits by a `Maker` on the remote that `store` reads and pushes to."""

    store: PullStore
    maker: Maker
    _committers: frozenset[str] | None = field(default=None, repr=False)

    def committers(self) -> frozenset[str]:
        """E-mail addresses that these commits carry as their committer's; asked for once."""
        if self._committers is None:
            self._committers = self.maker.committers()
        return self._committers

    def remake(self, made: Sequence[str], requests: Sequence[CommitRequest]) -> Sequence[str | ForgeError]:
        """Commits of the same parent, tree and message as `made`, in order; a failure stands in its place."""
        infos = self.store.read_commits(made)
        tasks = {
            f"{SCRATCH}{commit[:16]}": _Task(infos[commit], request)
            for commit, request in zip(made, requests, strict=True)
        }
        try:
            for attempt in range(ATTEMPTS + 1):
                self._look(tasks)
                left = {ref: task for ref, task in tasks.items() if not task.over}
                if not left or attempt == ATTEMPTS:
                    break
                self._act(left)
        finally:
            self._clean(tasks)
        return [_result(tasks[f"{SCRATCH}{commit[:16]}"]) for commit in made]

    def _look(self, tasks: Mapping[str, _Task]) -> None:
        """See what the branches hold: the commit that is wanted, the base alone, or something else."""
        refs = self.store.read_refs(SCRATCH)
        heads = {ref: refs[ref] for ref in tasks if ref in refs}
        infos = self.store.read_commits(sorted(set(heads.values())))
        for ref, task in tasks.items():
            task.head = heads.get(ref)
            if task.head is not None and same_commit(infos.get(task.head), task.made):
                task.commit, task.over = task.head, True
            elif task.head == task.request.base and isinstance(task.problem, Refused):
                task.over = True  # nobody else was quicker: the forge does not want it
            elif task.head not in (None, task.request.base):
                task.problem = ForgeError("the forge made another commit than it was asked for", _HINT)

    def _act(self, tasks: Mapping[str, _Task]) -> None:
        """Have the branches where they must start, then ask for the commits, one by one."""
        moves = {ref: update for ref, task in tasks.items() if (update := self._start(ref, task)) is not None}
        for (ref, move), result in zip(moves.items(), self.store.push([[one] for one in moves.values()]), strict=True):
            task = tasks[ref]
            if result.accepted:
                task.head = move.new
            elif result.refusal is not PushRefusal.MOVED:
                task.problem, task.over = ForgeError(f"the branch {ref} could not be made: {result.reason}"), True
        for ref, task in tasks.items():
            if not task.over and task.head == (None if self.maker.makes_branch else task.request.base):
                self._commit(ref.removeprefix(HEADS), task)

    def _start(self, ref: str, task: _Task) -> RefUpdate | None:
        wanted = None if self.maker.makes_branch else task.request.base
        return None if task.head == wanted else RefUpdate(ref, wanted, task.head)

    def _commit(self, branch: str, task: _Task) -> None:
        base = task.request.base
        files = [
            NewFile(path, data, self.store.read_file(base, path)) for path, data in sorted(task.request.files.items())
        ]
        try:
            self.maker.commit(NewCommit(branch, base, task.made.committed, files, task.made.message))
        except ForgeError as error:  # whether it was made all the same is looked for
            task.problem = error

    def _clean(self, tasks: Mapping[str, _Task]) -> None:
        """Remove our branches, and those that dead runs left on older bases."""
        bases = {task.request.base for task in tasks.values()}
        try:
            refs = self.store.read_refs(SCRATCH)
            infos = self.store.read_commits(sorted(set(refs.values())))
            old = {ref for ref, head in refs.items() if not {head, *_parents(infos.get(head))} & bases}
            self.store.push([[RefUpdate(ref, None, head)] for ref, head in refs.items() if ref in tasks or ref in old])
        except RolloutError:
            return  # they hold nothing that is needed: the next run removes them


def _parents(info: CommitInfo | None) -> tuple[str, ...]:
    return info.parents if info is not None else ()


def _result(task: _Task) -> str | ForgeError:
    return task.commit or task.problem or ForgeError("the forge made no commit", "Run again.")


_HINT = "Look at the file's mode and at the forge's settings for commits, or let git make them: `commits: {via: git}`."
