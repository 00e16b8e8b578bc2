"""What happened to a rollout: proposals, merges, vetoes, closes, and what people changed themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitops_rollout.model.targets import Component, TargetKey


class What(StrEnum):
    """What happened. `vetoed`: a person closed a proposal, or took a merged one back."""

    PROPOSED = "proposed"
    MERGED = "merged"
    VETOED = "vetoed"
    CLOSED = "closed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a document, and so to all targets that it serves.

    `action` is as branches name it (`step-25`); of a person's own commit it is told from the edit. `reason` is a code
    of the decision, `words` what a person said (their reason, a commit's first line) or why it was closed: untrusted.
    `percents` and `model` hold what it was before and after, None where the field, or the service, was absent.
    """

    at: datetime | None
    what: What
    targets: tuple[TargetKey, ...]
    action: str | None = None
    reason: str | None = None
    words: str = ""
    who: str = ""
    percents: Mapping[Component, tuple[int | None, int | None]] = field(default_factory=dict)
    model: tuple[str | None, str | None] | None = None
    commit: str | None = None
    pull: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class EventReport:
    """Events, newest first; `more` counts those that a limit left out, `errors` what could not be read."""

    base_branch: str
    base_commit: str
    events: tuple[Event, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
