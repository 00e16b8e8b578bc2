"""One reconcile of KServe's InferenceService controller (KServe v0.20 predictor.go, ksvc_reconciler.go)."""

from dataclasses import replace

from gitops_rollout.core.forecast.world import Service, World, condition
from gitops_rollout.core.tracking import track
from gitops_rollout.core.traffic import TAG_ROUTING, expected_traffic
from gitops_rollout.model.live import ComponentStatus, TrafficTarget


def reconcile(world: World) -> World:
    """Write the Knative Service that the spec and the tracking so far ask for, then track its status."""
    if world.spec.stopped:
        # A stop deletes the Knative Service, its Revisions with it, and wipes what was tracked.
        return replace(world, service=None, revisions=(), tracking=ComponentStatus(), refused=None)
    if world.spec.inert and world.service and condition(world.service.status, "Ready")[0] == "True":
        return world
    annotations = {TAG_ROUTING: "true"} if world.spec.tag_routing else {}
    traffic = expected_traffic(world.spec.percent, world.tracking, annotations)
    if refusal := refused(traffic):
        return replace(world, refused=refusal)
    written = _written(world, traffic)
    return replace(
        world,
        service=written,
        services=world.services if world.service else world.services + 1,
        tracking=track(world.component, world.tracking, written.status).component,
        refused=None,
    )


def refused(traffic: tuple[TrafficTarget, ...]) -> str | None:
    """Why Knative's webhook refuses a traffic list: a percent out of range, or a sum that is not 100."""
    percents = [target.percent or 0 for target in traffic]
    wrong = next((percent for percent in percents if not 0 <= percent <= 100), None)
    if wrong is not None:
        return f"{wrong} is not a percent from 0 to 100"
    return None if sum(percents) == 100 else f"the percents add up to {sum(percents)}"


def _written(world: World, traffic: tuple[TrafficTarget, ...]) -> Service:
    spec, service = world.spec, world.service
    if service is None:
        return Service(f"{world.name}/{world.services + 1}", spec.template, traffic, spec.gradual)
    written = replace(service, template=spec.template, traffic=traffic, gradual=spec.gradual)
    return service if written == service else replace(written, generation=service.generation + 1)
