"""Scanning a made repository of 50,000 files, against `git grep -lF` on the same commit."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from gitops_rollout.manifests.tree import scan_tree
from gitops_rollout.model.policy import Policy
from gitops_rollout.repository.repository import GitRepository, open_repository
from tests.bench import made
from tests.bench.figures import Figure, compare

SERVICES = made.FILES // made.EVERY
MOST_MEGABYTES = 300


def measure() -> Iterator[Figure]:
    place = made.repository()
    repository = open_repository(str(place), cache=made.CACHE / "private")
    main, changed = (repository.base_commit(branch)[1] for branch in ("main", "changed"))
    folder = made.CACHE / "warm"
    shutil.rmtree(folder, ignore_errors=True)

    def floor() -> None:
        command = ["git", "-C", str(place), "grep", "-lF", "InferenceService", main]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    name = f"{made.FILES:,} files, {SERVICES:,} InferenceServices"
    yield compare(f"cold scan, {name}", "git grep -lF", floor, lambda: _scan(repository, main), 6.0)
    _scan(repository, main, folder)
    yield compare("warm scan, nothing changed", "git grep -lF", floor, lambda: _scan(repository, main, folder), 0.3)
    turns = iter([changed, main] * 20)
    name = f"warm scan, {made.CHANGED} files changed"
    yield compare(name, "git grep -lF", floor, lambda: _scan(repository, next(turns), folder), 0.8)
    used = _memory()
    name = "memory of a cold scan, all processes"
    yield Figure(name, "the limit", MOST_MEGABYTES, used, used / MOST_MEGABYTES, 1, "MB")


def _scan(repository: GitRepository, commit: str, cache: Path | None = None) -> None:
    found = scan_tree(repository, commit, Policy(), cache=cache)
    if len(found.manifests) != SERVICES or found.skipped:
        raise RuntimeError(f"{len(found.manifests)} InferenceServices were found")


def _memory() -> float:
    """The most that a cold scan and all its child processes hold at one moment (proportional set size), in MB."""
    program = "from tests.bench.scan import scan_alone; scan_alone()"
    most = 0
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        while process.poll() is None:
            most = max(most, _held(process.pid))
            time.sleep(0.01)
    if process.returncode:
        raise RuntimeError("the scan failed")
    return most / 1024


def _held(pid: int) -> int:
    """Kilobytes of a process and its children; nothing for those that have just ended."""
    try:
        own = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return 0
    return (int(own[1]) if own else 0) + sum(_held(int(child)) for child in children)


def scan_alone() -> None:
    """A cold scan in a process of its own."""
    repository = open_repository(str(made.repository()), cache=made.CACHE / "private")
    _scan(repository, repository.base_commit("main")[1])
