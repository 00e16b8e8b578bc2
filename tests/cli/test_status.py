"""`status`: what is asked for is shown, and a watch goes on until it is interrupted."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from tests.reconcile.several import DUE, QUIET, Several, make_several

GENEROUS = 120.0


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Several:
    return make_several(tmp_path_factory.mktemp("status"))


@pytest.fixture(autouse=True)
def caches(several: Several, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(several.place.root / "cache"))


def status(several: Several, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert run(["status", *several.options, *more]) == 0
    return capsys.readouterr().out


def names(text: str) -> list[str]:
    return [target["namespace"] for target in json.loads(text)["targets"]]


def test_the_table_has_the_age_and_the_stage_of_a_rollback(
    several: Several, capsys: pytest.CaptureFixture[str]
) -> None:
    text = status(several, capsys)
    head, *rows = text.splitlines()
    assert head.split()[:6] == ["target", "phase", "Git", "live", "traffic", "age"]
    (going_back,) = [row for row in rows if row.startswith("prod/c21/iris")]
    assert "rollback 10 % → 0 %" in going_back
    assert "pull-request for " in going_back
    assert "rollbacks: 1 waiting for a pull request" in text
    assert len([row for row in rows if row.startswith("prod/")]) == len(DUE) + len(QUIET)


def test_filters_choose_by_phase_reason_and_alarm(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    assert names(status(several, capsys, "--output", "json", "--alarms")) == ["f3", "k3"]
    assert names(status(several, capsys, "--output", "json", "--reason", "soaked")) == ["a1", "a2"]
    both = ["--reason", "soaked", "--reason", "baseline-gone"]
    assert names(status(several, capsys, "--output", "json", *both)) == ["a1", "a2", "k3"]
    active = json.loads(status(several, capsys, "--output", "json", "--phase", "active"))
    assert active["targets"]
    assert all(target["components"]["predictor"]["phase"] == "active" for target in active["targets"])
    text = status(several, capsys, "--alarms")
    assert f"2 alarm of 2 targets (2 of {len(DUE) + len(QUIET)} shown)" in text
    assert "none is as asked for" in status(several, capsys, "--reason", "stopped")


def test_a_filter_that_names_no_phase_is_wrong_usage() -> None:
    assert run(["status", "--live", "prod=simulated:", "--phase", "nonsense"]) == 64


def test_wide_says_why(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    assert "the revision that traffic is pinned to is gone" in status(several, capsys, "--wide")


def test_a_watch_of_the_past_is_wrong_usage(several: Several) -> None:
    assert run(["status", *several.options, "--watch"]) == 64


# A shell's background job inherits that interruptions are ignored, and hands that on to the tests and their children.
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from gitops_rollout.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@contextmanager
def started(command: list[str], **streams: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process that does not outlive its test, whatever fails in between."""
    with subprocess.Popen(command, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


def watched(several: Several, *more: str) -> list[str]:
    live = f"prod=snapshot:{several.place.snapshot('prod')}@{several.now.isoformat()}"
    repo = ["--repo", str(several.place.clone), "--live", live]
    return [sys.executable, "-c", PROGRAM, "status", *repo, "--watch", "--every", "1", *more]


def test_a_watch_in_a_pipe_writes_one_json_line_a_look_and_ends_with_130(several: Several) -> None:
    command = watched(several, "--output", "json")
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        looks = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=GENEROUS)
    assert process.returncode == 130
    assert err.strip() == "gitops-rollout: interrupted"
    assert looks[0]["now"] < looks[1]["now"]
    assert len(looks[0]["targets"]) == len(DUE) + len(QUIET)


def test_a_watch_on_a_terminal_is_drawn_anew_and_ends_with_130(several: Several) -> None:
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"NO_COLOR": "1", "TERM": "xterm"}
    with started(watched(several), stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = read_until(ours, b"\x1b[2J", times=2)
        process.send_signal(signal.SIGINT)
        shown += read_until(ours, b"interrupted", times=1)
        assert process.wait(timeout=GENEROUS) == 130
    os.close(ours)
    assert b"prod/c21/iris" in shown
    assert b"\x1b[1m" not in shown


def read_until(terminal: int, sign: bytes, *, times: int) -> bytes:
    """What a terminal shows until it has shown `sign` so often."""
    shown, end = b"", time.monotonic() + GENEROUS
    while shown.count(sign) < times:
        assert time.monotonic() < end, shown
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
    return shown


def test_a_look_that_fails_is_said_and_the_next_one_tries_again(several: Several, tmp_path: Path) -> None:
    missing = tmp_path / "later.git"
    live = f"prod=snapshot:{several.place.snapshot('prod')}"
    command = ["status", "--repo", str(missing), "--live", live, "--watch", "--every", "1"]
    program = [sys.executable, "-c", PROGRAM, *command]
    with started(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "looking again in 1 s" in process.stderr.readline()
        missing.symlink_to(several.place.remote)
        assert process.stdout.readline().startswith("target")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=GENEROUS)
    assert process.returncode == 130
