"""`gitops-rollout --help`, as it is installed, against the bare interpreter."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, compare

MOST = 5.0
ROUNDS = 21


def measure() -> Iterator[Figure]:
    program = Path(sys.executable).with_name("gitops-rollout")
    _run([str(program), "--help"])  # byte code that is not there yet is written once, not at every start
    yield compare(
        "gitops-rollout --help",
        "python -c pass",
        lambda: _run([sys.executable, "-c", "pass"]),
        lambda: _run([str(program), "--help"]),
        MOST,
        ROUNDS,
    )


def _run(line: list[str]) -> None:
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
