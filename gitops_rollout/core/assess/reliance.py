"""Whether a revision can be gone back to, and what revisions hold: baseline truth before a rollback relies on it."""

from datetime import UTC, datetime

from gitops_rollout.core.assess.known import Known
from gitops_rollout.core.assess.readiness import describe, is_ready
from gitops_rollout.core.collection import collectable_from, retention
from gitops_rollout.core.pods import held_by, replicas_of, requests_of
from gitops_rollout.core.tracking import shares
from gitops_rollout.model.cluster import Collection
from gitops_rollout.model.live import Revision
from gitops_rollout.model.observation import RevisionState


def states(known: Known) -> tuple[RevisionState, ...]:
    """The revisions that tracking names, each once: created, ready, rolled out, previous."""
    tracking = known.tracking
    names = (tracking.latest_created, tracking.latest_ready, tracking.latest_rolledout, tracking.previous_rolledout)
    found = [(name, known.revision(name)) for name in dict.fromkeys(names) if name]
    return tuple(RevisionState(name) if one is None else _state(known, one) for name, one in found)


def trouble(known: Known, name: str | None) -> str:
    """Why a revision is nothing to go back to, in words; empty where it is there, ready, and stays."""
    revision = known.revision(name)
    if revision is None:
        return "its Revision is gone" if name else "there is none"
    if not is_ready(revision):
        return f"it is not ready: {describe(revision)}"
    return collection_trouble(known, name)


def collection_trouble(known: Known, name: str | None) -> str:
    """Says that Knative may collect a revision before a rollback to it is live, and since when; else empty.

    A rollback takes until it is merged and applied: the budget that the policy gives it, else its deadline.
    """
    revision, settings = known.revision(name), known.facts.settings
    due = None if revision is None else _collectable_from(known, revision)
    if due is None or due > known.facts.seen_at + (settings.rollback.budget or settings.deadline):
        return ""
    stated = known.facts.cluster.collection
    kept = retention(stated or Collection()) + ("" if stated else ", Knative's defaults")
    since = "at any time" if due <= known.facts.seen_at else f"from {_instant(due)} on"
    return f"Knative may collect it {since} (retired revisions are {kept})"


def holding(known: Known) -> str | None:
    """What a canary at 0 still holds, in words; None where it is none, or holds nothing."""
    tracking, today = known.tracking, known.today
    canary = known.revision(tracking.latest_created)
    if not today.zero or canary is None or canary.name == tracking.latest_rolledout:
        return None
    if shares(tracking.traffic).get(canary.name):
        return None
    held = held_by(canary)
    if not held:
        return None
    kept = f": min-scale {canary.min_scale} keeps it until another spec takes its place" if canary.min_scale else ""
    return f"{canary.name} takes no traffic and still holds {held}{kept}"


def _state(known: Known, revision: Revision) -> RevisionState:
    return RevisionState(
        name=revision.name,
        uid=revision.uid,
        created=revision.created,
        ready=is_ready(revision),
        replicas=replicas_of(revision),
        min_scale=revision.min_scale,
        requests=requests_of(revision),
        collectable_from=_collectable_from(known, revision),
    )


def _collectable_from(known: Known, revision: Revision) -> datetime | None:
    settings = known.facts.cluster.collection or Collection()
    return collectable_from(revision, known.live.revisions, known.live.service, settings)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
