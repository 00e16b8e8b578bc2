"""One component as its controllers see it: what is wanted, KServe's tracking, the Knative Service and its Revisions."""

from dataclasses import dataclass, field
from enum import StrEnum

from gitops_rollout.model.live import ComponentStatus, KnativeStatus, TrafficTarget
from gitops_rollout.model.targets import Component


class Outcome(StrEnum):
    """What becomes of the newest revision: ready; never ready; failed; or Knative cannot even create it."""

    READY = "ready"
    PENDING = "pending"
    FAILED = "failed"
    NOT_CREATED = "not-created"


class State(StrEnum):
    """How far a revision has come."""

    READY = "ready"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Spec:
    """What the InferenceService asks for one component.

    `percent` is `canaryTrafficPercent`; equal `template`s are the same revision template, whatever they are made of.
    `inert`: auto-update is disabled. `gradual`: a `rollout-duration` is set.
    """

    template: str
    percent: int | None = None
    tag_routing: bool = False
    stopped: bool = False
    inert: bool = False
    gradual: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedRevision:
    """A Knative Revision; a name is used again after the Knative Service was deleted, a uid never is."""

    name: str
    uid: str
    template: str
    state: State


@dataclass(frozen=True, slots=True)
class Service:
    """The Knative Service. `configured` is the template of its Configuration's newest generation.

    `generation` counts writes of the spec, `configurations` those of the template (revisions are numbered by it).
    `uncreated`: the newest generation's Revision could not be created.
    """

    uid: str
    template: str
    traffic: tuple[TrafficTarget, ...]
    gradual: bool = False
    generation: int = 1
    configured: str | None = None
    configurations: int = 0
    uncreated: bool = False
    status: KnativeStatus = field(default_factory=KnativeStatus)


@dataclass(frozen=True, slots=True)
class World:
    """One component. `name` is its Knative Service's; `services` counts those made so far, for their uids.

    `refused` says why Knative's webhook did not take what KServe asked for.
    """

    name: str
    spec: Spec
    component: Component = Component.PREDICTOR
    tracking: ComponentStatus = field(default_factory=ComponentStatus)
    service: Service | None = None
    revisions: tuple[SimulatedRevision, ...] = ()
    services: int = 0
    refused: str | None = None

    @property
    def traffic(self) -> tuple[TrafficTarget, ...]:
        """What Knative routes now."""
        return self.service.status.traffic if self.service else ()

    def revision(self, name: str | None) -> SimulatedRevision | None:
        """The revision of that name, None where there is none."""
        return next((revision for revision in self.revisions if revision.name == name), None)


def condition(status: KnativeStatus, kind: str) -> tuple[str, str | None]:
    """Status and reason of a condition; `Unknown` where it is not there."""
    return next(((c.status, c.reason) for c in status.conditions if c.type == kind), ("Unknown", None))
