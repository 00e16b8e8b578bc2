"""100,000 lines of `kserve track` and `kserve traffic`, as a command, against json.loads of the same lines."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tests.bench.figures import Figure, compare
from tests.traces import SERVERLESS, load

LINES = 100_000
MOST = 6.0


def questions(lines: int = LINES) -> tuple[list[bytes], list[bytes]]:
    """Lines for `track` and for `traffic`, drawn from the recorded statuses with a fixed seed."""
    pairs = [pair for scenario in SERVERLESS for pair in _pairs(scenario)]
    chosen = random.Random(1).choices(pairs, k=lines)  # noqa: S311 - a fixed sample, nothing secret
    track = [json.dumps({"component": c, "previous": was, "service": now}).encode() for c, was, now, _ in chosen]
    traffic = [json.dumps({"percent": percent, "status": was}).encode() for _, was, _, percent in chosen]
    return track, traffic


def measure() -> Iterator[Figure]:
    track, traffic = questions()
    for verb, lines in (("track", track), ("traffic", traffic)):
        yield compare(
            f"kserve {verb}, {len(lines):,} lines",
            "json.loads of the same lines",
            lambda lines=lines: [json.loads(line) for line in lines],
            lambda verb=verb, lines=lines: _run(verb, b"\n".join(lines)),
            MOST,
        )


def _run(verb: str, data: bytes) -> None:
    """The whole command, its start included."""
    program = [sys.executable, "-c", "from gitops_rollout.cli.main import run; run()", "kserve", verb]
    answers = subprocess.run(program, input=data, stdout=subprocess.PIPE, check=True).stdout
    if answers.count(b"\n") != data.count(b"\n") + 1:
        raise RuntimeError("some lines got no answer")


def _pairs(scenario: str) -> Iterator[tuple[str, Any, Any, int | None]]:
    for snapshot in load(scenario).snapshots:
        for served in snapshot.of_kind("InferenceService"):
            tracked = served.get("status", {}).get("components", {})
            for service in snapshot.of_kind("Service"):
                component = service["metadata"]["labels"]["component"]
                percent = served["spec"].get(component, {}).get("canaryTrafficPercent")
                yield component, tracked.get(component), service.get("status"), percent
