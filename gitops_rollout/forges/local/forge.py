"""The embedded forge: pull requests kept in the remote repository itself. They need nothing but Git."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gitops_rollout.core.trailers import trailer_lines
from gitops_rollout.forges.local.opening import open_all
from gitops_rollout.forges.local.record import Event, Record, read_record
from gitops_rollout.forges.local.refs import (
    ENDED,
    OPEN,
    OURS,
    PULLS,
    ROOT,
    branch_ref,
    ended_ref,
    lock_ref,
    number_of,
    pull_ref,
)
from gitops_rollout.forges.local.remarks import remark_all
from gitops_rollout.model.change import Did, Draft, PullReport, PullRequest, PullState
from gitops_rollout.model.doors import CommitRequest, PullStore, RefUpdate
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.protection import Protection
from gitops_rollout.model.remarks import Remark, Remarked

ATTEMPTS = 5


class LocalForge:
    """Pull requests as commits below `refs/gitops-rollout/` of the remote.

    `now` is written on what happens; `who` is who does it.
    """

    kind = "local"

    def __init__(self, store: PullStore, now: datetime, who: str = "gitops-rollout") -> None:
        self._store = store
        self._now = now
        self._who = who
        self._refs: Mapping[str, str] | None = None

    def committers(self) -> frozenset[str]:
        """None: nothing makes commits here but git."""
        return frozenset()

    def remake(self, made: Sequence[str], requests: Sequence[CommitRequest]) -> Sequence[str | ForgeError]:
        """The commits as git made them."""
        return made

    def enqueue(self, pull: PullRequest, onto: str) -> PullReport:
        """Merge it at once: nothing is waited for here, and the base is compared and swapped."""
        return self.merge(pull, onto)

    def open_pulls(self) -> Sequence[PullRequest]:
        """All open pull requests, by number; one whose branch is gone or was pushed to says so."""
        self._refs = refs = self._store.read_refs(ROOT)
        heads = self._store.read_refs(OURS)
        records = [self._read(ref, commit) for ref, commit in refs.items() if ref.startswith(OPEN)]
        return sorted((_seen(record.pull, heads) for record in records), key=lambda pull: pull.number)

    def ended_pulls(self, change_prefix: str) -> Sequence[PullRequest]:
        """Merged and closed ones below a branch prefix, newest first, as of the last look at the open ones."""
        refs = self._refs if self._refs is not None else self._store.read_refs(ROOT)
        below = f"{ENDED}{change_prefix.removeprefix('gitops-rollout/')}"
        mine = [ref for ref in refs if ref.startswith(below if below.endswith("/") else f"{below}/")]
        return [self._read(ref, refs[ref]).pull for ref in sorted(mine, key=number_of, reverse=True)]

    def pull(self, number: int) -> PullRequest | None:
        """One pull request as it is now."""
        commit = self._store.read_refs(PULLS).get(pull_ref(number))
        if commit is None:
            return None
        return _seen(self._read(pull_ref(number), commit).pull, self._store.read_refs(OURS))

    def events(self, number: int) -> Sequence[Event]:
        """What happened to a pull request, oldest first."""
        commit = self._store.read_refs(PULLS).get(pull_ref(number))
        return () if commit is None else self._read(pull_ref(number), commit).events

    def all_pulls(self) -> Sequence[PullRequest]:
        """Every pull request there ever was, by number."""
        refs = self._store.read_refs(PULLS)
        heads = self._store.read_refs(OURS)
        return [_seen(self._read(ref, refs[ref]).pull, heads) for ref in sorted(refs, key=number_of)]

    def publish(self, drafts: Sequence[Draft]) -> Sequence[PullReport]:
        """Branch, pull request and lock of each draft, all or nothing; a number that is taken becomes the next."""
        return open_all(self._store, drafts, self._now, self._who)

    def update(self, pull: PullRequest, draft: Draft) -> PullReport:
        """Another title, body or commit for an open pull request."""
        moves = []
        if draft.commit != pull.head:
            moves.append(RefUpdate(branch_ref(pull.branch), draft.commit, pull.head))

        def changed(record: Record) -> Record:
            after = replace(record.pull, title=draft.title, body=draft.body, head=draft.commit, closed_by_us=False)
            return record.then(self._event("updated"), after)

        return self._change(pull, changed, moves, Did.UPDATED)

    def close(self, pull: PullRequest, comment: str, *, by_us: bool = True, keep_branch: bool = False) -> PullReport:
        """Close it: at once with its lock and its branch. A branch that others have pushed to stays."""
        heads = self._store.read_refs(OURS)
        there = heads.get(branch_ref(pull.branch))
        moves = []
        if there is not None and there == pull.head and not keep_branch:
            moves.append(RefUpdate(branch_ref(pull.branch), None, there))

        def closed(record: Record) -> Record:
            after = replace(record.pull, state=PullState.CLOSED, closed_by_us=by_us, ended=self._now)
            return record.then(self._event("closed", comment), after)

        return self._change(pull, closed, moves, Did.CLOSED)

    def reopen(self, pull: PullRequest) -> PullReport:
        """Open a closed one again, on its own commit: a person's way to take a veto back."""
        there = self._store.read_refs(OURS).get(branch_ref(pull.branch))
        moves = [] if there else [RefUpdate(branch_ref(pull.branch), pull.head, None)]

        def opened(record: Record) -> Record:
            after = replace(record.pull, state=PullState.OPEN, closed_by_us=False, ended=None)
            return record.then(self._event("reopened"), after)

        return self._change(pull, opened, moves, Did.UPDATED, was=PullState.CLOSED)

    def merge(self, pull: PullRequest, onto: str) -> PullReport:
        """Merge it into `onto` and move the base there, if the base still is `onto`; else say why not."""
        there = self._store.read_refs(OURS).get(branch_ref(pull.branch))
        if there != pull.head:
            return _report(pull, Did.CONFLICT, "its branch was pushed to or deleted since it was looked at")
        info = self._store.read_commits([pull.head])[pull.head]
        message = f"Merge #{pull.number}: {' '.join(pull.title.split())}\n\n{trailer_lines(info.message)}\n"
        commit = self._store.merge(onto, pull.head, message, self._now)
        if commit is None:
            return _report(pull, Did.CONFLICT, "it no longer applies to the base branch")
        moves = [
            RefUpdate(branch_ref(pull.base_branch), commit, onto),
            RefUpdate(branch_ref(pull.branch), None, pull.head),
        ]

        def merged(record: Record) -> Record:
            after = replace(record.pull, state=PullState.MERGED, merged_commit=commit, ended=self._now)
            return record.then(self._event("merged", commit), after)

        return self._change(pull, merged, moves, Did.MERGED)

    def remark(self, remarks: Sequence[Remark]) -> Sequence[Remarked]:
        """Comment and status are kept in the record itself: one push for all that differ."""
        return remark_all(self._store, remarks, self._now)

    def remarks_on(self, pull: PullRequest) -> Remark:
        """The comment and the status of the head as they are kept."""
        commit = self._store.read_refs(PULLS).get(pull_ref(pull.number))
        if commit is None:
            return Remark(pull)
        record = self._read(pull_ref(pull.number), commit)
        return Remark(pull, record.comment, record.status_of(pull.head))

    def protection(self) -> Protection:
        """Every merge moves the base by compare-and-swap; nothing else is asked for."""
        return Protection(atomic=True)

    def _change(
        self,
        pull: PullRequest,
        how: Callable[[Record], Record],
        moves: Sequence[RefUpdate],
        did: Did,
        was: PullState = PullState.OPEN,
    ) -> PullReport:
        """Write the record anew, together with the refs that go with it: all or nothing, on what was seen."""
        reason: str | None = None
        seen: str | None = None
        for _ in range(ATTEMPTS):
            refs = self._store.read_refs(ROOT)
            commit = refs.get(pull_ref(pull.number))
            if commit is None:
                raise ForgeError(f"there is no pull request #{pull.number}", "See `gitops-rollout pulls list`.")
            record = self._read(pull_ref(pull.number), commit)
            if record.pull.state is not was:
                return _report(record.pull, Did.NONE, f"#{pull.number} is {record.pull.state} already")
            if commit == seen:  # nobody else wrote the record: what was refused is the branch or the base
                return _report(record.pull, Did.CONFLICT, f"the remote has moved on: {reason}")
            after = how(record)
            record_moves = _bookkeeping(refs, commit, self._write(after, commit), after.pull)
            result = self._store.push([[*record_moves, *moves]])[0]
            if result.accepted:
                return _report(after.pull, did)
            reason, seen = result.reason, commit
        return _report(pull, Did.CONFLICT, f"others change #{pull.number} all the time: {reason}")

    def _write(self, record: Record, parent: str) -> str:
        message = f"Pull request #{record.pull.number}: {record.events[-1].what}\n"
        return self._store.write_files(record.files(), message, [parent], self._now)

    def _read(self, ref: str, commit: str) -> Record:
        return read_record(ref, self._store.read_files(commit))

    def _event(self, what: str, text: str = "") -> Event:
        # What a person gave on the command line may be no UTF-8.
        return Event(self._now, self._who, what, text.encode("utf-8", "backslashreplace").decode())


def _bookkeeping(refs: Mapping[str, str], old: str, new: str, pull: PullRequest) -> list[RefUpdate]:
    """The pull ref, and beside it either the lock (while it is open) or the entry under its change."""
    lock, entry = lock_ref(pull.branch), ended_ref(pull.branch, pull.number)
    updates = [RefUpdate(pull_ref(pull.number), new, old)]
    if pull.state is PullState.OPEN:
        held = refs.get(lock)
        updates.append(RefUpdate(lock, new, old if held == old else None))
        updates += [RefUpdate(entry, None, refs[entry])] if entry in refs else []
    else:
        updates.append(RefUpdate(entry, new, refs.get(entry)))
        updates += [RefUpdate(lock, None, old)] if refs.get(lock) == old else []
    return updates


def _seen(pull: PullRequest, heads: Mapping[str, str]) -> PullRequest:
    """The pull request with its branch as it is now, where it is open."""
    if pull.state is not PullState.OPEN:
        return pull
    there = heads.get(branch_ref(pull.branch))
    return replace(pull, branch_deleted=True) if there is None else replace(pull, head=there)


def _report(pull: PullRequest, did: Did, message: str = "") -> PullReport:
    return PullReport(pull.number, pull.url, pull.state, did, message)
