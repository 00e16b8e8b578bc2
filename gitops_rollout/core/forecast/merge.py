"""What a merge will do to one component's traffic, for each way in which the newest revision may turn out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gitops_rollout.core.forecast.live import spec_of, world_of
from gitops_rollout.core.forecast.simulate import Pass, simulate
from gitops_rollout.core.forecast.world import Outcome, Spec, State, World, condition
from gitops_rollout.core.tracking import shares
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Component, Manifest


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the component comes to rest: percent by revision name (zeros included), and KServe's tracking.

    `latest` is the newest revision. `refused` says why Knative did not take the percent, `unserved` which revision
    should serve and cannot; in both cases the traffic stays as it was. `stopped`: nothing is served.
    """

    shares: Mapping[str, int]
    latest: str | None
    rolled: str | None
    previous: str | None
    refused: str | None = None
    unserved: str | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a change does. `new_revision` is the name of the revision it makes, None where the template stays as it is.

    `endings` has an entry for each outcome of the newest revision; `passes` are the reconciles that lead there.
    """

    component: Component
    new_revision: str | None
    endings: Mapping[Outcome, Ending]
    passes: Mapping[Outcome, tuple[Pass, ...]]


def forecast(
    live: LiveInferenceService | None, component: Component, before: Manifest | None, after: Manifest
) -> Forecast:
    """What becomes of `component` when Git's `before` turns into `after`, from what is live now.

    Whether the template changes is read from the two manifests: the live spec holds KServe's own defaults too. A
    percent that Git states neither before nor after stays as it is in the cluster.
    """
    world = (
        world_of(live, component) if live else World(f"{after.name}-{component.value}", Spec(template=""), component)
    )
    return forecast_spec(world, wanted(world, live, component, before, after))


def forecast_spec(world: World, spec: Spec) -> Forecast:
    """What becomes of a component when `spec` is applied to it."""
    passes = {outcome: simulate(world, spec, outcome) for outcome in Outcome}
    ends = {outcome: made[-1].world if made else replace(world, spec=spec) for outcome, made in passes.items()}
    known = {revision.uid for revision in world.revisions}
    made = [revision.name for revision in ends[Outcome.PENDING].revisions if revision.uid not in known]
    return Forecast(
        component=world.component,
        new_revision=made[-1] if made else None,
        endings={outcome: _ending(end) for outcome, end in ends.items()},
        passes=passes,
    )


def wanted(
    world: World, live: LiveInferenceService | None, component: Component, before: Manifest | None, after: Manifest
) -> Spec:
    """The live spec as it will be once `after` is applied where `before` was."""
    kept = {} if live is None else {k: v for k, v in live.annotations.items() if before and k not in before.annotations}
    spec = spec_of(component, after.spec, after.labels, {**kept, **after.annotations})
    if before is None:
        return spec
    was = spec_of(component, before.spec, before.labels, {**kept, **before.annotations})
    return replace(
        spec,
        template=world.spec.template if spec.template == was.template else spec.template,
        percent=world.spec.percent if spec.percent is None and was.percent is None else spec.percent,
    )


def words(seen: Forecast) -> str:
    """The forecast in one line, beginning `after the merge:`; names are the cluster's own, not escaped."""
    ready, meanwhile = seen.endings[Outcome.READY], seen.endings[Outcome.PENDING]
    if _told(ready) == _told(meanwhile):
        return f"after the merge: {_told(ready)}"
    newest = ready.latest or "the new revision"
    until = _told(meanwhile)
    return f"after the merge: {_told(ready)} once {newest} is ready; until then, and if it never is, {until}"


def _told(ending: Ending) -> str:
    split = sorted(ending.shares.items(), key=lambda share: (-share[1], share[0]))
    text = ", ".join(f"{percent} % on {name}" for name, percent in split if percent) or "nothing is served"
    if ending.stopped:
        return "nothing is served: the InferenceService is stopped"
    if ending.refused:
        return f"Knative refuses it ({ending.refused}), so that traffic stays {text}"
    if ending.unserved:
        return f"traffic stays {text}, for {ending.unserved}"
    return text


def _ending(world: World) -> Ending:
    status = world.service.status if world.service else None
    return Ending(
        shares={name or "": percent for name, percent in shares(world.traffic).items()},
        latest=status.latest_created if status else None,
        rolled=world.tracking.latest_rolledout,
        previous=world.tracking.previous_rolledout,
        refused=world.refused,
        unserved=_unserved(world),
        stopped=world.spec.stopped,
    )


def _unserved(world: World) -> str | None:
    """Which revision that is asked for by name keeps the route from being changed, and why."""
    if world.service is None or condition(world.service.status, "RoutesReady")[1] != "RevisionMissing":
        return None
    for name in (target.revision_name for target in world.service.traffic if target.revision_name):
        revision = world.revision(name)
        if revision is None or revision.state is not State.READY:
            return f"{name} is {'gone' if revision is None else 'not ready'}"
    return None
