"""One edit of one document, the pull request that carries it, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitops_rollout.model.decision import Action, Decision, Reason
from gitops_rollout.model.policy import PullPolicy
from gitops_rollout.model.targets import Component, Source, TargetKey


class PullState(StrEnum):
    """Where a pull request stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Did(StrEnum):
    """What a run did about a pull request, as the contract names it."""

    NONE = "none"
    CREATED = "created"
    UPDATED = "updated"
    FOUND = "found"
    SUPERSEDED = "superseded"
    MERGED = "merged"
    CLOSED = "closed"
    VETOED = "vetoed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a proposal is about: equal identities are the same proposal, whenever and by whomever it is made.

    `change` names the document's change (`<cluster>/<namespace>/<name>` or `shared-…/<namespace>/<name>`);
    `revisions` are the uids of candidates and baselines; `touched` is the last base commit that touched the target.
    """

    change: str
    action: Action
    percents: tuple[tuple[Component, int | None], ...]
    revisions: tuple[str, ...]
    touched: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A decided edit of one document, which may serve several targets.

    `models` are the digests that Git's components run at the base commit: what the pull request is bound to.
    `earlier` are digests that other rollback pull requests name, which a rollback carries on.
    """

    identity: Identity
    id: str
    branch: str
    source: Source
    targets: tuple[TargetKey, ...]
    decision: Decision
    base_branch: str
    base_commit: str
    rule: int | None = None
    models: Mapping[Component, str] = field(default_factory=dict)
    earlier: Mapping[Component, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change with everything that its pull request is made of: the new bytes of its file, the diff, the texts.

    `message` is the commit message with its trailers; title and body hold no run time, so that a still world makes
    the same texts again.
    """

    change: Change
    files: Mapping[str, bytes]
    diff: str
    title: str
    body: str
    message: str
    policy: PullPolicy = field(default_factory=PullPolicy)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one document's change stands in this run, holds included: what open pull requests are judged against.

    `change` is the first part of its branch names (`<cluster>/<namespace>/<name>`, or `shared-…/<namespace>/<name>`).
    `touched` is the last base commit that touched any of its targets. `proposal` is None unless the decision changes
    Git and the edit was made; a refused edit leaves the decision as it is and `proposal` None. `withheld`: the policy
    keeps the run's hands off it, its pull requests included. `rule` is the policy rule that its limits count under.
    `reverted` are commits of the base branch that touched the document and that a person took back.
    """

    change: str
    source: Source
    targets: tuple[TargetKey, ...]
    decision: Decision
    touched: str | None
    proposal: Proposal | None = None
    withheld: bool = False
    rule: int | None = None
    reverted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PullMarker:
    """The hidden line `<!-- gitops-rollout: {json} -->` of a body: a hint, never an authority.

    `action` is as branches name it (`step-25`). Candidates and baselines are uids. `models` are the digests that Git's
    components run; `named` are those that a rollback's markers name, `earlier` those that rollbacks named which it
    stands in the place of. `text` is a digest of the title and body as we wrote them. `closed_by_us` is written before
    we close, so that our close is not taken for a person's.
    """

    change: str
    action: str
    id: str
    base: str
    candidates: Mapping[Component, str] = field(default_factory=dict)
    baselines: Mapping[Component, str] = field(default_factory=dict)
    models: Mapping[Component, str] = field(default_factory=dict)
    named: Mapping[Component, str] = field(default_factory=dict)
    earlier: Mapping[Component, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    closed_by_us: bool = False


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as a forge shows it. `head` is the branch's commit.

    `branch_deleted`: it is closed, or as good as closed, because its branch is gone; nobody decided against it. `why`
    is what was said when it was closed, where the forge tells without being asked for it.
    """

    number: int
    url: str
    state: PullState
    branch: str
    head: str
    base_branch: str
    title: str
    body: str
    author: str = ""
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    draft: bool = False
    closed_by_us: bool = False
    branch_deleted: bool = False
    merged_commit: str | None = None
    created: datetime | None = None
    ended: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A pull request to be opened: the branch, its commit (already in the store), and what people read."""

    change: str
    branch: str
    commit: str
    base_branch: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    draft: bool = False
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class PullReport:
    """The pull request of a target in a run's report.

    `remarked`: its comment or its status was written. `ended` is when it was merged or closed, where that is known.
    """

    number: int | None
    url: str | None
    state: PullState | None
    did: Did
    message: str = ""
    remarked: bool = False
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One field of one document to change: `percent` None removes it; `comment` is the marker to write beside it.

    `document` and `pointer` name the object as `Source` does. `field` leads from the object to the field where it is
    not the component's own `canaryTrafficPercent` (the `value` of a JSON 6902 operation, for example).
    """

    document: int
    pointer: tuple[str | int, ...]
    component: Component
    percent: int | None
    comment: str | None = None
    field: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What one edit of one component came to: `edited`, `unchanged` or `refused`, the values before and after.

    `namespace`, `name` and `component` are None where the file could not be read so far. `reason` is a code and
    `message` a sentence with what to do, for refusals only.
    """

    path: str
    document: int
    namespace: str | None
    name: str | None
    component: Component | None
    outcome: str
    reason: str | None = None
    message: str = ""
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class EditResult:
    """The bytes of a file after some edits, and one outcome for each edit, in order."""

    data: bytes
    outcomes: tuple[EditOutcome, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A target that is held for a reason beside the table, before or after it was decided."""

    key: TargetKey
    reason: Reason
    message: str
    alarm: bool = False
