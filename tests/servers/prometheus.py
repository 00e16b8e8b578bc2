"""A Prometheus server that holds any history that a test wants."""

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.servers.http import answers
from tests.servers.processes import ServerFailedError, free_port, running


@dataclass(frozen=True)
class Series:
    """One series: the metric's name, its labels, and its samples in order of time."""

    name: str
    labels: Mapping[str, str]
    samples: Iterable[tuple[datetime, float]]


@contextmanager
def serve(package: Path, folder: Path, history: Iterable[Series]) -> Iterator[str]:
    """Run Prometheus over a history, in an empty folder, until the block ends; yields its URL."""
    written, data, port = folder / "history.txt", folder / "data", free_port()
    data.mkdir()
    written.write_text(openmetrics(history))
    tool = [str(package / "usr/bin/promtool"), "tsdb", "create-blocks-from", "openmetrics", str(written), str(data)]
    done = subprocess.run(tool, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode != 0:
        raise ServerFailedError(f"promtool: {done.stderr or done.stdout}")
    config = folder / "prometheus.yml"
    config.write_text("scrape_configs: []\n")
    command = [
        str(package / "usr/bin/prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=100y",  # what a test calls now may be years ago
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    url = f"http://127.0.0.1:{port}"
    with running(command, folder=folder, ready=lambda: answers(f"{url}/-/ready")):
        yield url


def openmetrics(history: Iterable[Series]) -> str:
    """The history as OpenMetrics text; all samples of one metric stand together."""
    by_name: dict[str, list[str]] = {}
    for series in history:
        labels = ",".join(f'{name}="{escaped(value)}"' for name, value in series.labels.items())
        lines = by_name.setdefault(series.name, [])
        lines += [f"{series.name}{{{labels}}} {value} {when.timestamp()}" for when, value in series.samples]
    return "\n".join([line for lines in by_name.values() for line in lines] + ["# EOF", ""])


def escaped(value: str) -> str:
    """A label's value as OpenMetrics wants it."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
