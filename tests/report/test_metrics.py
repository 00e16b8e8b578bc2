"""Metrics: valid for Prometheus' own tools, written whole or not at all, and the last success outlives failing runs."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.plan import RunReport
from gitops_rollout.model.rollback import RollbackClock, Stage
from gitops_rollout.model.targets import TargetKey
from gitops_rollout.report.metrics import LAST_SUCCESS, RunFacts, read_instant, write_metrics
from tests.report import samples
from tests.servers import catalogue
from tests.servers.fixtures import needs

ENDED = datetime(2026, 1, 31, 9, 31, tzinfo=UTC)
FACTS = RunFacts("reconcile", ENDED, timedelta(seconds=2.5), requests={"github": 7}, decided=samples.NOW)


def full_report() -> RunReport:
    clock = RollbackClock(
        Stage.MERGE, samples.NOW, opened=samples.NOW - timedelta(hours=2), budget=timedelta(minutes=30), todo="merge it"
    )
    changed = samples.NOW - timedelta(hours=3)
    return samples.report(
        samples.target(samples.promotion()),
        replace(samples.target(samples.hold(alarm=True), TargetKey("prod", "fraud", "b")), changed=changed),
        replace(samples.target(samples.hold(), TargetKey("prod", "x\n", 'd"\\')), components={}, error="no"),
        replace(samples.target(samples.rollback(), TargetKey("eu", "fraud", "c")), rollback=clock, pull=None),
    )


def written(path: Path, report: RunReport | None, facts: RunFacts = FACTS) -> dict[tuple[str, ...], float]:
    """The samples of the file: name and label values to value."""
    write_metrics(path, report, facts)
    families = text_string_to_metric_families(path.read_text())
    return {(s.name.removeprefix("gitops_rollout_"), *s.labels.values()): s.value for f in families for s in f.samples}


def test_what_operators_ask_for_is_there(tmp_path: Path) -> None:
    found = written(tmp_path / "run.prom", full_report())
    assert found["targets", "prod", "active"] == 2
    assert found["targets", "prod", "unknown"] == 1
    assert found["targets", "prod", "failed"] == 0
    assert found["alarms", "prod", "soaking"] == 1
    assert found["holds", "prod", "soaking"] == 2
    assert found["hold_oldest_seconds", "prod", "soaking"] == 3 * 3600
    assert found["proposals", "promote"] == 1
    assert found["pull_requests", "promote", "created"] == 1
    assert found["rollbacks", "eu", "merge"] == 1
    assert found["rollback_oldest_seconds", "eu", "merge"] == 2 * 3600
    assert found["rollbacks_over_budget", "eu"] == 1
    assert found["api_requests", "github"] == 7
    assert found["run_duration_seconds", "reconcile"] == 2.5
    assert found["errors",] == 1


def test_the_last_success_is_kept_over_runs_that_fail_and_break_off(tmp_path: Path) -> None:
    path = tmp_path / "run.prom"
    good = samples.report(samples.target(samples.hold()))
    assert written(path, good)["last_success_timestamp_seconds", "reconcile"] == ENDED.timestamp()
    bad = replace(good, errors=("a source failed",))
    for report in (bad, None, bad):
        later = replace(
            FACTS, ended=ENDED + timedelta(hours=1), succeeded=read_instant(path, LAST_SUCCESS, "reconcile")
        )
        found = written(path, report, later)
        assert found["last_success_timestamp_seconds", "reconcile"] == ENDED.timestamp()
        assert found["last_run_timestamp_seconds", "reconcile"] == later.ended.timestamp()
        assert found["run_failed", "reconcile"] == 1


def test_without_any_success_there_is_no_such_metric(tmp_path: Path) -> None:
    found = written(tmp_path / "run.prom", None)
    assert not any(name == "last_success_timestamp_seconds" for name, *_ in found)


@pytest.mark.parametrize("text", ["", "not metrics {", "gitops_rollout_last_success_timestamp_seconds 1e300\n", "\x00"])
def test_a_former_file_that_tells_nothing_is_no_obstacle(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.prom"
    path.write_text(text)
    assert read_instant(path, LAST_SUCCESS, "reconcile") is None
    assert written(path, full_report())


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "run.prom"
    written(path, full_report())
    assert [one.name for one in tmp_path.iterdir()] == ["run.prom"]
    with pytest.raises(RolloutError, match=r"run\.prom"):
        write_metrics(tmp_path / "missing" / "run.prom", full_report(), FACTS)


def test_prometheus_own_linter_has_nothing_to_say(tmp_path: Path) -> None:
    promtool = needs(catalogue.PROMETHEUS) / "usr/bin/promtool"
    write_metrics(tmp_path / "run.prom", full_report(), FACTS)
    text = (tmp_path / "run.prom").read_bytes()
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
