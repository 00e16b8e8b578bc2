"""The statuses of KServe and Knative as JSON, read strictly and quickly: one line in, what the core needs out.

Unlike the reading of a whole cluster, a value of the wrong type is refused here, as KServe's own decoder would. Unknown
fields are dropped; null, an absent field and an empty name are the same. Percents and generations are 64-bit integers.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from gitops_rollout.model import live
from gitops_rollout.model.targets import Component

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class TrafficTarget(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """One entry of a traffic list."""

    configuration_name: str | None = None
    latest_revision: bool | None = None
    percent: Int64 | None = None
    revision_name: str | None = None
    tag: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        self.configuration_name = self.configuration_name or None
        self.revision_name = self.revision_name or None
        self.tag = self.tag or None

    def model(self) -> live.TrafficTarget:
        """The same entry in the project's words."""
        return live.TrafficTarget(self.revision_name, self.latest_revision, self.percent, self.tag, self.url)


class ComponentStatus(msgspec.Struct, rename="camel", omit_defaults=True):
    """`status.components.<component>` of an InferenceService; its `traffic` is not needed to compute the next one."""

    address: dict[str, Any] | None = None
    grpc_url: str | None = None
    latest_created_revision: str | None = None
    latest_ready_revision: str | None = None
    latest_rolledout_revision: str | None = None
    previous_rolledout_revision: str | None = None
    rest_url: str | None = None
    traffic: Sequence[TrafficTarget | None] | None = None
    url: str | None = None

    def model(self) -> live.ComponentStatus:
        """The same status in the project's words, without `traffic`."""
        return live.ComponentStatus(
            latest_ready=self.latest_ready_revision,
            latest_created=self.latest_created_revision,
            latest_rolledout=self.latest_rolledout_revision,
            previous_rolledout=self.previous_rolledout_revision,
            url=self.url,
            address=self.address,
        )


class Condition(msgspec.Struct, gc=False):
    """One entry of `status.conditions`; only what tracking reads."""

    type: str | None = None
    status: str | None = None


class KnativeStatus(msgspec.Struct, rename="camel"):
    """`status` of a Knative Service."""

    address: dict[str, Any] | None = None
    conditions: list[Condition | None] | None = None
    latest_created_revision_name: str | None = None
    latest_ready_revision_name: str | None = None
    observed_generation: Int64 | None = None
    traffic: Sequence[TrafficTarget | None] | None = None
    url: str | None = None

    def targets(self) -> list[TrafficTarget]:
        """The traffic list; null in it is an entry that says nothing, as in Go."""
        return [target or TrafficTarget() for target in self.traffic or ()]

    def model(self) -> live.KnativeStatus:
        """The same status in the project's words."""
        return live.KnativeStatus(
            latest_ready=self.latest_ready_revision_name,
            latest_created=self.latest_created_revision_name,
            traffic=tuple([target.model() for target in self.targets()]),
            conditions=tuple([live.Condition(c.type or "", c.status or "") for c in self.conditions or () if c]),
            observed_generation=self.observed_generation,
            url=self.url,
            address=self.address,
        )


class TrackLine(msgspec.Struct):
    """One line of `kserve track`."""

    component: Component
    previous: ComponentStatus | None = None
    service: KnativeStatus | None = None


class TrackAnswer(msgspec.Struct, rename="camel", omit_defaults=True):
    """One answer of `kserve track`; `conditions` is always there, be it empty."""

    component: ComponentStatus
    conditions: dict[str, str]
    observed_generation: int | None = None


class TrafficLine(msgspec.Struct):
    """One line of `kserve traffic`."""

    percent: Int64 | None = None
    status: ComponentStatus | None = None
    annotations: dict[str, str | None] | None = None
