"""What a checkup of a setting-up finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; an error keeps a run from doing its work."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what, how it stands, and what to do about it."""

    check: str
    level: Level
    message: str
    hint: str | None = None
