"""What is known of one component of one target when it is decided: the row of facts that the decision table reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitops_rollout.model.cluster import ClusterSettings
from gitops_rollout.model.engines import Delivery
from gitops_rollout.model.history import History, Marker, RunningModels
from gitops_rollout.model.live import ComponentStatus, LiveInferenceService, TrafficTarget
from gitops_rollout.model.policy import Settings
from gitops_rollout.model.targets import Component, Target


class Readiness(StrEnum):
    """How far a revision has come. `no-capacity` is a revision that cannot be scheduled: it hurts nobody."""

    READY = "ready"
    PENDING = "pending"
    NO_CAPACITY = "no-capacity"
    FAILED = "failed"
    OVERDUE = "overdue"


class Verdict(StrEnum):
    """What a measurement says; `none` where no analysis is configured."""

    PASS = "pass"
    FAIL = "fail"
    NO_DATA = "no-data"
    INCONCLUSIVE = "inconclusive"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RevisionRef:
    """A revision by name and uid, and the digest of the model it runs where that could be told."""

    name: str
    uid: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionState:
    """What a revision is and holds: pods, and what each of them asks of a node (`requests`: name to quantity).

    `created` is when it was made. `collectable_from` is when Knative may collect it as things stand, None for never.
    """

    name: str
    uid: str | None = None
    created: datetime | None = None
    ready: bool = False
    replicas: int | None = None
    min_scale: int | None = None
    requests: Mapping[str, str] = field(default_factory=dict)
    collectable_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value that a provider measured of one revision. `samples` is None where the provider has no such count."""

    name: str
    component: Component
    revision: str
    value: float | None
    samples: int | None = None
    failures: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A measurement set against its threshold."""

    name: str
    value: float | None
    threshold: float | None
    verdict: Verdict
    message: str = ""


@dataclass(frozen=True, slots=True)
class RollbackRecord:
    """A rollback pull request that names a digest; a vetoed one no longer counts against its model.

    `component` is the one whose 0 it writes (None: any). `touched` is the newest commit of the document's history
    below the pull request's base: a commit above it that raises the model again clears it.
    """

    number: int
    model: str
    vetoed: bool = False
    component: Component | None = None
    touched: str | None = None


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """Everything that one assessment is made from; pure input, nothing in it reads a clock.

    `now` is the instant to decide at and `seen_at` the instant of the live view; soak counts to `seen_at`. `delivery`
    is what the GitOps engine says, None where none is known.
    """

    target: Target
    settings: Settings
    live: LiveInferenceService | None
    history: History
    now: datetime
    seen_at: datetime
    rollbacks: tuple[RollbackRecord, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    delivery: Delivery | None = None
    cluster: ClusterSettings = field(default_factory=ClusterSettings)


@dataclass(frozen=True, slots=True)
class Bake:
    """The time after a promotion in which a failing analysis still rolls back.

    `previous_usable`: the previous revision is Ready, runs another model, is what Git's branch ran just before, and
    is not known-bad, and is not about to be collected; else `trouble` says why not, in words.
    """

    open: bool = False
    failing: bool = False
    previous_usable: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """Three-way knowledge of one component: what Git says, what the live spec says, what traffic does.

    Percents are whole numbers from 0 to 100, None where the field is absent. The names of the fields are the terms of
    the decision table in `docs/decision-table.md`. `drifted` says who changed the live object by hand, `remedy` what to
    do about it; `zeroed_by_hand` is an emergency: somebody took the canary's traffic away in the cluster.
    """

    component: Component
    # Git and the live spec
    desired: int | None = None
    live: int | None = None
    present: bool = True
    mode_without_traffic: str | None = None
    ignored_field: str | None = None
    invalid_percent: str | None = None
    stopped: bool = False
    inert: bool = False
    in_sync: bool = True
    difference: str | None = None
    owner: str | None = None
    sync_overdue: bool = False
    delivery: Delivery | None = None
    drifted: str | None = None
    remedy: str | None = None
    zeroed_by_hand: bool = False
    # the Knative Service
    routes_missing: bool = False
    settled: bool = True
    not_created: bool = False
    settle_overdue: bool = False
    unsettled_because: str | None = None
    tracking: ComponentStatus = field(default_factory=ComponentStatus)
    tracking_disagrees: str | None = None
    traffic: tuple[TrafficTarget, ...] = ()
    # revisions
    created: RevisionRef | None = None
    ready: RevisionRef | None = None
    rolled: RevisionRef | None = None
    previous: RevisionRef | None = None
    revisions: tuple[RevisionState, ...] = ()
    created_readiness: Readiness = Readiness.PENDING
    readiness_message: str = ""
    wanted: str = ""
    scaled_away: bool = False
    baseline_ready: bool = False
    baseline_trouble: str = ""
    baseline_known_bad: bool = False
    harmful: RevisionRef | None = None
    harm_message: str = ""
    canary_takes_traffic: bool = False
    canary_failing: bool = False
    worse_than_baseline: bool = False
    # history
    model: str = ""
    zeroed: bool = False
    known_bad: bool = False
    ready_is_bad: bool = False
    restored: bool = False
    regressed: bool = False
    named_by_rollback: bool = False
    named_models: tuple[str, ...] = ()
    history_complete: bool = True
    # judgement
    verdict: Verdict = Verdict.NONE
    evidence: tuple[Evidence, ...] = ()
    soaked: bool = False
    soaked_at: datetime | None = None
    window_open: bool = True
    window_opens_at: datetime | None = None
    next_step: int | None = None
    first_step: int | None = None
    bake: Bake = field(default_factory=Bake)
    set_by: str | None = None
    began: datetime | None = None
    too_old: bool = False


@dataclass(frozen=True, slots=True)
class TargetObservation:
    """The observations of all components of one target, and what concerns the target as a whole."""

    target: Target
    models: RunningModels
    components: Mapping[Component, Observation] = field(default_factory=dict)
    last_touched: str | None = None
    markers: Mapping[Component, Marker] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    delivery: Delivery | None = None
