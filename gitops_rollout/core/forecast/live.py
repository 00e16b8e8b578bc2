"""From what a cluster shows, or a manifest states, to the simulator's world."""

import json
from collections.abc import Mapping
from typing import Any

from gitops_rollout.core.forecast.world import Service, SimulatedRevision, Spec, State, World, condition
from gitops_rollout.core.traffic import TAG_ROUTING
from gitops_rollout.model.live import Condition, KnativeService, LiveComponent, LiveInferenceService, Revision
from gitops_rollout.model.targets import Component

PERCENT = "canaryTrafficPercent"
STOP = "serving.kserve.io/stop"
DISABLE_AUTO_UPDATE = "serving.kserve.io/disable-auto-update"
ROLLOUT_DURATION = "serving.knative.dev/rollout-duration"
# What KServe does not copy to the revision template (KServe v0.20 constants.go), and what acts without one.
_NOT_COPIED = frozenset(
    {
        "autoscaling.knative.dev/min-scale",
        "autoscaling.knative.dev/max-scale",
        "internal.serving.kserve.io/storage-initializer-sourceuri",
        "kubectl.kubernetes.io/last-applied-configuration",
        "networking.knative.dev/visibility",
    }
)


def spec_of(
    component: Component, spec: Mapping[str, Any], labels: Mapping[str, str], annotations: Mapping[str, str]
) -> Spec:
    """What an InferenceService asks for one component; `spec` is its whole `spec`, and what is no percent is none."""
    own = spec.get(component.value)
    percent = own.get(PERCENT) if isinstance(own, Mapping) else None
    return Spec(
        template=template(component, spec, labels, annotations),
        percent=percent if isinstance(percent, int) and not isinstance(percent, bool) else None,
        tag_routing=annotations.get(TAG_ROUTING) == "true",
        stopped=annotations.get(STOP) == "true",
        inert=annotations.get(DISABLE_AUTO_UPDATE) == "true",
        gradual=annotations.get(ROLLOUT_DURATION, "0s") not in ("0s", "0"),
    )


def template(
    component: Component, spec: Mapping[str, Any], labels: Mapping[str, str], annotations: Mapping[str, str]
) -> str:
    """All that ends in the revision template, so that equal texts make no new revision.

    That is the component's spec without its percent, and the InferenceService's own labels and annotations: KServe
    copies them, so a change of metadata alone is a new revision too.
    """
    own = spec.get(component.value)
    stated = {key: value for key, value in own.items() if key != PERCENT} if isinstance(own, Mapping) else own
    copied = [{k: v for k, v in entries.items() if k not in _NOT_COPIED} for entries in (labels, annotations)]
    return json.dumps([stated, *copied], sort_keys=True, default=str)


def world_of(live: LiveInferenceService, component: Component) -> World:
    """One component as it runs. The newest Revision is taken to run the live spec, as it does once KServe saw it."""
    spec = spec_of(component, live.spec, live.labels, live.annotations)
    shown = live.components.get(component, LiveComponent())
    if shown.service is None:
        return World(f"{live.name}-{component.value}", spec, component, shown.tracking)
    created = shown.service.status.latest_created
    revisions = tuple(
        SimulatedRevision(one.name, one.uid, spec.template if one.name == created else one.uid, _state(one))
        for one in shown.revisions or _unshown(shown)
    )
    return World(
        name=shown.service.name,
        spec=spec,
        component=component,
        tracking=shown.tracking,
        service=_service(shown.service, spec, shown.revisions or _unshown(shown)),
        revisions=revisions,
        services=1,
    )


def _service(shown: KnativeService, spec: Spec, revisions: tuple[Revision, ...]) -> Service:
    configurations = [one.configuration_generation or 0 for one in revisions]
    return Service(
        uid=shown.uid,
        template=spec.template,
        traffic=shown.traffic,
        gradual=spec.gradual,
        generation=shown.generation,
        configured=spec.template if shown.status.latest_created else None,
        configurations=max(configurations, default=0),
        uncreated=condition(shown.status, "ConfigurationsReady")[0] == "False"
        and shown.status.latest_created == shown.status.latest_ready,
        status=shown.status,
    )


def _unshown(shown: LiveComponent) -> tuple[Revision, ...]:
    """Where no Revisions were shown: those that the statuses name, all ready but a newest one that is not."""
    if shown.service is None:
        return ()
    status, tracking = shown.service.status, shown.tracking
    names = {status.latest_ready, status.latest_created, tracking.latest_rolledout, tracking.previous_rolledout}
    names |= {target.revision_name for target in status.traffic}
    newest = condition(status, "ConfigurationsReady")[0] if status.latest_created != status.latest_ready else "True"
    return tuple(
        Revision(
            name=name,
            uid=name,
            configuration_generation=int(number) if (number := name.rpartition("-")[2]).isdecimal() else None,
            conditions=(Condition("Ready", newest if name == status.latest_created else "True"),),
        )
        for name in sorted(name for name in names if name)
    )


def _state(revision: Revision) -> State:
    status = next((entry.status for entry in revision.conditions if entry.type == "Ready"), "Unknown")
    return {"True": State.READY, "False": State.FAILED}.get(status, State.PENDING)
