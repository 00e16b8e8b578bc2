"""Revision tracking: what KServe makes of a Knative Service's status (KServe inference_service_status.go).

Only one level of history is kept: `latest_rolledout` is the revision that served 100 % last ("revision serving 100%
traffic after promotion"), `previous_rolledout` the one before it ("for rollback reference").
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gitops_rollout.model.live import ComponentStatus, Condition, KnativeStatus, TrafficTarget
from gitops_rollout.model.targets import Component


class Rules(StrEnum):
    """Which releases of KServe to follow: they treat a percent below 100 on the rolled out revision differently."""

    V0_9 = "v0.9"  # v0.9 to v0.20 and later
    V0_8 = "v0.8"  # v0.8 and older


# Condition of the InferenceService -> condition of the Knative Service; the explainer's route condition has an "s".
CONDITIONS: Mapping[Component, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        component: (
            (f"{prefix}Ready", "Ready"),
            (f"{prefix}{route}", "RoutesReady"),
            (f"{prefix}ConfigurationReady", "ConfigurationsReady"),
        )
        for component, prefix, route in (
            (Component.PREDICTOR, "Predictor", "RouteReady"),
            (Component.TRANSFORMER, "Transformer", "RouteReady"),
            (Component.EXPLAINER, "Explainer", "RoutesReady"),
        )
    }
)
_STATUSES = frozenset({"True", "False", "Unknown"})


@dataclass(frozen=True, slots=True)
class Tracked:
    """What KServe writes next: the component's status, the component's own conditions, and observedGeneration.

    `conditions` maps type to `True`, `False` or `Unknown` and leaves out what the Knative Service does not say: KServe
    then keeps what it had. `observed_generation` is the Knative Service's: of several components the last one wins.
    """

    component: ComponentStatus
    conditions: Mapping[str, str]
    observed_generation: int | None


def track(
    component: Component, previous: ComponentStatus, service: KnativeStatus, *, rules: Rules = Rules.V0_9
) -> Tracked:
    """The next status of one component, from its previous status and its Knative Service's status.

    Total: any status has an answer. An empty name counts as an absent one, as in Go.
    """
    statuses = _first_statuses(service.conditions)
    is_ready = statuses.get("Ready") == "True"
    rolled, before = _rolled_out(previous, service, rules)
    return Tracked(
        component=ComponentStatus(
            latest_ready=service.latest_ready or None,
            latest_created=service.latest_created or None,
            latest_rolledout=rolled,
            previous_rolledout=before,
            traffic=service.traffic,
            url=service.url if is_ready and service.url is not None else previous.url,
            address=service.address if is_ready and service.address is not None else previous.address,
        ),
        conditions={name: statuses[source] for name, source in CONDITIONS[component] if source in statuses},
        observed_generation=service.observed_generation,
    )


def shares(traffic: tuple[TrafficTarget, ...]) -> dict[str | None, int]:
    """Percent of each revision over all its targets; a target without a percent adds nothing."""
    sums: Counter[str | None] = Counter()
    for target in traffic:
        if target.percent is not None:
            sums[target.revision_name or None] += target.percent
    return dict(sums)


def _rolled_out(previous: ComponentStatus, service: KnativeStatus, rules: Rules) -> tuple[str | None, str | None]:
    """latestRolledout and previousRolledout; a second matching target sees what the first one changed."""
    ready = service.latest_ready or None
    is_latest = ready == (service.latest_created or None)
    rolled, before = previous.latest_rolledout or None, previous.previous_rolledout or None
    for target in service.traffic:
        if not target.latest_revision or (target.revision_name or None) != ready or target.percent is None:
            continue
        if rolled != ready:
            if target.percent == 100:
                rolled, before = ready, rolled
        elif is_latest and target.percent < 100 and _falls_back(before, service, rules):
            rolled = before
    return rolled, before


def _falls_back(before: str | None, service: KnativeStatus, rules: Rules) -> bool:
    """Whether a percent below 100 on the rolled out revision is a rollback; up to v0.8 it always was."""
    if rules is Rules.V0_8:
        return True
    return before is not None and shares(service.traffic).get(service.latest_ready or None) == 100


def _first_statuses(conditions: tuple[Condition, ...]) -> dict[str, str]:
    """Status by type; of a repeated type the first counts (as in Knative's GetCondition), unknown words do not."""
    statuses: dict[str, str] = {}
    for condition in conditions:
        statuses.setdefault(condition.type, condition.status)
    return {kind: status for kind, status in statuses.items() if status in _STATUSES}
