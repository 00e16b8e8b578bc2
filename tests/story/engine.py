"""A small GitOps engine with a small controller: what main says is applied, and statuses move as they were recorded.

It tells of itself as Argo CD or Flux would: what it has seen of main, and what it applied last.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import yaml

from tests.engines import application, kustomization
from tests.servers.kube_api import KubeApi
from tests.traces import Scenario, Step
from tests.worlds import Place, git


@dataclass
class Engine:
    """Follows one file of main that goes through the steps of one recorded scenario."""

    kube_api: KubeApi
    place: Place
    scenario: Scenario
    flux: bool = False
    applied: list[Step] = field(default_factory=list)
    head: str | None = None

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
        step, head = self._step(), git(self.place.remote, "rev-parse", "main")
        if self.applied and self.applied[-1] is step:
            self._tell(head)
            return
        self.applied.append(step)
        self._tell(head, has_applied=False)
        yield
        for snapshot in self.scenario.snapshots[step.first : step.last + 1]:
            self.kube_api.show(self.scenario.namespace, snapshot.items)
            self._tell(head)
            yield

    def _tell(self, head: str, *, has_applied: bool = True) -> None:
        """Write the engine's own object: it has seen the head of main, and applied it or what was there before."""
        self.head = head if has_applied else self.head
        name, make = self.scenario.namespace, kustomization if self.flux else application
        place = {} if self.flux else {"url": str(self.place.remote), "status": "Synced" if has_applied else "OutOfSync"}
        services = ((name, "iris"),)
        self.kube_api.restore(
            make(name, services=services, seen=head, applied=self.head, path="clusters/prod", **place)
        )

    def _step(self) -> Step:
        """The first recorded step from here on whose manifest is what main says; there must be one."""
        spec = yaml.safe_load(git(self.place.remote, "show", f"main:{self.path}"))["spec"]
        done = self.scenario.steps.index(self.applied[-1]) if self.applied else 0
        later = [step for step in self.scenario.steps[done:] if step.manifest and step.manifest["spec"] == spec]
        assert later, f"main says what {self.scenario.name} has no statuses for: {spec}"
        return later[0]
