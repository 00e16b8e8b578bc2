"""The frame around every command: exit codes, one line for what goes wrong, no traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import click
import pytest

from gitops_rollout.cli.commands import COMMANDS, Entry
from gitops_rollout.cli.main import run
from gitops_rollout.model.errors import PolicyError, UsageError


def install(monkeypatch: pytest.MonkeyPatch, function) -> None:
    """Make `gitops-rollout trial` run `function`."""
    module = ModuleType("gitops_rollout.cli.trial")
    module.command = click.command()(function)
    monkeypatch.setitem(sys.modules, "gitops_rollout.cli.trial", module)
    monkeypatch.setitem(COMMANDS, "trial", Entry("trial", "A command of this test."))


def raising(error: BaseException):
    def body() -> None:
        raise error

    return body


def gitops_rollout(*args: str, **settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gitops_rollout", *args], capture_output=True, text=True, check=False, **settings
    )


def test_help_lists_every_command_with_one_line() -> None:
    done = gitops_rollout("--help", env={**os.environ, "COLUMNS": "120"})
    assert done.returncode == 0
    assert done.stderr == ""
    for name, entry in COMMANDS.items():
        assert f"{name} " in done.stdout
        assert entry.help in done.stdout


def test_help_imports_no_command_and_no_heavy_library() -> None:
    script = (
        "import sys; from gitops_rollout.cli.main import run; assert run(['--help']) == 0;"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    ours = {name for name in modules if name.startswith("gitops_rollout.")}
    assert ours == {
        "gitops_rollout.cli",
        "gitops_rollout.cli.main",
        "gitops_rollout.cli.commands",
        "gitops_rollout.model",
        "gitops_rollout.model.errors",
    }
    assert not modules & {"git", "rich", "jinja2", "kubernetes", "pydantic", "msgspec", "ruamel.yaml", "yaml"}


def test_an_expected_failure_is_one_line_with_its_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, raising(PolicyError("policy.yaml:3: no such key\nsteps", "see `gitops-rollout schema`")))
    assert run(["trial"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "gitops-rollout: policy.yaml:3: no such key steps (see `gitops-rollout schema`)\n"


def test_a_failure_text_cannot_command_the_terminal_or_the_ci_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, raising(PolicyError("bad\x1b[2J\n::set-output name=x::y ##vso[task.complete]")))
    assert run(["trial"]) == 1
    shown = capsys.readouterr().err
    assert "\x1b" not in shown
    assert "##vso" not in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    "args", [["trial", "--nonsense"], ["nonsense"], ["--nonsense"], []], ids=["option", "command", "global", "nothing"]
)
def test_wrong_usage_exits_64(
    args: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, lambda: None)
    assert run(args) == 64
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Usage: gitops-rollout" in shown.err


def test_a_usage_error_of_ours_exits_64(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, raising(UsageError("--now does not go with a live cluster")))
    assert run(["trial"]) == 64


def test_the_return_value_of_a_command_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, lambda: 2)
    assert run(["trial"]) == 2
    install(monkeypatch, lambda: None)
    assert run(["trial"]) == 0


def test_a_bug_is_one_line_and_a_private_file_without_credentials(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    install(monkeypatch, raising(KeyError("https://me:hunter2@git.example/x")))
    assert run(["trial"]) == 3
    shown = capsys.readouterr().err
    (details,) = (tmp_path / "gitops-rollout").iterdir()
    assert str(details) in shown
    assert shown.count("\n") == 1
    assert "Traceback" not in shown
    assert "hunter2" not in shown
    text = details.read_text()
    assert "Traceback" in text
    assert "https://***@git.example/x" in text
    assert details.stat().st_mode & 0o077 == 0


def test_a_bug_in_a_home_that_cannot_be_written_goes_to_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(obstacle))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    install(monkeypatch, raising(KeyError("x")))
    assert run(["trial"]) == 3
    assert str(tmp_path / "gitops-rollout-bug-") in capsys.readouterr().err


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "gitops_rollout", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_an_interruption_exits_130(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = f"""
import signal, sys, time, pathlib, types, click
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits that it is ignored
from gitops_rollout.cli import commands, main
module = types.ModuleType("gitops_rollout.cli.trial")
@click.command()
def command():
    pathlib.Path({str(started)!r}).touch()
    time.sleep(60)
module.command = command
sys.modules["gitops_rollout.cli.trial"] = module
commands.COMMANDS["trial"] = commands.Entry("trial", "")
sys.exit(main.run(["trial"]))
"""
    with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 30
        while not started.exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.strip() == "gitops-rollout: interrupted"


def test_a_name_that_the_terminal_cannot_write_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys; from gitops_rollout.cli.main import run; run(['--version']); print('caf\\u00e9 \\udce9')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "caf\\xe9" in done.stdout
