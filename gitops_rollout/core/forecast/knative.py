"""One reconcile of Knative Serving's Configuration and Route (Knative v0.48 configuration.go, route.go)."""

from dataclasses import replace

from gitops_rollout.core.forecast.rollout import spread
from gitops_rollout.core.forecast.world import Outcome, Service, SimulatedRevision, State, World
from gitops_rollout.model.live import Condition, TrafficTarget

Said = tuple[str, str | None]  # status and reason of a condition

_CONFIGURATION: dict[State, Said] = {
    State.READY: ("True", None),
    State.PENDING: ("Unknown", None),
    State.FAILED: ("False", "RevisionFailed"),
}


def reconcile(world: World, outcome: Outcome) -> World:
    """Create the template's Revision, or let the newest one come to its `outcome`; then route."""
    if world.service is None:
        return world
    service = world.service
    moved = _create(world, service, outcome) if service.configured != service.template else _ripen(world, outcome)
    return _route(moved)


def _create(world: World, service: Service, outcome: Outcome) -> World:
    """A changed template is a new generation of the Configuration, also where it is one that was there before."""
    number = service.configurations + 1
    configured = replace(
        service, configured=service.template, configurations=number, uncreated=outcome is Outcome.NOT_CREATED
    )
    if configured.uncreated:
        return replace(world, service=configured)
    name = f"{world.name}-{number:05d}"
    created = SimulatedRevision(name, f"{service.uid}/{name}", service.template, State.PENDING)
    status = replace(configured.status, latest_created=name)
    return replace(world, service=replace(configured, status=status), revisions=(*world.revisions, created))


def _ripen(world: World, outcome: Outcome) -> World:
    """Only the newest revision's outcome is asked about; older ones stay as they are."""
    assert world.service is not None
    status = world.service.status
    newest = world.revision(status.latest_created)
    if newest is None or newest.state is not State.PENDING or outcome not in (Outcome.READY, Outcome.FAILED):
        return world
    became = replace(newest, state=State(outcome.value))
    if became.state is State.READY:
        status = replace(status, latest_ready=newest.name)
    revisions = tuple(became if revision is newest else revision for revision in world.revisions)
    return replace(world, service=replace(world.service, status=status), revisions=revisions)


def _route(world: World) -> World:
    """Route as the spec says. Where a revision cannot be routed to, the old traffic stays: only a condition says so."""
    assert world.service is not None
    service = world.service
    missing = _unroutable(world, service)
    traffic = service.status.traffic if missing else spread(service)
    in_progress = len(traffic) != len(service.traffic)
    routes = missing or (("Unknown", "RolloutInProgress") if in_progress else ("True", None))
    status = replace(
        service.status,
        traffic=traffic,
        conditions=_conditions(_configuration(world, service), routes),
        observed_generation=service.generation,
    )
    return replace(world, service=replace(service, status=status))


def _unroutable(world: World, service: Service) -> Said | None:
    """Status and reason of RoutesReady where a target cannot be routed to; of several a failure counts first.

    A target by name must be ready, the latest ready revision need only exist (Knative v0.48 route/traffic/traffic.go).
    """
    found = [_status_without(world, service, target) for target in service.traffic]
    return next(((status, "RevisionMissing") for status in ("False", "Unknown") if status in found), None)


def _status_without(world: World, service: Service, target: TrafficTarget) -> str | None:
    """What RoutesReady becomes for want of one target's revision, None where it can be routed to."""
    if not target.latest_revision:
        named = world.revision(target.revision_name)
        return "False" if named is None else {State.FAILED: "False", State.PENDING: "Unknown"}.get(named.state)
    if service.status.latest_ready is None:
        return "False" if _configuration(world, service)[0] == "False" else "Unknown"
    return None if world.revision(service.status.latest_ready) else "False"


def _configuration(world: World, service: Service) -> Said:
    """Status and reason of ConfigurationsReady."""
    newest = world.revision(service.status.latest_created)
    if service.uncreated:
        return "False", "RevisionFailed"
    return _CONFIGURATION[newest.state] if newest else ("Unknown", None)


def _conditions(configuration: Said, routes: Said) -> tuple[Condition, ...]:
    worst = next(
        (both for word in ("False", "Unknown") for both in (configuration, routes) if both[0] == word), ("True", None)
    )
    named = (("ConfigurationsReady", configuration), ("Ready", worst), ("RoutesReady", routes))
    return tuple(Condition(kind, status, reason) for kind, (status, reason) in named)
