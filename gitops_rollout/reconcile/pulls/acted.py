"""What became of a run's effects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from gitops_rollout.model.change import PullReport
from gitops_rollout.model.errors import RolloutError

Result = TypeVar("Result")


@dataclass(slots=True)
class Acted:
    """What became of each change's pull request, what failed, and where comment or status were written, by change."""

    reports: dict[str, PullReport] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    remarked: set[str] = field(default_factory=set)

    def attempt(self, change: str, effect: Callable[[], Result]) -> Result | None:
        """Do one thing for one change; an expected failure is noted under it and gives None."""
        try:
            return effect()
        except RolloutError as error:
            self.failed(change, error.message if error.hint is None else f"{error.message} ({error.hint})")
            return None

    def failed(self, change: str, message: str) -> None:
        """Note a failure; the first one of a change is the one that says most."""
        self.errors.setdefault(change, message)
