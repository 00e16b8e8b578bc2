"""Performs what was judged, in an order that is safe to break off: whatever was done, the next run goes on from it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from gitops_rollout.core.lifecycle.verdicts import Close, Effect, Merge, Open, Unmark, Update, Verdicts
from gitops_rollout.model.change import Did, PullReport
from gitops_rollout.model.decision import Action
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.judge import Ground, Judgement
from gitops_rollout.reconcile.pulls.opening import clear_the_way, drop_twins, open_proposals
from gitops_rollout.reconcile.pulls.remarks.speak import Voice, speak, speak_against
from gitops_rollout.reconcile.pulls.upkeep import close, merge, unmark, update

OneEffect = TypeVar("OneEffect", bound=Effect)


def foreseen(judgement: Judgement) -> dict[str, PullReport]:
    """What a run reports when it acts and all goes well; a change without any pull request is left out."""
    reports: dict[str, PullReport] = {}
    for change, verdict in judgement.verdicts.items():
        pull = verdict.pull
        if pull is not None:
            reports[change] = PullReport(
                pull.number, pull.url, pull.state, verdict.did, verdict.message, ended=pull.ended
            )
        elif verdict.did is not Did.NONE:
            reports[change] = PullReport(None, None, None, verdict.did, verdict.message)
    return reports


def act(ground: Ground, judgement: Judgement, voice: Voice | None = None) -> Acted:
    """Perform every effect. One that fails is reported under its change and stops no other.

    First what must not be merged is closed; then rollbacks open; then all else opens, and what it supersedes closes.
    What is open then is remarked on (`voice` gives the comments), and what may be is merged at last. Every effect
    looks at what is there, so that done twice it does nothing the second time.
    """
    acted = Acted(foreseen(judgement), dict(judgement.errors))
    verdicts = judgement.verdicts
    speak_against(ground, acted, judgement)
    for change, closing in _each(verdicts, Close):
        close(ground, acted, change, closing)
    opens = dict(_each(verdicts, Open))
    rollbacks = {change: effect for change, effect in opens.items() if _goes_back(effect)}
    forward = {change: effect for change, effect in opens.items() if change not in rollbacks}
    if rollbacks:
        clear_the_way(ground, acted, rollbacks)
        open_proposals(ground, acted, rollbacks)
    if forward:
        open_proposals(ground, acted, forward)
    if opens:
        drop_twins(ground, acted, opens)
    for change, updating in _each(verdicts, Update):
        update(ground, acted, change, updating)
    for change, unmarking in _each(verdicts, Unmark):
        unmark(ground, acted, change, unmarking.pull)
    wrote = any(not isinstance(effect, Merge) for verdict in verdicts.values() for effect in verdict.effects)
    speak(ground, acted, judgement, voice, again=wrote)
    for change, merging in _each(verdicts, Merge):
        merge(ground, acted, change, merging)
    for change in acted.remarked & acted.reports.keys():
        acted.reports[change] = replace(acted.reports[change], remarked=True)
    return acted


def _each(verdicts: Verdicts, kind: type[OneEffect]) -> Iterator[tuple[str, OneEffect]]:
    for change, verdict in verdicts.items():
        yield from ((change, effect) for effect in verdict.effects if isinstance(effect, kind))


def _goes_back(effect: Open) -> bool:
    return effect.proposal.change.decision.action is Action.ROLLBACK
