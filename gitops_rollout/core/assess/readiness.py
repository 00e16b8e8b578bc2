"""How far a Revision has come, from its own conditions (Knative Serving v0.48 revision_lifecycle.go)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gitops_rollout.model.live import Condition, LiveComponent, Revision
from gitops_rollout.model.observation import Readiness


def find_condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """The condition of a type; where it is repeated and the entries disagree, it is the first one as Unknown.

    Knative's own lookup takes the first, and so does tracking; what is decided here waits until they agree.
    """
    found = [condition for condition in conditions if condition.type == kind]
    if len({condition.status for condition in found}) > 1:
        message = f"{kind} is stated {len(found)} times, and differently"
        return replace(found[0], status="Unknown", reason="Contradictory", message=message)
    return found[0] if found else None


def has_status(conditions: Iterable[Condition], kind: str, status: str) -> bool:
    """Whether a condition is there with this status."""
    found = find_condition(conditions, kind)
    return found is not None and found.status == status


def find_revision(live: LiveComponent, name: str | None) -> Revision | None:
    """The Revision of this name that belongs to the Knative Service as it is now.

    Names are used again after a Knative Service was deleted, so one of another Service is none; where two claim the
    same name, neither is believed.
    """
    uid = None if live.service is None else live.service.uid
    named = [one for one in live.revisions if one.name == name and one.service_uid in (None, uid)]
    return named[0] if len({one.uid for one in named}) == 1 else None


def is_ready(revision: Revision | None) -> bool:
    """Whether a Revision is there and says of itself that it is ready."""
    return revision is not None and has_status(revision.conditions, "Ready", "True")


def is_unready(revision: Revision | None) -> bool:
    """Whether a Revision says of itself that it is not ready, whatever the cause."""
    return revision is not None and has_status(revision.conditions, "Ready", "False")


def ready_since(revision: Revision | None) -> datetime | None:
    """When a Revision became ready; None where it is not, or does not say when."""
    if revision is None or not is_ready(revision):
        return None
    found = find_condition(revision.conditions, "Ready")
    return None if found is None else found.last_transition


def lacks_capacity(revision: Revision) -> bool:
    """Whether a Revision cannot be scheduled, or its pods cannot be made for want of quota. Nobody is hurt by it."""
    if has_status(revision.conditions, "ContainerHealthy", "False"):
        return False
    causes = [find_condition(revision.conditions, kind) for kind in ("Ready", "ResourcesAvailable")]
    return any(cause is not None and cause.status != "True" and _is_capacity(cause) for cause in causes)


def readiness(revision: Revision | None, *, is_latest_ready: bool, overdue: bool) -> Readiness:
    """How far the created revision has come; `overdue` says that its deadline has passed."""
    if is_latest_ready:
        return Readiness.READY
    if revision is None:
        return Readiness.PENDING
    if lacks_capacity(revision):
        return Readiness.NO_CAPACITY
    if is_unready(revision):
        return Readiness.FAILED
    return Readiness.OVERDUE if overdue and not is_ready(revision) else Readiness.PENDING


def describe(revision: Revision | None) -> str:
    """What a Revision says about its own state, in one line: the reason and message of what is not ready."""
    if revision is None:
        return "the Revision is not shown"
    for kind in ("Ready", "ResourcesAvailable", "ContainerHealthy"):
        found = find_condition(revision.conditions, kind)
        if found is not None and found.status != "True" and (found.reason or found.message):
            text = ": ".join(part for part in (found.reason, found.message) if part)
            return text.replace("\n", " ")[:200]
    return "no reason given"


def is_scaled_away(revision: Revision) -> bool:
    """Whether a revision that got no room was scaled to zero, after its progress deadline: for good (scaler.go)."""
    return lacks_capacity(revision) and has_status(revision.conditions, "Active", "False")


# Why a pod has no node yet, as its PodScheduled condition says and Knative's Revision repeats (reconcile_resources.go):
# no node fits, a queue or another gate keeps it back, the scheduler itself failed.
_UNSCHEDULED = frozenset({"Unschedulable", "SchedulingGated", "SchedulerError"})


def _is_capacity(condition: Condition) -> bool:
    return condition.reason in _UNSCHEDULED or "exceeded quota" in (condition.message or "")
