"""From what was seen to a decision for every target, alone: documents that several share come after."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import decide_target
from gitops_rollout.core.mass_failure import is_its_own_fault, mass_failures
from gitops_rollout.core.settings import settings_for
from gitops_rollout.model.decision import Action, Reason
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.observation import RollbackRecord, TargetFacts
from gitops_rollout.model.targets import Source, Target
from gitops_rollout.reconcile.decision.gates import age_problem, in_flight
from gitops_rollout.reconcile.decision.judged import Judged, hold
from gitops_rollout.reconcile.engines.deliveries import Deliveries
from gitops_rollout.reconcile.observation.measure import measure
from gitops_rollout.reconcile.observation.observe import Seen
from gitops_rollout.reconcile.world import World

Rollbacks = Mapping[Source, tuple[RollbackRecord, ...]]


def judge_all(world: World, seen: Seen, rollbacks: Rollbacks) -> tuple[Judged, ...]:
    """Every target assessed and decided on its own, in the order of the targets."""
    engines = Deliveries(world, seen.views.values())
    return tuple(
        judge(world, seen, target, rollbacks.get(target.manifest.source, ()), engines) for target in seen.targets
    )


def judge_again(world: World, seen: Seen, judged: Sequence[Judged], rollbacks: Rollbacks) -> tuple[Judged, ...]:
    """The same targets, those decided anew of whose documents more is known."""
    engines = Deliveries(world, seen.views.values())
    return tuple(
        judge(world, seen, one.target, rollbacks[one.target.manifest.source], engines)
        if one.target.manifest.source in rollbacks
        else one
        for one in judged
    )


def judge(
    world: World, seen: Seen, target: Target, rollbacks: tuple[RollbackRecord, ...], engines: Deliveries
) -> Judged:
    """One target: assessed, decided, and held back where its view is too old."""
    settings = settings_for(world.policy, target.key)
    history = seen.history(target)
    view = seen.views.get(target.key.cluster)
    if view is None or view.unreachable is not None:
        return Judged(target, settings, history, hold(Reason.UNREACHABLE, _no_view(target, view)))
    live = view.services.get((target.key.namespace, target.key.name))
    beyond = view.out_of_reach(target.key.namespace, target.manifest.labels)
    if beyond is not None and (live is None or target.key.namespace in view.unread):
        return Judged(target, settings, history, hold(Reason.UNREACHABLE, f"cluster {view.cluster}: {beyond}"))
    seen_at = view.seen_at or world.now
    facts = TargetFacts(target, settings, live, history, world.now, seen_at, rollbacks, cluster=view.settings)
    facts = replace(facts, delivery=engines.of(target, live, history))
    observation = assess(replace(facts, measurements=measure(facts, world.providers)))
    decision = decide_target(observation)
    judged = Judged(target, settings, history, decision, live=live, observation=observation)
    problem = age_problem(seen_at, world.now, world.policy.limits)
    return in_flight(judged) if problem is None else judged.kept(Reason.STALE, problem)


def with_common_cause(judged: Sequence[Judged]) -> list[Judged]:
    """Rollbacks of a cluster in which too many canaries fail at once become one alarm each."""
    decided = {
        one.target.key: (one.observation, one.decision)
        for one in judged
        if one.observation is not None and one.kept_back is None
    }
    failing = mass_failures(decided)
    return [_held_by_mass(one, failing) for one in judged]


def _held_by_mass(one: Judged, failing: Mapping[str, int]) -> Judged:
    count = failing.get(one.target.key.cluster)
    if count is None or one.decision.action is not Action.ROLLBACK or one.observation is None:
        return one
    if is_its_own_fault(one.observation):
        return one
    common = f"{count} canaries of {one.target.key.cluster} fail at once: look for a common cause"
    return one.kept(Reason.MASS_FAILURE, f"{common}; {one.decision.message}", alarm=True)


def _no_view(target: Target, view: LiveView | None) -> str:
    cluster = target.key.cluster
    if view is None:
        return f"nothing shows cluster {cluster}: give --live {cluster}=snapshot:FILE or {cluster}=kube:CONTEXT"
    return f"cluster {cluster} did not answer: {view.unreachable}"
