"""Tells the clock of a rollback from what Git, the forge and the cluster say; nothing is kept between runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gitops_rollout.core.assess.readiness import find_condition, is_unready
from gitops_rollout.core.assess.timing import traffic_since
from gitops_rollout.core.history import Timeline, Version, timelines, zeros
from gitops_rollout.core.memory import is_zeroed
from gitops_rollout.core.percent import read_percent
from gitops_rollout.core.tracking import shares
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.decision import Action, Decision, Reason
from gitops_rollout.model.engines import ENGINE_NAMES, Delivery, EngineKind
from gitops_rollout.model.live import LiveInferenceService, Revision
from gitops_rollout.model.observation import Observation, RevisionRef, TargetFacts, TargetObservation
from gitops_rollout.model.rollback import RollbackClock, Stage
from gitops_rollout.model.targets import Component


@dataclass(frozen=True, slots=True)
class Pulled:
    """What the clock needs of a rollback's pull request; `merged` is None while it is open."""

    number: int
    url: str
    opened: datetime | None = None
    merged: datetime | None = None
    draft: bool = False


def rollback_clock(
    facts: TargetFacts, observation: TargetObservation | None, decision: Decision, pull: Pulled | None
) -> RollbackClock | None:
    """The clock of the target's rollback, None where there is none under way and none at rest.

    A decision to roll back is one that waits for its pull request or its merge; a 0 that Git says took a model back
    is one that was merged. `observation` is None where the cluster shows nothing. An instant that cannot be (a
    verdict after the pull request, traffic that last moved before the merge) is unknown, not another one.
    """
    if decision.action is Action.ROLLBACK:
        return _deciding(facts, decision, pull)
    taken_back = rolled_back(facts)
    return _merged(facts, observation, taken_back, pull) if taken_back else None


def rolled_back(facts: TargetFacts) -> Mapping[Component, Version | None]:
    """The components that Git took back, with the version that began their 0 (None: before the known history)."""
    spec = facts.target.manifest.spec
    if all(read_percent(spec.get(component)).value != 0 for component in Component):
        return {}  # most targets, most of the time: their history need not be told again
    lines = timelines(facts.history, facts.target.manifest)
    return {component: _began(line) for component, line in lines.items() if is_zeroed(line)}


def _deciding(facts: TargetFacts, decision: Decision, pull: Pulled | None) -> RollbackClock:
    told = [_failed_at(facts, one, decision.reason) for one in decision.candidate.values()]
    clock = RollbackClock(Stage.PULL_REQUEST, facts.now, _last(told), budget=facts.settings.rollback.budget)
    if pull is None:
        return replace(clock, todo="`gitops-rollout reconcile` opens its pull request")
    verdict = _no_later(clock.verdict, pull.opened)
    clock = replace(clock, stage=Stage.MERGE, verdict=verdict, opened=pull.opened, todo=_to_merge(pull))
    if pull.merged is None:
        return clock
    return replace(clock, stage=Stage.SYNC, merged=pull.merged, todo=_to_sync(None))


def _merged(
    facts: TargetFacts,
    observation: TargetObservation | None,
    taken_back: Mapping[Component, Version | None],
    pull: Pulled | None,
) -> RollbackClock | None:
    began = list(taken_back.values())
    merged = _last(None if version is None else version.committed for version in began)
    opened = _no_later(pull.opened, merged) if pull else None
    clock = RollbackClock(
        Stage.SYNC,
        facts.now,
        _no_later(_verdict_of(facts, began), opened or merged),
        opened,
        merged,
        budget=facts.settings.rollback.budget,
        todo=_to_sync(observation.delivery if observation else None),
    )
    if observation is None:
        return replace(clock, todo=f"the cluster shows nothing: see whether it can be reached; {clock.todo}")
    seen = [one for component, one in observation.components.items() if component in taken_back]
    if not seen or any(not one.present for one in seen):
        return None
    if any(one.live != 0 for one in seen):
        return clock
    moved = _not_before(_last(_moved_at(facts.live, one.component) for one in seen), merged)
    synced = _not_before(_last(_set_at(facts.live, one.component) for one in seen), merged)
    clock = replace(clock, synced=_no_later(synced, facts.now))
    if not all(_is_back(one) for one in seen):
        return replace(clock, stage=Stage.TRAFFIC, todo=_to_move(facts, seen))
    return replace(clock, stage=Stage.DONE, synced=_no_later(synced, moved), moved=moved, todo="")


def _began(line: Timeline) -> Version | None:
    run = zeros(line)
    return run[-1] if len(run) < len(line.versions) or line.complete else None


def _verdict_of(facts: TargetFacts, began: Iterable[Version | None]) -> datetime | None:
    """Since when the cluster says that the revisions failed which the merged commits name as candidates."""
    commits = {version.commit for version in began if version is not None}
    said = [parse_trailers(arrival.message) for arrival in facts.history.arrivals if arrival.commit in commits]
    refs = [revision for one in said for revision in one.candidates.values()]
    reason = next((reason for one in said for reason in Reason if reason == one.reason), Reason.CANARY_FAILED)
    return _last(_failed_at(facts, ref, reason) for ref in refs)


def _failed_at(facts: TargetFacts, ref: RevisionRef, reason: Reason) -> datetime | None:
    """When a revision's own status turned against it, or its deadline ended; an analysis has no such instant."""
    revision = _revision(facts.live, ref)
    if revision is None:
        return None
    if reason is Reason.DEADLINE_EXCEEDED:
        return None if revision.created is None else revision.created + facts.settings.deadline
    ready = find_condition(revision.conditions, "Ready")
    return ready.last_transition if ready is not None and is_unready(revision) else None


def _revision(live: LiveInferenceService | None, ref: RevisionRef) -> Revision | None:
    shown = [one for component in live.components.values() for one in component.revisions] if live else []
    named = [one for one in shown if one.name == ref.name and ref.uid in (None, one.uid)]
    return named[0] if len(named) == 1 else None


def _set_at(live: LiveInferenceService | None, component: Component) -> datetime | None:
    """When the manager of the live percent last wrote (its entry's time in `metadata.managedFields`)."""
    owners = live.owners if live and live.owners else ()
    return _last(owner.time for owner in owners if owner.component is component)


def _moved_at(live: LiveInferenceService | None, component: Component) -> datetime | None:
    found = live.components.get(component) if live else None
    return None if found is None else traffic_since(found.service)


def _is_back(seen: Observation) -> bool:
    """Whether nothing but the baseline takes traffic."""
    takers = {name for name, share in shares(seen.traffic).items() if share > 0}
    return seen.rolled is not None and takers <= {seen.rolled.name} and bool(takers)


def _to_sync(delivery: Delivery | None) -> str:
    """Who has to sync and how to ask for it, as far as the engine is known."""
    if delivery is None or not delivery.engine:
        return "have the GitOps engine sync the base branch, and see whether it is paused or fails"
    namespace, _, name = delivery.engine.rpartition(" ")[2].partition("/")
    if delivery.engine.startswith(ENGINE_NAMES[EngineKind.APPLICATION]):
        command = f"argocd app sync {name} --app-namespace {namespace}"
    else:
        command = f"flux reconcile kustomization {name} --namespace {namespace} --with-source"
    because = f"{delivery.because}; " if delivery.because else ""
    return f"{because}have the {delivery.engine} sync: `{command}`"


def _to_merge(pull: Pulled) -> str:
    ready = "mark it ready, and " if pull.draft else ""
    return f"{ready}merge #{pull.number}" + (f" ({pull.url})" if pull.url.startswith(("https://", "http://")) else "")


def _to_move(facts: TargetFacts, seen: Iterable[Observation]) -> str:
    names = [
        component.service.name
        for one in seen
        if not _is_back(one) and facts.live is not None
        for component in [facts.live.components.get(one.component)]
        if component is not None and component.service is not None
    ]
    return "see why the traffic stays: " + (
        f"`kubectl describe ksvc {' '.join(names)} -n {facts.target.key.namespace}`" if names else "no Knative Service"
    )


def _last(instants: Iterable[datetime | None]) -> datetime | None:
    """The last of some instants; None where any of them is not known."""
    every = list(instants)
    known = [instant for instant in every if instant is not None]
    return max(known) if known and len(known) == len(every) else None


def _no_later(instant: datetime | None, than: datetime | None) -> datetime | None:
    return instant if instant is None or than is None or instant <= than else None


def _not_before(instant: datetime | None, than: datetime | None) -> datetime | None:
    return instant if instant is None or than is None or instant >= than else None
