"""One component of one InferenceService before and after a person's change, and the world it would meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gitops_rollout.core.forecast.live import template
from gitops_rollout.core.forecast.merge import Forecast, forecast_spec, wanted, words
from gitops_rollout.core.forecast.world import World
from gitops_rollout.core.history import Timeline
from gitops_rollout.core.memory import is_zeroed
from gitops_rollout.core.percent import FIELD, Percent, read_percent
from gitops_rollout.core.runs import running_models, runs_of
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Component, Manifest


@dataclass(frozen=True)
class SpecChange:
    """What the base branch states, what it would state, and the component's world when that arrives.

    `before` is None for a new InferenceService. `line` is the component's history on the base branch, None where it
    has none. `world` is what runs: as the cluster shows it (`live` is set then), else as it would be had the cluster
    followed Git and every revision become ready. `first_step` is the policy's first step in percent.
    """

    component: Component
    before: Manifest | None
    after: Manifest
    line: Timeline | None
    world: World
    live: LiveInferenceService | None = None
    first_step: int | None = None

    @cached_property
    def was(self) -> Percent:
        """The percent on the base branch."""
        return Percent() if self.before is None else read_percent(self.before.spec.get(self.component.value))

    @cached_property
    def now(self) -> Percent:
        """The percent that the change leaves."""
        return read_percent(self.after.spec.get(self.component.value))

    @cached_property
    def is_new(self) -> bool:
        """Whether the base branch does not state this component yet."""
        return self.before is None or self.component.value not in self.before.spec

    @cached_property
    def is_other_model(self) -> bool:
        """Whether the component is to run something else than the base branch states."""
        return not self.is_new and _digest(self.before, self.component) != _digest(self.after, self.component)

    @cached_property
    def is_other_target(self) -> bool:
        """Whether any component of the target is to run something else."""
        before = None if self.before is None else running_models(self.before.spec).target
        return before != running_models(self.after.spec).target

    @cached_property
    def is_metadata_only(self) -> bool:
        """Whether the revision template changes although the component's own spec stays as it is."""
        if self.is_new or self.before is None:
            return False
        part = self.component.value
        if _without_percent(self.before.spec.get(part)) != _without_percent(self.after.spec.get(part)):
            return False
        return self._template(self.before) != self._template(self.after)

    @cached_property
    def zeroed(self) -> bool:
        """Whether the base branch holds a 0 that took back what it states."""
        return self.line is not None and is_zeroed(self.line)

    @cached_property
    def canary(self) -> str | None:
        """The latest ready revision where it is another one than the baseline: what a removed percent sends all to."""
        service, rolled = self.world.service, self.world.tracking.latest_rolledout
        ready = None if service is None else service.status.latest_ready
        return ready if ready and rolled and ready != rolled else None

    @cached_property
    def forecast(self) -> Forecast:
        """What the change does to the component's traffic."""
        return forecast_spec(self.world, wanted(self.world, self.live, self.component, self.before, self.after))

    @cached_property
    def evidence(self) -> str:
        """The forecast in one sentence, and what it starts from."""
        start = "as the cluster is now" if self.live else "as Git's history would have it, every revision ready"
        return f"{words(self.forecast)} ({start})"

    def _template(self, manifest: Manifest) -> str:
        return template(self.component, manifest.spec, manifest.labels, manifest.annotations)


def _digest(manifest: Manifest | None, component: Component) -> str | None:
    return None if manifest is None else running_models(manifest.spec).components.get(component)


def storage_uri(change: SpecChange) -> str | None:
    """The storage URI that the component is to load, where it has one."""
    own = change.after.spec.get(change.component.value)
    uri = runs_of(own).get("storageUri") if isinstance(own, Mapping) else None
    return uri if isinstance(uri, str) else None


def _without_percent(own: Any) -> Any:
    return {key: value for key, value in own.items() if key != FIELD} if isinstance(own, Mapping) else own
