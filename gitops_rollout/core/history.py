"""What the base branch said about one component, commit by commit: when its percent was set and what ran changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from gitops_rollout.core.marker import parse_marker
from gitops_rollout.core.percent import Percent, read_percent
from gitops_rollout.core.runs import Runs, all_runs, running_models
from gitops_rollout.model.history import Arrival, History, Marker, RunningModels
from gitops_rollout.model.targets import Component, Manifest

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """What one first-parent commit said of one component.

    `target` is D, the digest of everything that the target runs, `digest` the component's own; both are None, with
    `runs`, where the document or the component was absent. `marker` is the one on the percent's line.
    """

    commit: str
    committed: datetime
    percent: Percent = field(default_factory=Percent)
    target: str | None = None
    digest: str | None = None
    runs: Runs | None = None
    marker: Marker | None = None

    @property
    def full(self) -> bool:
        """Whether the component ran without a split: present, and no percent or 100."""
        return self.runs is not None and (not self.percent.stated or self.percent.value == 100)

    @property
    def zero(self) -> bool:
        """Whether the percent was 0."""
        return self.percent.value == 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Versions of one component, newest first; the first is what the base branch says now."""

    versions: tuple[Version, ...]
    complete: bool = True


def timelines(history: History, current: Manifest) -> dict[Component, Timeline]:
    """The timeline of each component that `current` has, which is what the base branch says now.

    Without any known arrival today's text is all there is: incomplete, and as if it had arrived at the end of time.
    """
    arrivals = history.arrivals or (Arrival("", _NEVER, "", "", current),)
    told = [_tell(current), *(_tell(arrival.manifest) for arrival in arrivals[1:])]
    complete = history.complete and bool(history.arrivals)
    return {
        component: Timeline(
            tuple(one.version(arrival, component) for arrival, one in zip(arrivals, told, strict=True)), complete
        )
        for component in told[0].runs
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """What one text of the document says, read once for all components."""

    manifest: Manifest | None
    runs: dict[Component, Runs]
    models: RunningModels

    def version(self, arrival: Arrival, component: Component) -> Version:
        if self.manifest is None or component not in self.runs:
            return Version(arrival.commit, arrival.committed)
        return Version(
            commit=arrival.commit,
            committed=arrival.committed,
            percent=read_percent(self.manifest.spec.get(component)),
            target=self.models.target,
            digest=self.models.components[component],
            runs=self.runs[component],
            marker=parse_marker(self.manifest.comments.get(component)),
        )


def _tell(manifest: Manifest | None) -> _Told:
    spec = {} if manifest is None else manifest.spec
    return _Told(manifest, all_runs(spec), running_models(spec))


def last_set(line: Timeline) -> Version | None:
    """The version that set the percent or changed what the target runs; None where history does not reach back."""
    versions = line.versions
    for newer, older in pairwise(versions):
        if newer.percent != older.percent or newer.target != older.target:
            return newer
    return versions[-1] if line.complete else None


def canary_since(line: Timeline) -> datetime | None:
    """When today's model first came with a percent below 100, without a change since; None where it has none.

    Of a history that is cut off, the oldest commit that is known: it is at least that old.
    """
    today = line.versions[0].target
    run = _leading(line.versions, lambda one: one.percent.stated and one.percent.value != 100 and one.target == today)
    return run[-1].committed if run and run[-1].committed != _NEVER else None


def zeros(line: Timeline) -> tuple[Version, ...]:
    """The current run of zeros, newest first: its last one began it."""
    return _leading(line.versions, lambda version: version.zero)


def is_regression(line: Timeline) -> bool:
    """Whether today's run of percents began without a change of what runs, from none or 100, and never held 0.

    That is a percent put on a promoted service: not a canary, but a fallback of KServe's tracking.
    """
    run = _leading(line.versions, lambda version: version.percent.stated and version.percent.value != 100)
    if not run or len(run) == len(line.versions) or any(version.zero for version in run):
        return False
    return line.versions[len(run)].digest == run[-1].digest


def ran_before(line: Timeline) -> Version | None:
    """What ran without a split before today's model was promoted: canaries in between never ran in full."""
    versions = line.versions
    today = versions[0].digest
    promoted = _leading(versions, lambda version: version.full and version.digest == today)
    return next((version for version in versions[len(promoted) :] if version.full), None)


def promotion_commit(line: Timeline) -> str | None:
    """The commit since which today's model runs without a split; None where it has one, or history is too short."""
    versions = line.versions
    run = _leading(versions, lambda version: version.full and version.digest == versions[0].digest)
    return run[-1].commit if run and (line.complete or len(run) < len(versions)) else None


def _leading(versions: Sequence[Version], holds: Callable[[Version], bool]) -> tuple[Version, ...]:
    for index, version in enumerate(versions):
        if not holds(version):
            return tuple(versions[:index])
    return tuple(versions)
