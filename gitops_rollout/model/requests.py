"""What a person asks for: a decision of their own, in place of the table's."""

from dataclasses import dataclass
from enum import StrEnum


class Ask(StrEnum):
    """Send a canary everything; take it back; try a model again that was taken back."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Request:
    """A person's decision. `words` are their reason, one line of untrusted text; `anyway` overrules objections."""

    ask: Ask
    words: str
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a request: a code and a sentence. A `firm` one is not overruled by `--anyway`."""

    code: str
    message: str
    firm: bool = False
