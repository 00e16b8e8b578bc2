"""Opens pull requests of the embedded forge: many in one push, each with its branch and its lock or not at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gitops_rollout.forges.local.record import Event, Record, read_record
from gitops_rollout.forges.local.refs import OURS, PULLS, ROOT, branch_ref, lock_ref, number_of, pull_ref
from gitops_rollout.model.change import Did, Draft, PullReport, PullRequest, PullState
from gitops_rollout.model.doors import PullStore, RefUpdate

# With this many runs at once, each of them taking the same number, the last one still gets through.
ATTEMPTS = 64


def open_all(store: PullStore, drafts: Sequence[Draft], now: datetime, who: str) -> list[PullReport]:
    """One report a draft, in order: created, found (it is open already), or in conflict with what stands there."""
    reports: dict[int, PullReport] = {}
    reasons: dict[int, str] = {}
    for _ in range(ATTEMPTS):
        refs, heads = store.read_refs(ROOT), store.read_refs(OURS)
        left = []
        for place, draft in enumerate(drafts):
            if place not in reports:
                there = _there(store, draft, refs, heads)
                if there is None:
                    left.append(place)
                else:
                    reports[place] = there
        if not left:
            break
        taken = max((number_of(ref) for ref in refs if ref.startswith(PULLS)), default=0)
        records = [_record(drafts[place], number, now, who) for number, place in enumerate(left, taken + 1)]
        groups = [_group(store, drafts[place], record, heads, now) for place, record in zip(left, records, strict=True)]
        for place, record, result in zip(left, records, store.push(groups), strict=True):
            if result.accepted:
                # Somebody who does the very same at the same instant makes the very same commits.
                did = Did.FOUND if result.unchanged else Did.CREATED
                reports[place] = PullReport(record.pull.number, record.pull.url, record.pull.state, did)
            else:
                reasons[place] = result.reason or "refused"
    return [
        reports.get(place) or PullReport(None, None, None, Did.CONFLICT, f"could not be pushed: {reasons[place]}")
        for place in range(len(drafts))
    ]


def _there(store: PullStore, draft: Draft, refs: Mapping[str, str], heads: Mapping[str, str]) -> PullReport | None:
    """What stands in the way of opening it, None where nothing does."""
    lock = lock_ref(draft.branch)
    if lock in refs:
        pull = read_record(lock, store.read_files(refs[lock])).pull
        if pull.branch == draft.branch:
            return PullReport(pull.number, pull.url, pull.state, Did.FOUND)
        return PullReport(pull.number, pull.url, pull.state, Did.CONFLICT, f"{lock} is held by {pull.branch}")
    head = heads.get(branch_ref(draft.branch))
    if head not in (None, draft.commit, draft.expected):
        message = f"the branch {draft.branch} holds other commits: delete it to let it be proposed again"
        return PullReport(None, None, None, Did.CONFLICT, message)
    return None


def _record(draft: Draft, number: int, now: datetime, who: str) -> Record:
    pull = PullRequest(
        number=number,
        url=pull_ref(number),
        state=PullState.OPEN,
        branch=draft.branch,
        head=draft.commit,
        base_branch=draft.base_branch,
        title=draft.title,
        body=draft.body,
        author=who,
        labels=draft.labels,
        reviewers=draft.reviewers,
        assignees=draft.assignees,
        draft=draft.draft,
        created=now,
    )
    return Record(pull, (Event(now, who, "opened"),))


def _group(store: PullStore, draft: Draft, record: Record, heads: Mapping[str, str], now: datetime) -> list[RefUpdate]:
    number = record.pull.number
    commit = store.write_files(record.files(), f"Pull request #{number}: opened\n", [], now)
    head = heads.get(branch_ref(draft.branch))
    branch = [] if head == draft.commit else [RefUpdate(branch_ref(draft.branch), draft.commit, head)]
    return [*branch, RefUpdate(pull_ref(number), commit, None), RefUpdate(lock_ref(draft.branch), commit, None)]
