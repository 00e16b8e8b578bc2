"""What GitOps engines say of themselves: Argo CD Applications and Flux Kustomizations, and what they come to here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitops_rollout.model.conditions import Condition


class EngineKind(StrEnum):
    """The kinds that apply what Git says."""

    APPLICATION = "Application"
    KUSTOMIZATION = "Kustomization"


ENGINE_NAMES: Mapping[EngineKind, str] = {
    EngineKind.APPLICATION: "Argo CD Application",
    EngineKind.KUSTOMIZATION: "Flux Kustomization",
}


@dataclass(frozen=True, slots=True)
class Following:
    """One source that an engine follows.

    `revision` is the branch, tag or commit as stated, `path` the folder without `./`. `seen` and `applied` are the
    commits that it last looked at and last applied, None where it says none (or what it says is no Git commit).
    """

    repository: str = ""
    revision: str = ""
    path: str | None = None
    seen: str | None = None
    applied: str | None = None


@dataclass(frozen=True, slots=True)
class Managed:
    """One InferenceService that an engine manages: its own sync status, and why it could not be applied, if so."""

    status: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """The last thing that Argo CD did: `phase` is `Running`, `Succeeded`, `Failed`, `Error` or `Terminating`.

    `results` says whether it reached the point where each object has a result of its own. `revisions` are the
    commits that it was about, one for each source.
    """

    phase: str
    message: str = ""
    revisions: tuple[str, ...] = ()
    finished: datetime | None = None
    results: bool = False


@dataclass(frozen=True, slots=True)
class IgnoredDifference:
    """One entry of an Application's `ignoreDifferences`; `fields` are its pointers and expressions as stated."""

    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    fields: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """A sync window of an Argo CD project: when Applications may be synced, or may not.

    `schedule` is five fields of cron, `duration` as Go writes it (`8h`), `timezone` a name such as `Europe/Berlin`.
    `applications`, `clusters` and `namespaces` are patterns; one of them has to fit, with `needs_all` all that are
    stated.
    """

    allows: bool
    schedule: str
    duration: str
    timezone: str = "UTC"
    applications: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    needs_all: bool = False

    def __str__(self) -> str:
        return f"{'allow' if self.allows else 'deny'} `{self.schedule}` for {self.duration}, {self.timezone}"


@dataclass(frozen=True, slots=True)
class GitSource:
    """A Flux GitRepository: what it fetches, and whether it does (`ready` is its condition, `suspended` its spec)."""

    repository: str = ""
    revision: str = ""
    suspended: bool = False
    ready: Condition | None = None


@dataclass(frozen=True, slots=True)
class LiveEngine:
    """An Application or a Kustomization as its cluster shows it.

    `cluster` is where it stands itself, `destination` where it deploys to: whichever of `name`, `server` and
    `kubeConfig` it states. `manages` is keyed by (namespace, name). `status` is Argo CD's sync status, or the status
    of Flux's `Ready` condition. `automated`: it applies new commits by itself; `heals`: it undoes changes made by hand;
    `respects_ignored`: what its `ignored` name is not applied either. `stopped` says in the engine's own words what
    keeps it from working (`suspend`, an annotation). `previous` are the commits that were applied before the last one,
    oldest first. `fetched_by` is kind, namespace and name of a Flux source, `fetching` what that says, where it
    was shown. `windows` are those of its project that concern it. `made_by` names what made it (an ApplicationSet, a
    parent).
    """

    kind: EngineKind
    namespace: str
    name: str
    cluster: str = ""
    following: tuple[Following, ...] = ()
    destination: Mapping[str, str] = field(default_factory=dict)
    target_namespace: str | None = None
    manages: Mapping[tuple[str, str], Managed] = field(default_factory=dict)
    status: str | None = None
    conditions: tuple[Condition, ...] = ()
    operation: Operation | None = None
    previous: tuple[str, ...] = ()
    automated: bool = True
    heals: bool = False
    respects_ignored: bool = False
    project: str = ""
    windows: tuple[SyncWindow, ...] = ()
    stopped: str | None = None
    fetched_by: tuple[str, str, str] | None = None
    fetching: GitSource | None = None
    ignored: tuple[IgnoredDifference, ...] = ()
    made_by: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return f"{ENGINE_NAMES[self.kind]} {self.namespace}/{self.name}"


class Reached(StrEnum):
    """Whether the engine has applied Git's last change of a target; `unknown` where it cannot be told."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Obstacle(StrEnum):
    """What keeps an engine from applying what is merged."""

    NONE = "none"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How Git's last change of one target comes to the cluster, by the engine that owns it.

    `engine` is its title, empty where only the object's own tracking names one (`message` then says which). `message`
    says where the last change stands. `because` says what is in the way; with `by_hand` a person may still sync it,
    as is the custom with an Application without auto-sync. `heals`: a change made by hand is undone. `ignores`: the
    engine does not look at the percent. `notes` are hazards that hold whatever is decided.
    """

    engine: str = ""
    reached: Reached = Reached.UNKNOWN
    obstacle: Obstacle = Obstacle.NONE
    message: str = ""
    because: str = ""
    by_hand: bool = False
    heals: bool = False
    ignores: bool = False
    since: datetime | None = None
    notes: tuple[str, ...] = ()
