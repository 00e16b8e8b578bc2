"""A small GitOps engine with a small controller: what main says is applied, and statuses move as they were recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import yaml

from tests.servers.kube_api import KubeApi
from tests.traces import Scenario, Step
from tests.worlds import Place, git


@dataclass
class Engine:
    """Follows one file of main that goes through the steps of one recorded scenario."""

    kube_api: KubeApi
    place: Place
    scenario: Scenario
    applied: list[Step] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The file in Git."""
        return f"clusters/prod/{self.scenario.namespace}.yaml"

    def commit(self, step: int) -> None:
        """A person commits the manifest of a step, as it was recorded."""
        recorded = self.scenario.steps[step]
        text = yaml.safe_dump(recorded.manifest, sort_keys=False)
        self.place.commit({self.path: text}, recorded.title, datetime.now(UTC))

    def sync(self) -> Iterator[None]:
        """Apply what main says now; after each thing that was seen to change, let others look at the cluster."""
        step = self._step()
        if self.applied and self.applied[-1] is step:
            return
        self.applied.append(step)
        for snapshot in self.scenario.snapshots[step.first : step.last + 1]:
            self.kube_api.show(self.scenario.namespace, snapshot.items)
            yield

    def _step(self) -> Step:
        """The first recorded step from here on whose manifest is what main says; there must be one."""
        spec = yaml.safe_load(git(self.place.remote, "show", f"main:{self.path}"))["spec"]
        done = self.scenario.steps.index(self.applied[-1]) if self.applied else 0
        later = [step for step in self.scenario.steps[done:] if step.manifest and step.manifest["spec"] == spec]
        assert later, f"main says what {self.scenario.name} has no statuses for: {spec}"
        return later[0]
