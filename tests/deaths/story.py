"""What happens in the world while runs die: a few canaries, then everything that ends or supersedes a pull request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.worlds import POLICY, make_place

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW = START + timedelta(days=2)
HOUR = timedelta(hours=1)

_POLICY = """version: 1
mode: propose
clusters: [{{name: prod, paths: ["clusters/**"]}}]
defaults:
  steps: {steps}
  promote: {{labels: [rollout]}}
  rollback: {{merge: {merge}, labels: [rollout]}}
"""
_SERVICE = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: {name}, namespace: fraud}}
spec:
  predictor:{percent}
    model: {{modelFormat: {{name: sklearn}}, storageUri: s3://models/{name}/{version}}}
"""
_FAILED = "simulated:failed=*/breaks/v2"


@dataclass(frozen=True)
class Chapter:
    """A commit that the base branch stands at when the chapter begins, and what the cluster makes of it."""

    name: str
    base: str
    live: str = "simulated:"


@dataclass(frozen=True)
class Story:
    """The repository that holds the base commits of all chapters."""

    seed: Path
    chapters: tuple[Chapter, ...]


def make_story(root: Path, names: Sequence[str] = ("stays", "breaks", "moves")) -> Story:
    """Canaries of some models; what each chapter brings about is said beside it."""
    root.mkdir(parents=True, exist_ok=True)
    place = make_place(root)
    place.commit({POLICY: policy()} | {path(name): service(name) for name in names}, "Serve", START)
    trying = {path(name): service(name, "v2", 10) for name in names}
    opening = place.commit(trying, "Try v2 of all", START + HOUR)
    # Another next step, and a new model of one: its pull request is not fresh any more, and nothing is due for it.
    moved = {path("moves"): service("moves", "v3")} if "moves" in names else {}
    superseding = place.commit({POLICY: policy("[10, 50]")} | moved, "Bigger steps; v3 at once", START + 2 * HOUR)
    merging = place.commit({POLICY: policy("[10, 50]", "auto")}, "Merge rollbacks", START + 3 * HOUR)
    chapters = (
        Chapter("opening", opening),
        Chapter("superseding and closing", superseding),
        Chapter("rolling back", superseding, _FAILED),
        Chapter("merging", merging, _FAILED),
    )
    return Story(place.remote, chapters)


def policy(steps: str = "[10, 25, 50]", merge: str = "manual") -> str:
    return _POLICY.format(steps=steps, merge=merge)


def path(name: str) -> str:
    return f"clusters/prod/{name}.yaml"


def service(name: str, version: str = "v1", percent: int | None = None) -> str:
    field = "" if percent is None else f"\n    canaryTrafficPercent: {percent}"
    return _SERVICE.format(name=name, percent=field, version=version)
