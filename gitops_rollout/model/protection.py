"""What a forge asks for before it merges into a branch."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """To a question that settings of a forge answer; `unknown` where they could not be read."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Protection:
    """The rules of one branch, as far as they can be read with the credentials at hand.

    `checks` are the names (or patterns with `*`) of the statuses that must be green. `up_to_date`: a branch that is
    behind its base cannot be merged. `queue`: merges go through a queue or train that checks again. `atomic`: the base
    is compared and swapped. `signed`: only signed commits may be merged. `blocks` says in short what keeps these
    credentials from merging alone (`2 approving reviews`), `unless` what would where it happens to be there, and
    `unknown` what could not be read.
    """

    checks: tuple[str, ...] = ()
    up_to_date: bool = False
    queue: bool = False
    atomic: bool = False
    signed: bool = False
    blocks: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
