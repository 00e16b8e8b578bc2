"""What the embedded forge keeps of comments and statuses: in each pull request's own record, one push for all."""

from collections.abc import Sequence
from datetime import datetime

from gitops_rollout.core.comment_marker import digest_of
from gitops_rollout.forges.local.record import HeadStatus, Record, read_record
from gitops_rollout.forges.local.refs import ROOT, lock_ref, pull_ref
from gitops_rollout.model.change import PullState
from gitops_rollout.model.doors import PullStore, RefUpdate
from gitops_rollout.model.remarks import Remark, Remarked

ATTEMPTS = 5


def remark_all(store: PullStore, remarks: Sequence[Remark], now: datetime) -> list[Remarked]:
    """One answer a remark, in order. A record that somebody else was writing is looked at again."""
    done: dict[int, Remarked] = {}
    reasons: dict[int, str] = {}
    for _ in range(ATTEMPTS):
        refs = store.read_refs(ROOT)
        groups: dict[int, list[RefUpdate]] = {}
        for place, remark in enumerate(remarks):
            if place in done:
                continue
            commit = refs.get(pull_ref(remark.pull.number))
            before = None if commit is None else read_record(pull_ref(remark.pull.number), store.read_files(commit))
            after = None if before is None else _after(before, remark)
            if commit is None or before is None or after is None or after == before:
                done[place] = Remarked()
                continue
            message = f"Pull request #{remark.pull.number}: remarked on\n"
            made = store.write_files(after.files(), message, [commit], now)
            groups[place] = [RefUpdate(pull_ref(remark.pull.number), made, commit)]
            lock = lock_ref(remark.pull.branch)
            groups[place] += [RefUpdate(lock, made, commit)] if refs.get(lock) == commit else []
        if not groups:
            break
        for place, result in zip(groups, store.push(list(groups.values())), strict=True):
            if result.accepted:
                done[place] = Remarked(wrote=not result.unchanged)
            else:
                reasons[place] = f"#{remarks[place].pull.number} could not be remarked on: {result.reason}"
    return [done.get(place) or Remarked(problem=reasons.get(place)) for place in range(len(remarks))]


def _after(record: Record, remark: Remark) -> Record | None:
    """The record as it should be; None where the pull request has ended meanwhile."""
    if record.pull.state is not PullState.OPEN:
        return None
    comment, status = record.comment, record.status
    if remark.comment is not None and digest_of(remark.comment) != digest_of(comment or ""):
        comment = remark.comment
    if remark.status is not None and remark.status != record.status_of(remark.pull.head):
        status = HeadStatus(remark.pull.head, remark.status)
    return Record(record.pull, record.events, comment, status)
