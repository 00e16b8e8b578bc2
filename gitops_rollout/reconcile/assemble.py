"""Puts together what a run says of each target."""

from collections.abc import Mapping

from gitops_rollout.core.phase import phase_of
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.change import PullReport
from gitops_rollout.model.decision import Decision, Reason
from gitops_rollout.model.engines import Obstacle
from gitops_rollout.model.plan import ChangeReport, ComponentReport, TargetReport
from gitops_rollout.model.targets import Component, Duplicate, Unresolved
from gitops_rollout.reconcile.decision.judged import Judged, hold


def target_report(
    judged: Judged, decision: Decision, change: ChangeReport | None, pull: PullReport | None, error: str | None
) -> TargetReport:
    """What a run says of one target; `decision` is what came of it once pull requests were judged."""
    newest = judged.history.arrivals[0] if judged.history.arrivals else None
    return TargetReport(
        key=judged.target.key,
        source=judged.target.manifest.source,
        components=components_of(judged),
        decision=decision,
        change=change,
        pull=pull,
        error=judged.error or error,
        notes=(*judged.notes, *(judged.observation.notes if judged.observation else ()), *_engine(judged, decision)),
        delivery=judged.observation.delivery if judged.observation else None,
        changed=newest.committed if newest else None,
        arrived=parse_trailers(newest.message).action if newest else None,
    )


def _engine(judged: Judged, decision: Decision) -> tuple[str, ...]:
    """That the engine is paused or fails, where the decision does not say so itself."""
    delivery = judged.observation.delivery if judged.observation else None
    if delivery is None or delivery.obstacle is Obstacle.NONE or delivery.engine in decision.message:
        return ()
    return (
        f"{delivery.engine} {'is paused' if delivery.obstacle is Obstacle.PAUSED else 'fails'}: {delivery.because}",
    )


def components_of(judged: Judged) -> Mapping[Component, ComponentReport]:
    """What a run says of each component of a target."""
    observed = judged.observation.components if judged.observation else {}
    return {
        component: ComponentReport(
            desired=seen.desired,
            live=seen.live,
            phase=phase_of(seen),
            tracking=seen.tracking,
            traffic=seen.traffic,
            revisions=seen.revisions,
            began=seen.began,
        )
        for component, seen in observed.items()
    }


def duplicate_report(duplicate: Duplicate) -> TargetReport:
    """Two documents state one target: neither is touched, and the run fails."""
    first, second = duplicate.first, duplicate.second
    message = (
        f"two documents state it: {first.path}:{first.line} and {second.path}:{second.line}; "
        "remove one, or let `clusters[].paths` send them to different clusters"
    )
    decision = hold(Reason.UNRECOGNISED, message, alarm=True)
    return TargetReport(duplicate.key, first, {}, decision, error=message)


def unresolved_report(unresolved: Unresolved) -> TargetReport:
    """An InferenceService that could not become a target."""
    return TargetReport(unresolved.key, unresolved.source, {}, hold(Reason(unresolved.reason), unresolved.message))
