"""The policy file as values, after its defaults and rules are read (`config` makes these; `core` uses them)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from gitops_rollout.model.commits import CommitSettings


class Mode(StrEnum):
    """`observe` decides and reports; `propose` also opens pull requests."""

    OBSERVE = "observe"
    PROPOSE = "propose"


class Merge(StrEnum):
    """Who merges a pull request: a person, the tool itself once its own conditions hold, or then the forge's queue."""

    MANUAL = "manual"
    AUTO = "auto"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class PullPolicy:
    """How the pull requests of one kind (promotions and steps, or rollbacks) are treated."""

    merge: Merge = Merge.MANUAL
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    draft: bool = False
    budget: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One check of the canary: which provider measures, with what options, and where it fails.

    `fail_above` and `fail_below` are in the unit of the measurement; with fewer than `min_samples` samples the
    verdict is inconclusive.
    """

    name: str
    provider: str
    options: Mapping[str, Any] = field(default_factory=dict)
    fail_above: float | None = None
    fail_below: float | None = None
    min_samples: int = 0
    failure_limit: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """When forward changes may be made: weekdays (0 is Monday), from `start` to `end`, which may cross midnight.

    A window that crosses midnight belongs to the weekday it starts on. `start == end` means the whole day.
    """

    allow: bool
    weekdays: frozenset[int]
    start: time
    end: time
    timezone: tzinfo
    text: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What applies to one target, once defaults and matching rules are laid over each other."""

    mode: Mode = Mode.OBSERVE
    suspended: bool = False
    steps: tuple[int, ...] = (10, 25, 50)
    soak: timedelta = timedelta(minutes=30)
    deadline: timedelta = timedelta(hours=1)
    bake: timedelta = timedelta(hours=1)
    promote: PullPolicy = field(default_factory=PullPolicy)
    rollback: PullPolicy = field(default_factory=PullPolicy)
    analysis: tuple[Analysis, ...] = ()
    ignore_differences: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    max_canary_age: timedelta | None = None
    rule: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A part of the policy for the targets that its patterns name; `changes` holds only the settings it states.

    `changes` maps names of `Settings` to values; `promote` and `rollback` map to the stated fields of `PullPolicy`.
    """

    changes: Mapping[str, Any]
    cluster: str = "*"
    namespace: str = "*"
    name: str = "*"


@dataclass(frozen=True, slots=True)
class ClusterPolicy:
    """A cluster, the paths that go there, and how it is reached.

    `paths` are glob patterns of repository paths (`**` crosses folders); an empty tuple means every path. Where they
    are not empty, `namespaces` are the only ones that are read, and InferenceServices only those with all of `labels`.
    `timeout` is how long a reading may take.
    """

    name: str
    paths: tuple[str, ...] = ()
    context: str | None = None
    namespace: str | None = None
    destinations: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    timeout: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps: open pull requests overall and per rule, the oldest live view to act on, the largest file (bytes).

    `rollback_veto` is how long a person's veto of a rollback holds.
    """

    open: int = 20
    per_rule: int | None = None
    max_age: timedelta = timedelta(minutes=15)
    file_size: int = 5_000_000
    rollback_veto: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ForgePolicy:
    """Where pull requests live; empty fields are read from the remote's URL and the CI environment.

    `comment`: whether one comment with the evidence is kept on each; `status`: whether heads get a commit status.
    """

    kind: str | None = None
    url: str | None = None
    owner: str | None = None
    repository: str | None = None
    comment: bool = True
    status: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy file. `path` is None where there is none and the defaults apply."""

    path: str | None = None
    clusters: tuple[ClusterPolicy, ...] = ()
    forge: ForgePolicy = field(default_factory=ForgePolicy)
    defaults: Settings = field(default_factory=Settings)
    rules: tuple[Rule, ...] = ()
    limits: Limits = field(default_factory=Limits)
    commits: CommitSettings = field(default_factory=CommitSettings)
    ignore: tuple[str, ...] = ()
    suspended: bool = False
