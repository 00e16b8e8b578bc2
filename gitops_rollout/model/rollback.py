"""The clock of a rollback: when each of its stages was reached, and what it waits for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """What a rollback waits for, in order; `done` once nothing but the baseline takes traffic."""

    PULL_REQUEST = "pull-request"
    MERGE = "merge"
    SYNC = "sync"
    TRAFFIC = "traffic"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RollbackClock:
    """Instants of one target's rollback; None where an instant is not known or not reached.

    `verdict`: since when the cluster itself says that the canary failed. `opened` and `merged`: its pull request, the
    latter as its commit's arrival on the base branch. `synced`: when the live spec took the 0. `moved`: when the
    traffic last moved. `todo` says what a person can do at this stage.
    """

    stage: Stage
    now: datetime
    verdict: datetime | None = None
    opened: datetime | None = None
    merged: datetime | None = None
    synced: datetime | None = None
    moved: datetime | None = None
    budget: timedelta | None = None
    todo: str = ""

    @property
    def started(self) -> datetime | None:
        """The first instant that is known: what its budget counts from."""
        known = (self.verdict, self.opened, self.merged, self.synced, self.moved)
        return next((instant for instant in known if instant is not None), None)

    @property
    def since(self) -> datetime | None:
        """Since when it waits in its stage."""
        return {
            Stage.PULL_REQUEST: self.verdict,
            Stage.MERGE: self.opened,
            Stage.SYNC: self.merged,
            Stage.TRAFFIC: self.synced,
            Stage.DONE: self.moved,
        }[self.stage]

    @property
    def waited(self) -> timedelta | None:
        """How long it has waited in its stage."""
        return None if self.since is None else max(self.now - self.since, timedelta())

    @property
    def took(self) -> timedelta | None:
        """How long it has taken so far, from the first known instant; in all, where it is done."""
        end = self.moved if self.stage is Stage.DONE else self.now
        return None if self.started is None or end is None else max(end - self.started, timedelta())

    @property
    def overdue(self) -> bool:
        """Whether it is still under way after its budget. Without a budget, or a known instant, it never is."""
        if self.stage is Stage.DONE or self.budget is None or self.took is None:
            return False
        return self.took > self.budget
