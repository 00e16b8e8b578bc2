"""What all hosted forges have in common: branches go by git, everything else through an API of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from gitops_rollout.core.pull_marker import mark_closed
from gitops_rollout.core.same_commit import same_commit
from gitops_rollout.forges.api_commits import ApiCommits
from gitops_rollout.forges.http import Exists, Unknown, Waiting
from gitops_rollout.forges.local.refs import HEADS, OURS, branch_ref
from gitops_rollout.forges.refusals import not_pushed
from gitops_rollout.forges.remarks import Talk, remark_on, what_we_say
from gitops_rollout.model.change import Did, Draft, PullReport, PullRequest, PullState
from gitops_rollout.model.doors import CommitRequest, PullStore, RefUpdate
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.protection import Protection
from gitops_rollout.model.remarks import Remark, Remarked


class Api(Protocol):
    """One forge's API, request by request. Everything may raise `ForgeError`, and `Unknown` where no answer came."""

    kind: str
    caveat: str
    """What people must know of a pull request that these credentials opened; empty where there is nothing."""

    @property
    def talk(self) -> Talk:
        """Comments and commit statuses."""

    @property
    def sent(self) -> int:
        """How many requests were sent."""

    def open_pulls(self, base_branch: str) -> Sequence[PullRequest]:
        """The open ones into a base branch from branches of the same repository."""

    def ended_pulls(self, base_branch: str, prefix: str) -> Sequence[PullRequest]:
        """The merged and closed ones whose branch starts with `prefix`, newest first."""

    def pull(self, number: int) -> PullRequest | None:
        """One of them."""

    def create(self, draft: Draft) -> PullRequest:
        """Open one for a branch that is there already, with all that can be said at once."""

    def decorate(self, number: int, draft: Draft) -> None:
        """Add what can be said only afterwards: labels, reviewers, assignees."""

    def complete(self, number: int, draft: Draft) -> bool:
        """Decorate one that never was; whether anything was written. What a person took off stays off."""

    def edit(self, number: int, title: str, body: str, *, draft: bool) -> None:
        """Give one another title and body; `draft` is whether it is one, which some forges keep in the title."""

    def close(self, number: int) -> None:
        """Close one."""

    def merge(self, pull: PullRequest) -> str | None:
        """Merge one if its head still is `pull.head`; None, or why it was refused. `Waiting` where the forge will."""

    def enqueue(self, pull: PullRequest) -> str | None:
        """Have the forge merge it later, bound to `pull.head`: as `merge` otherwise."""

    def protection(self, branch: str) -> Protection:
        """What is asked for before anything is merged into a branch."""


class HostedForge:
    """The door `Forge` over an API and the repository's own remote. `commits` makes them where git does not."""

    def __init__(
        self, api: Api, store: PullStore, base_branch: str, now: datetime, commits: ApiCommits | None = None
    ) -> None:
        self.kind = api.kind
        self.api = api
        self._store = store
        self._base = base_branch
        self._now = now
        self._commits = commits

    def committers(self) -> frozenset[str]:
        """Addresses of the committer of what the forge commits."""
        return frozenset() if self._commits is None else self._commits.committers()

    def remake(self, made: Sequence[str], requests: Sequence[CommitRequest]) -> Sequence[str | ForgeError]:
        """The commits as the forge makes them, or as git made them."""
        return made if self._commits is None else self._commits.remake(made, requests)

    @property
    def sent(self) -> int:
        """How many requests its API was sent."""
        return self.api.sent

    def open_pulls(self) -> Sequence[PullRequest]:
        """All open ones of ours, by number, each with its branch as git has it now."""
        pulls = [pull for pull in self.api.open_pulls(self._base) if branch_ref(pull.branch).startswith(OURS)]
        heads = self._store.read_refs(OURS) if pulls else {}
        return sorted((_seen(pull, heads) for pull in pulls), key=lambda pull: pull.number)

    def ended_pulls(self, change_prefix: str) -> Sequence[PullRequest]:
        """Merged and closed ones below a branch prefix, newest first."""
        prefix = change_prefix if change_prefix.endswith("/") else f"{change_prefix}/"
        return self.api.ended_pulls(self._base, prefix)

    def pull(self, number: int) -> PullRequest | None:
        """One of them as it is now."""
        pull = self.api.pull(number)
        return pull if pull is None else _seen(pull, self._store.read_refs(OURS))

    def publish(self, drafts: Sequence[Draft]) -> Sequence[PullReport]:
        """One push for all branches, then one request for each that is not open yet."""
        refused = self._push(drafts)
        opened = {pull.branch: pull for pull in reversed(self.open_pulls())}
        return [refused.get(draft.branch) or self._open(draft, opened.get(draft.branch)) for draft in drafts]

    def update(self, pull: PullRequest, draft: Draft) -> PullReport:
        """Another commit, with a lease on the head; then another title and body where they differ."""
        if draft.commit != pull.head:
            moved = self._store.push([[RefUpdate(branch_ref(pull.branch), draft.commit, pull.head)]])[0]
            if not moved.accepted and not self._same([replace(draft, branch=pull.branch)], None):
                return _report(pull, Did.CONFLICT, not_pushed(pull.branch, moved))
        if (draft.title, draft.body.strip()) != (pull.title, pull.body.strip()):
            self.api.edit(pull.number, draft.title, draft.body, draft=pull.draft)
        return _report(pull, Did.UPDATED)

    def close(self, pull: PullRequest, comment: str, *, by_us: bool = True, keep_branch: bool = False) -> PullReport:
        """Mark it, saying why, then close it, then delete the branch: safe to be broken off anywhere."""
        now = self.api.pull(pull.number)
        if now is None or now.state is not PullState.OPEN:
            state = "gone" if now is None else now.state
            return _report(now or pull, Did.NONE, f"#{pull.number} is {state} already")
        marked = mark_closed(now.body, comment) if by_us else now.body
        if marked.strip() != now.body.strip():
            self.api.edit(pull.number, now.title, marked, draft=now.draft)
        self.api.close(pull.number)
        if not keep_branch:
            self._drop_branch(pull)
        return _report(replace(now, state=PullState.CLOSED), Did.CLOSED)

    def merge(self, pull: PullRequest, onto: str) -> PullReport:
        """Merge it with its expected head, if the base still is `onto`."""
        return self._merge(pull, onto, self.api.merge)

    def enqueue(self, pull: PullRequest, onto: str) -> PullReport:
        """Have the forge merge it, bound to its head."""
        return self._merge(pull, onto, self.api.enqueue)

    def _merge(self, pull: PullRequest, onto: str, act: Callable[[PullRequest], str | None]) -> PullReport:
        now = self.pull(pull.number)
        if now is None or now.state is not PullState.OPEN:
            return _report(now or pull, Did.NONE, f"#{pull.number} is no longer open")
        if now.head != pull.head or now.branch_deleted:
            return _report(now, Did.CONFLICT, "its branch was pushed to or deleted since it was looked at")
        if self._store.read_refs(HEADS).get(branch_ref(pull.base_branch)) != onto:
            return _report(now, Did.CONFLICT, "the base branch has moved since it was looked at")
        if self._store.merge(onto, pull.head, "Only to see whether it applies", self._now) is None:
            return _report(now, Did.CONFLICT, "it no longer applies to the base branch")
        try:
            why = act(pull)
        except Waiting as waiting:
            return _report(now, Did.FOUND, waiting.message)
        except Unknown as unsure:  # it may have been merged although the answer was lost
            after = self.api.pull(pull.number)
            if after is None or after.state is not PullState.MERGED:
                raise unsure from None
            why = None
        if why is not None:
            return _report(now, Did.CONFLICT, why)
        self._drop_branch(pull)
        return _report(replace(now, state=PullState.MERGED), Did.MERGED)

    def remark(self, remarks: Sequence[Remark]) -> Sequence[Remarked]:
        """Each on its own: what is there is looked at, and written only where it differs."""
        return [self._remark(remark) for remark in remarks]

    def _remark(self, remark: Remark) -> Remarked:
        done = remark_on(self.api.talk, remark)
        if remark.bare is None:
            return done
        try:
            return replace(done, wrote=self.api.complete(remark.pull.number, remark.bare) or done.wrote)
        except ForgeError as error:
            missing = f"labels or reviewers of #{remark.pull.number} are missing: {error.message}"
            return replace(done, problem="; ".join(filter(None, (done.problem, missing))))

    def remarks_on(self, pull: PullRequest) -> Remark:
        """Our comment and the status of the head."""
        return what_we_say(self.api.talk, pull)

    def protection(self) -> Protection:
        """The rules of the base branch, as far as the credentials show them."""
        return self.api.protection(self._base)

    def _push(self, drafts: Sequence[Draft]) -> dict[str, PullReport]:
        heads = self._store.read_refs(OURS)
        reports: dict[str, PullReport] = {}
        moves: dict[str, RefUpdate] = {}
        same = self._same(drafts, heads)
        for draft in drafts:
            head = heads.get(branch_ref(draft.branch))
            if draft.branch in same:
                continue
            if head not in (None, draft.commit, draft.expected):
                message = f"the branch {draft.branch} holds other commits: delete it to let it be proposed again"
                reports[draft.branch] = PullReport(None, None, None, Did.CONFLICT, message)
            else:
                moves[draft.branch] = RefUpdate(branch_ref(draft.branch), draft.commit, head)
        results = self._store.push([[move] for move in moves.values()]) if moves else []
        lost = {branch: result for branch, result in zip(moves, results, strict=True) if not result.accepted}
        again = self._same([draft for draft in drafts if draft.branch in lost], None) if lost else set()
        for branch, result in lost.items():
            if branch not in again:
                reports[branch] = PullReport(None, None, None, Did.CONFLICT, not_pushed(branch, result))
        return reports

    def _open(self, draft: Draft, there: PullRequest | None) -> PullReport:
        if there is not None:
            return _report(there, Did.FOUND)
        try:
            return self._decorated(self.api.create(draft), draft)
        except (Unknown, Exists) as unsure:  # it may have been opened although the answer was lost
            made = [pull for pull in self.open_pulls() if pull.branch == draft.branch]
            if made:
                return _report(made[0], Did.FOUND if isinstance(unsure, Exists) else Did.CREATED, self.api.caveat)
            return PullReport(None, None, None, Did.CONFLICT, unsure.message)
        except ForgeError as error:
            return PullReport(None, None, None, Did.CONFLICT, error.message)

    def _decorated(self, pull: PullRequest, draft: Draft) -> PullReport:
        try:
            self.api.decorate(pull.number, draft)
        except ForgeError as error:  # it is open all the same
            return _report(pull, Did.CREATED, f"labels or reviewers are missing: {error.message}")
        return _report(pull, Did.CREATED, self.api.caveat)

    def _same(self, drafts: Sequence[Draft], heads: Mapping[str, str] | None) -> set[str]:
        """Branches that hold what is proposed already, be it as a commit of another run; `heads` None: look anew."""
        heads = self._store.read_refs(OURS) if heads is None else heads
        there = {draft.branch: (heads[branch_ref(draft.branch)], draft.commit) for draft in drafts
                 if branch_ref(draft.branch) in heads}  # fmt: skip
        pairs = {branch: pair for branch, pair in there.items() if pair[0] != pair[1]}
        infos = self._store.read_commits(sorted({commit for pair in pairs.values() for commit in pair}))
        same = {branch for branch, (head, commit) in pairs.items() if same_commit(infos.get(head), infos.get(commit))}
        return same | (there.keys() - pairs.keys())

    def _drop_branch(self, pull: PullRequest) -> None:
        """Delete the branch if it still holds what we looked at; that it is gone or moved on is no failure."""
        if branch_ref(pull.branch) in self._store.read_refs(OURS):
            self._store.push([[RefUpdate(branch_ref(pull.branch), None, pull.head)]])


def _seen(pull: PullRequest, heads: Mapping[str, str]) -> PullRequest:
    """An open one with its branch as it is now: what an API says of it may be some moments old."""
    if pull.state is not PullState.OPEN:
        return pull
    there = heads.get(branch_ref(pull.branch))
    return replace(pull, branch_deleted=True) if there is None else replace(pull, head=there)


def _report(pull: PullRequest, did: Did, message: str = "") -> PullReport:
    return PullReport(pull.number, pull.url, pull.state, did, message)
