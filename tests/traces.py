"""The recorded scenarios of `tests/data/traces`: what was applied, and what a reader of the cluster saw after it."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data" / "traces"
SCENARIOS = tuple(sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz")))
SERVERLESS = tuple(name for name in SCENARIOS if name not in {"M", "T", "T2", "X", "X2"})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done. `manifest` is None for what a person did by hand (`by_hand`): Git did not change.

    `first` and `last` are positions in `Scenario.snapshots`; nothing was seen to change where `last < first`.
    `refused` is kubectl's output where the API server said no.
    """

    title: str
    at: datetime
    manifest: Mapping[str, Any] | None
    by_hand: Mapping[str, Any] | None
    refused: str | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at the cluster: `items` are the API objects, shared between snapshots (copy before changing them)."""

    at: datetime
    items: tuple[Mapping[str, Any], ...]

    def document(self) -> dict[str, Any]:
        """The `List` that kubectl printed."""
        return {"apiVersion": "v1", "kind": "List", "items": list(self.items), "metadata": {"resourceVersion": ""}}

    def of_kind(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """The objects of one kind (`InferenceService`, `Service`, `Revision`, …)."""
        return (item for item in self.items if item["kind"] == kind)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A recorded scenario. `resting(step)` is the snapshot in which a step came to rest."""

    name: str
    namespace: str
    steps: tuple[Step, ...]
    snapshots: tuple[Snapshot, ...]

    def resting(self, step: Step) -> Snapshot:
        """The last snapshot of a step, or the one before it where nothing was seen to change."""
        return self.snapshots[step.last]


@cache
def load(scenario: str) -> Scenario:
    """Read one scenario by its letter (see the table in `tests/data/traces/README.md`)."""
    stored = json.loads(gzip.decompress((FOLDER / f"{scenario}.json.gz").read_bytes()))
    start, objects = datetime.fromisoformat(stored["start"]), stored["objects"]
    snapshots = tuple(
        Snapshot(start + timedelta(seconds=seconds), tuple(objects[position] for position in positions))
        for seconds, positions in zip(stored["seconds"], stored["snapshots"], strict=True)
    )
    steps = tuple(
        Step(
            title=step["title"],
            at=start + timedelta(seconds=step["seconds"]),
            manifest=step.get("manifest") if "byHand" not in step else None,
            by_hand=step.get("byHand"),
            refused=step.get("output"),
            first=step["first_snapshot"],
            last=step["last_snapshot"],
        )
        for step in stored["steps"]
    )
    return Scenario(stored["scenario"], stored["namespace"], steps, snapshots)
