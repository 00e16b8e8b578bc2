"""What `check` found about one commit that is to be merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; only an error fails a check."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `level` is None where all is well.

    `code` is `fresh`, `not-fresh`, `not-bound`, `does-not-apply` or `no-rollout` of our own commits, `not-rendered` or
    `does-not-render` of a kustomization, or the code of a hazard. `line` is 1-based. `evidence` is the forecast in a
    sentence; `patch` a unified diff on what is to be merged that mends it; `allowed` says who silenced it, so that it
    fails nothing.
    """

    code: str
    level: Level | None
    targets: tuple[str, ...]
    message: str
    path: str | None = None
    line: int | None = None
    evidence: str | None = None
    patch: str | None = None
    allowed: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it lets the check pass."""
        return self.level is not Level.ERROR or self.allowed is not None


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings about one commit that is to be merged; `pull` is its pull request's number where it is known."""

    head: str
    findings: tuple[Finding, ...]
    pull: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it may be merged as far as rollouts are concerned."""
        return all(finding.ok for finding in self.findings)


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then notes, then what is well; in each the order that they came in."""
    order = [*Level, None]
    return tuple(sorted(findings, key=lambda finding: order.index(finding.level)))
