"""Since when an alarm stands, as far as Git, the cluster and the clock of a rollback tell."""

from datetime import datetime

from gitops_rollout.core.assess.readiness import find_condition, is_unready
from gitops_rollout.model.decision import Decision, Reason
from gitops_rollout.model.observation import TargetFacts
from gitops_rollout.model.rollback import RollbackClock

# What the text of the document alone says: it stands since the commit that wrote it.
_WRITTEN = frozenset(
    {Reason.IGNORED_FIELD, Reason.INVALID_PERCENT, Reason.NO_BASELINE, Reason.TRACKING_REGRESSED, Reason.REFUSED}
)
# What the status of a Revision says: it stands since that turned.
_FAILED = frozenset({Reason.FAILED_UNGUARDED, Reason.RESTORE_FAILED, Reason.BASELINE_NOT_READY})


def alarm_since(facts: TargetFacts, decision: Decision, clock: RollbackClock | None) -> datetime | None:
    """When the alarm of a decision began; None where it is no alarm, or nothing tells."""
    if not decision.alarm:
        return None
    if clock is not None and clock.overdue and clock.started is not None and clock.budget is not None:
        return clock.started + clock.budget
    arrived = facts.history.arrivals[0].committed if facts.history.arrivals else None
    if decision.reason in _WRITTEN:
        return arrived
    if decision.reason is Reason.OUT_OF_SYNC and arrived is not None:
        return arrived + facts.settings.deadline
    return _turned(facts, decision) if decision.reason in _FAILED else None


def _turned(facts: TargetFacts, decision: Decision) -> datetime | None:
    named = {ref.name for ref in (*decision.candidate.values(), *decision.baseline.values())}
    shown = [one for part in facts.live.components.values() for one in part.revisions] if facts.live else []
    turned = [
        ready.last_transition
        for revision in shown
        if revision.name in named and is_unready(revision)
        for ready in [find_condition(revision.conditions, "Ready")]
        if ready is not None and ready.last_transition is not None
    ]
    return max(turned, default=None)
