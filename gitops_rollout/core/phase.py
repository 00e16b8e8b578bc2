"""Where a component stands, in one word for people who read `status`. Decisions never look at it."""

from gitops_rollout.core.decide.conditions import created_is_ready, is_split, ready_is_rolled
from gitops_rollout.model.decision import Phase
from gitops_rollout.model.observation import Observation, Readiness


def phase_of(seen: Observation) -> Phase:
    """The phase of one component."""
    if not seen.present:
        return Phase.MISSING
    if seen.ignored_field is not None or seen.mode_without_traffic is not None:
        return Phase.IGNORED
    if seen.stopped:
        return Phase.STOPPED
    if seen.rolled is None:
        return Phase.FIRST
    if not (seen.in_sync and seen.settled):
        return Phase.SETTLING
    return _at_rest(seen)


def _at_rest(seen: Observation) -> Phase:
    if seen.desired == 0 and (seen.zeroed or seen.known_bad) and not seen.restored:
        return Phase.ROLLED_BACK
    if not created_is_ready(seen):
        is_failed = seen.created_readiness in (Readiness.FAILED, Readiness.OVERDUE)
        return Phase.FAILED if is_failed else Phase.PENDING
    if not ready_is_rolled(seen):
        return Phase.ACTIVE if is_split(seen.desired) else Phase.PENDING
    is_fresh = seen.desired is None and seen.previous is not None and seen.bake.open
    return Phase.PROMOTED if is_fresh else Phase.STABLE
