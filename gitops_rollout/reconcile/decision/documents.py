"""One document's decision, its proposal, and where its change stands in this run."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gitops_rollout.core.decide import Member, decide_document
from gitops_rollout.core.events import reverts
from gitops_rollout.core.identity import change_name
from gitops_rollout.model.change import Held, Proposal, Standing
from gitops_rollout.model.decision import Decision, Reason
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.history import History
from gitops_rollout.model.targets import Source
from gitops_rollout.reconcile.decision.gates import enrol
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.reconcile.decision.propose import Refused, propose
from gitops_rollout.reconcile.observation.builds import Builds
from gitops_rollout.reconcile.world import World
from gitops_rollout.report.templates import Templates


@dataclass(frozen=True, slots=True)
class Document:
    """All targets that one document serves, after they were decided together.

    `proposal` is what its decision would write, also where policy keeps it back; `standing` is what pull requests are
    judged against and holds the proposal only where it is to be made.
    """

    targets: tuple[Judged, ...]
    standing: Standing
    proposal: Proposal | None = None


def documents(
    world: World, judged: Sequence[Judged], templates: Templates, builds: Builds | None = None
) -> tuple[Document, ...]:
    """The documents of a run, each decided as one; a failure of one is written on its targets, the others go on."""
    groups: dict[Source, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.target.manifest.source].append(one)
    return tuple(_document(world, group, templates, builds) for group in groups.values())


def _document(world: World, group: list[Judged], templates: Templates, builds: Builds | None) -> Document:
    decision = group[0].outcome
    if len(group) > 1:
        decision = decide_document([_member(one) for one in group])
        group = [one if one.kept_back else replace(one, decision=decision) for one in group]
    touched = _touched([one.history for one in group])
    proposal: Proposal | None = None
    try:
        made = propose(world, group, decision, touched, templates, builds)
        if isinstance(made, Refused):
            group = [one.kept(Reason.REFUSED, made.message, alarm=True) for one in group]
            decision = group[0].outcome
        else:
            proposal = made
    except RolloutError as error:
        group = [replace(one, error=error.message) for one in group]
    group = [enrol(one) for one in group]
    return Document(tuple(group), _standing(group, decision, touched, proposal), proposal)


def _member(judged: Judged) -> Member:
    key, kept = judged.target.key, judged.kept_back
    if kept is None and judged.observation is None:
        kept = judged.decision
    held = None if kept is None else Held(key, kept.reason, kept.message, kept.alarm)
    return Member(key, judged.observation, judged.decision, held)


def _standing(group: Sequence[Judged], decision: Decision, touched: str | None, proposal: Proposal | None) -> Standing:
    source = group[0].target.manifest.source
    keys = tuple(sorted(one.target.key for one in group))
    withheld = any(one.withheld or one.error for one in group)
    return Standing(
        change=change_name(source, keys),
        source=source,
        targets=keys,
        decision=decision,
        touched=touched,
        proposal=None if withheld else proposal,
        withheld=withheld,
        rule=group[0].settings.rule,
        reverted=reverted(group[0].history),
    )


def _touched(histories: Sequence[History]) -> str | None:
    """The last commit that touched any of the targets; rendered ones each have a history of their own."""
    newest = [history.arrivals[0] for history in histories if history.arrivals]
    return max(newest, key=lambda arrival: arrival.committed).commit if newest else None


def reverted(history: History) -> frozenset[str]:
    """The commits that a later arrival of this document says it reverts."""
    return frozenset(commit for arrival in history.arrivals for commit in reverts(arrival.message))
