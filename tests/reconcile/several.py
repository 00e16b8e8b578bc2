"""Several recorded scenarios in one repository at once, each in a namespace of its own, each stopped at some step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests import traces
from tests.worlds import POLICY, Place, make_place

PROPOSE = "version: 1\nmode: propose\nclusters:\n  - {name: prod, paths: ['clusters/**']}\n"

# (scenario, position of its last step here) and what is due half an hour after it came to rest
DUE = {
    ("A", 1): ("step", "soaked", 25),
    ("A", 2): ("promote", "soaked", None),
    ("B", 3): ("promote", "restored", None),
    ("C2", 1): ("rollback", "canary-failed", 0),
    ("C2", 3): ("start", "ready-at-zero", 10),
}
QUIET = {
    ("A", 0): ("stable", "stable"),
    ("C2", 2): ("hold", "rolled-back"),
    ("F", 3): ("hold", "tracking-regressed"),
    ("K", 3): ("hold", "baseline-gone"),
}


@dataclass(frozen=True)
class Several:
    """The place, the instant to decide at, and the options that every run on it takes."""

    place: Place
    now: datetime

    @property
    def options(self) -> list[str]:
        live = f"prod=snapshot:{self.place.snapshot('prod')}"
        return ["--repo", str(self.place.clone), "--live", live, "--now", self.now.isoformat()]


def namespace_of(scenario: str, step: int) -> str:
    return f"{scenario.lower()}{step}"


def make_several(root: Path, policy: str = PROPOSE) -> Several:
    """A repository with all of `DUE` and `QUIET`, in the order in which it was recorded."""
    place = make_place(root)
    commits: list[tuple[datetime, str, str, str]] = []
    shown: list[Mapping[str, Any]] = []
    now = None
    for scenario, last in (*DUE, *QUIET):
        recorded = traces.load(scenario)
        old, new = recorded.namespace, namespace_of(scenario, last)
        for step in recorded.steps[: last + 1]:
            if step.manifest is not None:
                text = yaml.safe_dump(step.manifest).replace(old, new)
                commits.append((step.at, f"clusters/{new}.yaml", text, f"{new}: {step.title}"))
        snapshot = recorded.resting(recorded.steps[last])
        shown.append(json.loads(json.dumps(snapshot.document()).replace(old, new)))
        now = max(now, snapshot.at) if now else snapshot.at
    assert now is not None
    first = min(at for at, *_ in commits)
    place.commit({POLICY: policy}, "a policy", first - timedelta(hours=1))
    for at, path, text, message in sorted(commits):
        place.commit({path: text}, message, at)
    place.show("prod", shown)
    return Several(place, now + timedelta(minutes=31))
