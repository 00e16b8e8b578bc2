"""Listing 10,000 live objects of a real API server, against downloading the same pages and looking at nothing."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.figures import Figure
from tests.servers import catalogue, kube_api
from tests.traces import load

SERVICES = 2_500  # each with its Knative Service and two Revisions
ROUNDS = 5
MOST_TIME, MOST_MEMORY = 6.0, 2.0
FLOOR = "the same pages downloaded"


def measure() -> Iterator[Figure]:
    programs = [catalogue.program(part) for part in (catalogue.KUBE_APISERVER, catalogue.ETCD)]
    crds = catalogue.built(catalogue.CRDS)
    if not (programs[0] and programs[1] and crds):
        print("listing: skipped, the API server is not built: `make servers` builds it", file=sys.stderr)
        return
    with TemporaryDirectory() as folder, kube_api.serve(programs[0], programs[1], crds, Path(folder)) as server:
        server.restore(*many())
        rounds = [(child("download", server), child("read", server)) for _ in range(ROUNDS)]
    for name, unit, most in (("seconds", "s", MOST_TIME), ("megabytes", "MB", MOST_MEMORY)):
        floors, takens = ([each[name] for each in side] for side in zip(*rounds, strict=True))
        ratios = [taken / floor for floor, taken in zip(floors, takens, strict=True)]
        middle = [statistics.median(values) for values in (floors, takens, ratios)]
        yield Figure(f"{4 * SERVICES:,} live objects, {name}", FLOOR, *middle, most, unit)


def many() -> Iterator[Mapping[str, Any]]:
    """A recorded canary, as often as is wanted, under names of its own."""
    scenario = load("A")
    shown = scenario.resting(scenario.steps[1])
    kinds = ("InferenceService", "Service", "Revision")
    text = json.dumps([item for item in shown.items if item["kind"] in kinds])
    for number in range(SERVICES):
        yield from json.loads(text.replace("iris", f"iris-{number:05}"))


def child(what: str, server: kube_api.KubeApi) -> dict[str, float]:
    """One reading in a process of its own."""
    env = {**os.environ, "KUBECONFIG": str(server.kubeconfig)}
    command = [sys.executable, "-m", "tests.bench.listing", what]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def main(what: str) -> None:
    """Read or download once; print how long it took, and the most memory that the process ever had."""
    import time

    from gitops_rollout.cluster.kube import KubeSource
    from gitops_rollout.cluster.kubeconfig import connect
    from gitops_rollout.cluster.listing import KINDS, PAGE

    started = time.perf_counter()
    if what == "read":
        assert len(KubeSource("prod", "test").read().services) == SERVICES
    else:
        pages, connection = 0, connect("test", 60)
        for kind in KINDS:
            more = None
            while more != "":
                options = {"continue": more} if more else {}
                if kind.selector:
                    options["labelSelector"] = kind.selector
                page = connection.page(kind.group, kind.version, kind.plural, limit=PAGE, **options)
                more = continuation(page)
                pages += 1
        assert pages == 4 * SERVICES // PAGE + 4  # no engines: one empty page for each of their kinds
    taken = time.perf_counter() - started
    print(json.dumps({"seconds": taken, "megabytes": most_memory()}))


def continuation(page: bytes) -> str:
    """The continue token, found without decoding the page: it stands in the list's metadata, after the items."""
    tail = page[-4096:].rpartition(b'"continue":"')[2]
    return tail.split(b'"', 1)[0].decode() if tail != page[-4096:] else ""


def most_memory() -> float:
    """The most memory that this process had since it was started, in megabytes."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1])
