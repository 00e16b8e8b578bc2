"""What is decided: the actions, the reason codes of the contract, and decisions per component and per target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitops_rollout.model.observation import Evidence, RevisionRef
from gitops_rollout.model.targets import Component


class Action(StrEnum):
    """What is proposed for a target; only the first four change Git."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    STEP = "step"
    START = "start"
    HOLD = "hold"
    STABLE = "stable"


CHANGING = frozenset({Action.PROMOTE, Action.ROLLBACK, Action.STEP, Action.START})
FORWARD = frozenset({Action.PROMOTE, Action.STEP, Action.START})


class Phase(StrEnum):
    """Where a component stands, for people who read `status`."""

    MISSING = "missing"
    FIRST = "first"
    STABLE = "stable"
    PENDING = "pending"
    FAILED = "failed"
    ACTIVE = "active"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled-back"
    SETTLING = "settling"
    STOPPED = "stopped"
    IGNORED = "ignored"


class Reason(StrEnum):
    """Why: the codes of the decision table, and those of what stands beside it."""

    # the decision table, in the order of its rows
    MISSING = "missing"
    IGNORED_FIELD = "ignored-field"
    INVALID_PERCENT = "invalid-percent"
    STOPPED = "stopped"
    INERT = "inert"
    HARM = "harm"
    ANALYSIS_FAILED = "analysis-failed"
    OUT_OF_SYNC = "out-of-sync"
    BASELINE_GONE = "baseline-gone"
    NOT_CREATED = "not-created"
    SETTLING = "settling"
    FAILED_UNGUARDED = "failed-unguarded"
    NO_CAPACITY = "no-capacity"
    PENDING = "pending"
    CLEANUP = "cleanup"
    STABLE = "stable"
    BAKE_FAILED = "bake-failed"
    NO_BASELINE = "no-baseline"
    ZERO_SERVES = "zero-serves"
    NOTHING_TO_SPLIT = "nothing-to-split"
    RESTORED = "restored"
    RESTORE_FAILED = "restore-failed"
    RESTORING = "restoring"
    ROLLED_BACK = "rolled-back"
    KNOWN_BAD = "known-bad"
    FAILED_AT_ZERO = "failed-at-zero"
    READY_AT_ZERO = "ready-at-zero"
    TRACKING_REGRESSED = "tracking-regressed"
    BASELINE_KNOWN_BAD = "baseline-known-bad"
    BASELINE_NOT_READY = "baseline-not-ready"
    CANARY_FAILED = "canary-failed"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    WRONG_REVISION_SERVED = "wrong-revision-served"
    NO_DATA = "no-data"
    INCONCLUSIVE = "inconclusive"
    SOAKING = "soaking"
    WINDOW_CLOSED = "window-closed"
    SOAKED = "soaked"
    UNRECOGNISED = "unrecognised"
    # beside the table
    VETOED = "vetoed"
    IN_FLIGHT = "in-flight"
    STALE = "stale"
    UNREACHABLE = "unreachable"
    HISTORY_TOO_SHALLOW = "history-too-shallow"
    NAMESPACE_UNKNOWN = "namespace-unknown"
    KUSTOMIZE = "kustomize"
    NOT_TRACKED = "not-tracked"
    REFUSED = "refused"
    OPEN_LIMIT = "open-limit"
    MASS_FAILURE = "mass-failure"
    CLUSTERS_DIVERGE = "clusters-diverge"
    SUSPENDED = "suspended"
    OBSERVING = "observing"
    ENGINE_PAUSED = "engine-paused"
    SYNC_FAILED = "sync-failed"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class ComponentDecision:
    """What one row of the table says of one component. `to` is the percent to write, None to remove the field."""

    component: Component
    row: int
    action: Action
    reason: Reason
    message: str
    alarm: bool = False
    to: int | None = None
    candidate: RevisionRef | None = None
    baseline: RevisionRef | None = None
    evidence: tuple[Evidence, ...] = ()
    not_before: datetime | None = None
    marker_model: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided for a target. `from_percents` and `to_percents` name only the components that change.

    `candidate` and `baseline` name the revisions of the components that the decision is about. `marker_models` holds
    the digest that a rollback's marker names, per component that it zeroes. `requested` are the words of the person who
    asked for it, None where the table decided.
    """

    action: Action
    reason: Reason
    message: str
    alarm: bool = False
    from_percents: Mapping[Component, int | None] = field(default_factory=dict)
    to_percents: Mapping[Component, int | None] = field(default_factory=dict)
    candidate: Mapping[Component, RevisionRef] = field(default_factory=dict)
    baseline: Mapping[Component, RevisionRef] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    not_before: datetime | None = None
    marker_models: Mapping[Component, str] = field(default_factory=dict)
    components: Mapping[Component, ComponentDecision] = field(default_factory=dict)
    requested: str | None = None
