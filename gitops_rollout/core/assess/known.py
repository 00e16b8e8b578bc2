"""What is known of one component before it is judged: Git's timeline, KServe's tracking, its Revisions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gitops_rollout.core.assess.readiness import find_revision
from gitops_rollout.core.assess.sync import component_patterns
from gitops_rollout.core.differences import without
from gitops_rollout.core.history import Timeline, Version
from gitops_rollout.core.revisions import ran
from gitops_rollout.core.tracking import shares, track
from gitops_rollout.model.live import ComponentStatus, LiveComponent, Revision
from gitops_rollout.model.observation import RevisionRef, TargetFacts
from gitops_rollout.model.targets import Component


@dataclass(frozen=True, slots=True)
class Known:
    """One component's facts. `tracking` is computed from the Knative status, as KServe would write it next."""

    facts: TargetFacts
    component: Component
    line: Timeline
    live: LiveComponent
    tracking: ComponentStatus

    @property
    def today(self) -> Version:
        """What the base branch says now."""
        return self.line.versions[0]

    def revision(self, name: str | None) -> Revision | None:
        """The Revision of a name, None where it is not shown or belongs to a deleted Knative Service."""
        return find_revision(self.live, name)

    def version(self, name: str | None) -> Version | None:
        """What of Git's history a revision runs."""
        found = self.revision(name)
        return None if found is None else ran(found, self._comparable())

    def ref(self, name: str | None) -> RevisionRef | None:
        """A revision by name, uid and model digest, as far as each is known."""
        if not name:
            return None
        found, version = self.revision(name), self.version(name)
        return RevisionRef(name, None if found is None else found.uid, None if version is None else version.target)

    def runs_git(self, name: str | None) -> bool:
        """Whether a revision runs what Git states today."""
        version = self.version(name)
        return version is not None and version.digest is not None and version.digest == self.today.digest

    def takers(self) -> tuple[str, ...]:
        """Revisions other than the baseline that take traffic, the largest share first."""
        found = shares(self.tracking.traffic)
        baseline = self.tracking.latest_rolledout
        names = [name for name, share in found.items() if name and share > 0 and name != baseline]
        return tuple(sorted(names, key=lambda name: (-found[name], name)))

    def _comparable(self) -> Iterable[Version]:
        """The versions without what the policy says to ignore: the cluster may have changed that."""
        patterns = component_patterns(self.component, self.facts.settings.ignore_differences)
        if not patterns:
            return self.line.versions
        return [
            version if version.runs is None else replace(version, runs=without(version.runs, patterns))
            for version in self.line.versions
        ]


def know(facts: TargetFacts, component: Component, line: Timeline) -> Known:
    """What is known of one component; a component that the cluster does not show has empty statuses."""
    live = (facts.live.components if facts.live else {}).get(component, LiveComponent())
    tracking = live.tracking
    if live.service is not None:
        tracking = track(component, live.tracking, live.service.status).component
    return Known(facts, component, line, live, tracking)
