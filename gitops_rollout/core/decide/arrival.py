"""Outcomes of row 5, and what a paused or failing engine means for other decisions: forward waits, back does not."""

from dataclasses import replace

from gitops_rollout.core.decide.outcomes import alarm, hold
from gitops_rollout.model.decision import FORWARD, Action, ComponentDecision, Decision, Reason
from gitops_rollout.model.engines import Delivery, Obstacle, Reached
from gitops_rollout.model.observation import Observation


def out_of_sync(seen: Observation) -> ComponentDecision:
    """Row 5."""
    message = seen.difference or "the live spec is not what Git says"
    delivery = seen.delivery
    if seen.zeroed_by_hand:
        return alarm(seen, Reason.OUT_OF_SYNC, f"emergency: {message}; {_emergency(seen)}")
    if delivery is not None and delivery.reached is not Reached.YES and delivery.obstacle is not Obstacle.NONE:
        return _kept_away(seen, delivery, message)
    message = "; ".join([message, *_causes(seen)])
    if not seen.sync_overdue:
        return hold(seen, Reason.OUT_OF_SYNC, message)
    owner = "its owner is not shown" if seen.owner is None else f"the live percent is managed by {seen.owner}"
    return alarm(seen, Reason.OUT_OF_SYNC, f"{message}, past the deadline; {owner}")


def with_engine(decision: Decision, delivery: Delivery | None) -> Decision:
    """The decision, or the hold in its place while what is merged would not come to the cluster.

    A rollback is never held: it is said what else it takes. Where syncing by hand is the custom (no auto-sync, and
    nothing waits for it), going forward is not held either.
    """
    if delivery is None or not delivery.engine or decision.action not in FORWARD | {Action.ROLLBACK}:
        return decision
    if decision.action is Action.ROLLBACK:
        if delivery.obstacle is Obstacle.NONE:
            return decision
        return replace(decision, message=f"{decision.message}; {_afterwards(delivery)}")
    if delivery.reached is Reached.NO and delivery.obstacle is Obstacle.NONE:
        return _held(decision, Reason.OUT_OF_SYNC, delivery.message)
    if delivery.obstacle is Obstacle.FAILED:
        return _held(decision, Reason.SYNC_FAILED, f"{delivery.engine} fails: {delivery.because}", alarm=True)
    if delivery.obstacle is Obstacle.PAUSED and not (delivery.by_hand and delivery.reached is not Reached.NO):
        return _held(decision, Reason.ENGINE_PAUSED, f"{delivery.engine} is paused: {delivery.because}")
    if delivery.obstacle is Obstacle.PAUSED:
        return replace(decision, message=f"{decision.message}; {_afterwards(delivery)}")
    return decision


def _kept_away(seen: Observation, delivery: Delivery, message: str) -> ComponentDecision:
    """What Git says does not come to the cluster by itself."""
    message = "; ".join([message, delivery.message, *([seen.drifted] if seen.drifted else [])])
    if delivery.obstacle is Obstacle.FAILED:
        return alarm(seen, Reason.SYNC_FAILED, message)
    if seen.sync_overdue:
        return alarm(seen, Reason.ENGINE_PAUSED, f"{message}, past the deadline")
    return hold(seen, Reason.ENGINE_PAUSED, message)


def _causes(seen: Observation) -> list[str]:
    """Why the live object differs, as far as it is known: a hand, an engine that is on its way or looks elsewhere."""
    delivery, causes = seen.delivery, []
    if seen.drifted is not None:
        causes.append(seen.drifted)
        if delivery is not None and delivery.heals and not seen.remedy:
            causes.append(f"{delivery.engine} undoes that")
        if seen.remedy:
            causes.append(f"take it out with: {seen.remedy}")
    if delivery is not None and delivery.reached is Reached.NO:
        causes.append(delivery.message)
    elif delivery is not None and delivery.ignores:
        causes.append(f"{delivery.engine} ignores differences of canaryTrafficPercent, and does not bring it")
    elif delivery is not None and not delivery.engine:
        causes.append(delivery.message)
    return causes


def _emergency(seen: Observation) -> str:
    undone = f"{seen.delivery.engine} undoes that; " if seen.delivery is not None and seen.delivery.heals else ""
    return f"{seen.drifted}; {undone}make it true in Git: {seen.remedy}"


def _afterwards(delivery: Delivery) -> str:
    how = "sync it by hand after the merge" if delivery.by_hand else "see to it that the merge arrives"
    state = "is paused" if delivery.obstacle is Obstacle.PAUSED else "fails to sync"
    return f"{delivery.engine} {state}: {how}"


def _held(decision: Decision, reason: Reason, message: str, *, alarm: bool = False) -> Decision:
    message = f"{message}; not done: {decision.action} ({decision.message})"
    return replace(decision, action=Action.HOLD, reason=reason, message=message, alarm=alarm)
