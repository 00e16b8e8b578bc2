"""Conditions, as Kubernetes objects tell of themselves."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of `status.conditions`; `status` is `True`, `False` or `Unknown` as Kubernetes writes it."""

    type: str
    status: str
    reason: str | None = None
    message: str | None = None
    last_transition: datetime | None = None
