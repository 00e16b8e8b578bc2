"""The result of a run, from which every report is made: terminal, JSON and Markdown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gitops_rollout.model.change import PullReport
from gitops_rollout.model.decision import Decision, Phase
from gitops_rollout.model.engines import Delivery
from gitops_rollout.model.live import ComponentStatus, TrafficTarget
from gitops_rollout.model.observation import RevisionState
from gitops_rollout.model.rollback import RollbackClock
from gitops_rollout.model.targets import Component, Skipped, Source, TargetKey


@dataclass(frozen=True, slots=True)
class ComponentReport:
    """One component: percents in Git and live, phase, tracking as KServe computes it, traffic as Knative reports it.

    `revisions` are those that tracking names, with their ages and what they hold; `began` is when today's canary came.
    """

    desired: int | None
    live: int | None
    phase: Phase
    tracking: ComponentStatus
    traffic: tuple[TrafficTarget, ...] = ()
    revisions: tuple[RevisionState, ...] = ()
    began: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """The edit that a decision asks for. `commit` is None until it was made; `diff` is a unified diff."""

    id: str
    branch: str
    commit: str | None
    diff: str


@dataclass(frozen=True, slots=True)
class TargetReport:
    """Everything a run says of one target. `error` is set when something failed for this target alone.

    `rollback` is the clock of its rollback, where one is under way or at rest. `changed` is when a commit that touched
    it last arrived on the base branch, `alarm_since` when its alarm began, each None where that is not known; `arrived`
    is the action that came with that commit, where it was a rollout's (`step-25`).
    """

    key: TargetKey
    source: Source | None
    components: Mapping[Component, ComponentReport]
    decision: Decision
    change: ChangeReport | None = None
    pull: PullReport | None = None
    error: str | None = None
    notes: tuple[str, ...] = ()
    delivery: Delivery | None = None
    rollback: RollbackClock | None = None
    changed: datetime | None = None
    alarm_since: datetime | None = None
    arrived: str | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run. Targets are sorted by key; `failed` is True when the exit code is to be 1."""

    base_branch: str
    base_commit: str
    now: datetime
    targets: tuple[TargetReport, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    summary: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether anything failed: a target, a source, or an effect."""
        return bool(self.errors) or any(target.error for target in self.targets)
