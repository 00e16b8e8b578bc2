"""Runs of the command line in processes of their own: they start in milliseconds, and SIGKILL ends them."""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_forks = get_context("forkserver")
# Imported once in the process that all runs are forked from.
_forks.set_forkserver_preload(
    [
        "git",
        "httpx",
        "gitops_rollout.cli.reconcile",
        "gitops_rollout.cli.output",
        "gitops_rollout.forges.gitea.forge",
        "gitops_rollout.forges.hosted",
        "gitops_rollout.forges.local.forge",
        "gitops_rollout.forges.tokens",
        "gitops_rollout.reconcile.open",
        "gitops_rollout.reconcile.run",
        "gitops_rollout.repository.repository",
        "gitops_rollout.report.as_text",
    ]
)


@dataclass(frozen=True)
class Run:
    """A run that was started: it leads a process group of its own, git and all that it starts included."""

    process: ForkServerProcess
    output: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def end(self, within: float = 500) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        self.process.join(within)
        assert self.process.exitcode is not None, f"it does not end:\n{self.said()}"
        return self.process.exitcode

    def kill(self) -> None:
        """End it and all that it has started, if it still runs."""
        if self.process.is_alive():
            kill(self.pid)
            self.process.kill()
            self.process.join()

    def said(self) -> str:
        """What it printed on both streams."""
        return self.output.read_text(encoding="utf-8", errors="replace")


def start(arguments: Sequence[str], output: Path, environment: Mapping[str, str]) -> Run:
    """Start `gitops-rollout` with these arguments; `environment` is added to the present one."""
    process = _forks.Process(target=_main, args=(list(arguments), str(output), {**os.environ, **environment}))
    process.start()
    return Run(process, output)


def kill(pid: int) -> None:
    """SIGKILL for a run and for all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _main(arguments: Sequence[str], output: str, environment: Mapping[str, str]) -> None:
    os.setsid()
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.environ.clear()
    os.environ.update(environment)
    from gitops_rollout.cli.main import run

    raise SystemExit(run(arguments))
