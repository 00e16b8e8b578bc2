"""What of a cluster is read, and how long a reading may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reach:
    """Limits of a reading: empty `namespaces` are all of them, `labels` those of InferenceServices; in `seconds`."""

    namespaces: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0
