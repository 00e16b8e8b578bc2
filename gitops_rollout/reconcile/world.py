"""What one run works with: the repository at its base commit, the policy, the live sources, the forge, the instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gitops_rollout.model.doors import Counted, Forge, LiveSource, Progress, Provider, Repository
from gitops_rollout.model.policy import Policy
from gitops_rollout.model.targets import Origin


def silent(message: str) -> None:
    """The progress of a run that nobody watches."""


@dataclass(frozen=True, slots=True)
class World:
    """The doors of one run, opened. `now` is the instant to decide at; nothing below this reads a clock.

    `replayed`: a person gave that instant. `committers` are the addresses that our own commits carry. `origin` is where
    GitOps engines fetch this repository from. `providers` measure, by the names that the policy gives them. `forge` is
    None where none could be told: a plan can do without. `cache` is a folder for this repository alone. `notes` says
    what was assumed on the way here.
    """

    repository: Repository
    policy: Policy
    base_branch: str
    base_commit: str
    sources: tuple[LiveSource, ...]
    forge: Forge | None
    now: datetime
    replayed: bool = False
    committers: frozenset[str] = frozenset()
    origin: Origin | None = None
    providers: Mapping[str, Provider] = field(default_factory=dict)
    cache: Path | None = None
    only: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    progress: Progress = silent

    def requests(self) -> Mapping[str, int]:
        """Requests sent so far, by API: the forge's kind, and `kubernetes`; a door that sends none has none."""
        doors: list[tuple[str, object]] = [("kubernetes", source) for source in self.sources]
        doors += [(self.forge.kind, self.forge)] if self.forge is not None else []
        counted: dict[str, int] = {}
        for name, door in doors:
            if isinstance(door, Counted):
                counted[name] = counted.get(name, 0) + door.sent
        return counted

    def read_base(self, path: str) -> bytes | None:
        """The bytes of one file at the base commit, None where there is none."""
        return self.repository.read_file(self.base_commit, path)
