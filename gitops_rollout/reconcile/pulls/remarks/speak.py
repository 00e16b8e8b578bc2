"""What is said on pull requests beside their bodies: the status of each head, and one comment with the evidence."""

from collections.abc import Callable, Sequence

from gitops_rollout.core.lifecycle.opened import Opened
from gitops_rollout.core.lifecycle.ready import closings, contrary_status, is_bare, ready_status
from gitops_rollout.core.lifecycle.verdicts import Verdict
from gitops_rollout.model.change import Draft, Standing
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.remarks import Remark
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.judge import Ground, Judgement, look
from gitops_rollout.reconcile.pulls.listing import Listing
from gitops_rollout.reconcile.pulls.upkeep import draft_of

Voice = Callable[[Verdict], str | None]
"""The comment for a verdict's change, with its hidden line; None where nothing is to be said."""


def speak_against(ground: Ground, acted: Acted, judgement: Judgement) -> None:
    """Before anything is closed: what is to be closed gets a failing status, so that it cannot be merged meanwhile."""
    if not ground.statuses:
        return
    remarks = {
        close.pull.number: (verdict.change, Remark(close.pull, status=status))
        for verdict in judgement.verdicts.values()
        for close in closings(verdict).values()
        if (status := contrary_status(close)) is not None and not close.pull.branch_deleted
    }
    _remark(ground, acted, list(remarks.values()))


def speak(ground: Ground, acted: Acted, judgement: Judgement, voice: Voice | None, *, again: bool) -> None:
    """Once all is opened and before anything is merged: statuses and comments of what stays open.

    `again`: this run has written, so the open ones are looked at once more.
    """
    try:
        opened = _look_again(ground, judgement) if again else judgement.opened
    except RolloutError as error:
        for change in judgement.verdicts:
            acted.failed(change, f"open pull requests could not be looked at again: {error.message}")
        return
    remarks = []
    for one in opened:
        verdict = judgement.verdicts.get(one.name.change)
        standing = judgement.standings.get(one.name.change)
        if verdict is None or standing is None or standing.withheld or one.pull.branch_deleted:
            continue
        if one.pull.number in closings(verdict):
            continue
        status = ready_status(one, standing, verdict) if ground.statuses else None
        comment = _comment(acted, voice, verdict)
        remarks.append((verdict.change, Remark(one.pull, comment, status, _bare(one, standing))))
    _remark(ground, acted, remarks)


def _comment(acted: Acted, voice: Voice | None, verdict: Verdict) -> str | None:
    return None if voice is None else acted.attempt(verdict.change, lambda: voice(verdict))


def _bare(opened: Opened, standing: Standing) -> Draft | None:
    proposal = standing.proposal
    if proposal is None or proposal.change.branch != opened.pull.branch or not is_bare(opened.pull, proposal.policy):
        return None
    return draft_of(proposal, opened.pull.head)


def _look_again(ground: Ground, judgement: Judgement) -> Sequence[Opened]:
    pulls = Listing(ground.forge, ground.base_branch).open()
    return look(ground, list(judgement.standings.values()), pulls)


def _remark(ground: Ground, acted: Acted, remarks: Sequence[tuple[str, Remark]]) -> None:
    if not remarks:
        return
    try:
        done = ground.forge.remark([remark for _, remark in remarks])
    except RolloutError as error:
        for change, remark in remarks:
            acted.failed(change, f"#{remark.pull.number} could not be remarked on: {error.message}")
        return
    for (change, _), one in zip(remarks, done, strict=True):
        if one.problem is not None:
            acted.failed(change, one.problem)
        if one.wrote:
            acted.remarked.add(change)
