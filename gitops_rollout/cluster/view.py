"""From an assembly to the view that a source gives: with what was not shown, and what that costs."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from gitops_rollout.cluster import objects
from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.model.live import LiveInferenceService, LiveView

# Modes without Knative, by their names before and since KServe v0.16.
STANDARD_MODES = frozenset({"Standard", "RawDeployment", "ModelMesh"})


def make_view(
    cluster: str,
    assembly: Assembly,
    seen_at: datetime | None,
    notes: Sequence[str] = (),
    file_time: datetime | None = None,
) -> LiveView:
    """The view of one cluster. Without its Knative objects nothing can be judged: it then says `unreachable`."""
    services = assembly.services()
    engines = tuple(replace(engine, cluster=cluster) for engine in assembly.engines())
    return LiveView(
        cluster=cluster,
        seen_at=seen_at,
        services=services,
        notes=(*notes, *_notes(assembly, services.values())),
        unreachable=_blind(assembly, services.values()),
        file_time=file_time,
        engines=engines,
        settings=assembly.settings(),
        namespaces=assembly.limits.namespaces,
        labels=assembly.limits.labels,
        unread=assembly.limits.unread,
    )


def _blind(assembly: Assembly, services: Collection[LiveInferenceService]) -> str | None:
    """Why nothing can be judged: InferenceServices name revisions, but a whole kind was not shown."""
    named = any(
        component.tracking.latest_created
        for service in services
        if service.deployment_mode not in STANDARD_MODES
        for component in service.components.values()
    )
    for kind, title in ((objects.KNATIVE_SERVICE, "Knative Services"), (objects.REVISION, "Revisions")):
        if named and not assembly.counts[kind]:
            return f"no {title} were shown, so nothing can be judged: ask for isvc,ksvc,revisions"
    return None


def _notes(assembly: Assembly, services: Collection[LiveInferenceService]) -> list[str]:
    notes = []
    if not services and not assembly.engines():  # a hub shows engines alone
        notes.append("no InferenceServices were shown: every target counts as missing")
    hidden = sum(1 for service in services if service.owners is None)
    if hidden:
        notes.append(
            f"owner unknown for {hidden} of {len(services)} InferenceServices: "
            "managed fields were not shown (--show-managed-fields)"
        )
    notes += [f"passed over, not readable as an object: {what}" for what in assembly.unreadable]
    notes += [f"shown more than once, the last one counts: {what}" for what in assembly.repeated]
    return notes
