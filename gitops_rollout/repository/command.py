"""Runs git through GitPython: a clean environment, bytes in, bytes out, typed failures."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import PIPE
from typing import IO, TYPE_CHECKING, BinaryIO, NamedTuple

from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.failures import DamagedStore, failure, is_damage
from gitops_rollout.repository.redact import redact

if TYPE_CHECKING:
    from git import Git

# Variables that point git at one repository (git rev-parse --local-env-vars), set for us when we run inside a hook.
# GIT_CONFIG_COUNT and GIT_CONFIG_PARAMETERS stay: CI systems hand credentials to git that way.
LEAKING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_CONFIG",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)

# A file of this name in a private repository has the next opening make it anew.
DAMAGE_MARK = "damaged"

SAFE = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ADVICE": "0",
}


_COUNT = "GIT_CONFIG_COUNT"


class Setting(NamedTuple):
    """One entry of a git configuration; `value` is None for a key without one."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to: exit status, standard output as bytes, standard error as redacted text."""

    status: int
    stdout: bytes
    stderr: str


@dataclass(frozen=True, slots=True)
class Command:
    """git in one folder: with `repository` in that bare repository, without it wherever git finds itself.

    `talks`: it was given what it takes to talk to the remote.
    """

    folder: Path
    repository: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    talks: bool = False

    def with_environment(self, environment: Mapping[str, str]) -> "Command":
        """The same command with more variables."""
        return replace(self, environment={**self.environment, **environment})

    def with_settings(self, settings: Iterable[Setting]) -> "Command":
        """The same command with more configuration, handed over in the environment: arguments can be seen by others."""
        entries = list(settings)
        count = int(self.environment.get(_COUNT) or os.environ.get(_COUNT) or 0)
        environment = {_COUNT: str(count + len(entries))}
        for number, (key, value) in enumerate(entries, count):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = "true" if value is None else value
        return self.with_environment(environment)

    def talking(self, settings: Iterable[Setting], secrets: Mapping[str, str], hidden: Sequence[str]) -> "Command":
        """The same command with what it takes to talk to the remote; `hidden` words are kept out of all messages."""
        command = self.with_settings(settings).with_environment(secrets)
        return replace(command, secrets=(*self.secrets, *hidden), talks=True)

    def attempt(self, *arguments: str, stdin: bytes = b"", hold: Sequence[int] = ()) -> Outcome:
        """Run git to its end, whatever comes of it; `hold` are descriptors that it keeps open while it lives."""
        with _feed(stdin) as feed:
            status, stdout, stderr = self._git().execute(
                self._line(arguments),
                istream=feed,
                env=self._environment(),
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                pass_fds=tuple(hold),
            )
        return Outcome(status, stdout, self._readable(stderr, status))

    def run(self, what: str, *arguments: str, stdin: bytes = b"", hold: Sequence[int] = ()) -> bytes:
        """Run git and return its standard output; `what` opens the message of the error that is raised else."""
        outcome = self.attempt(*arguments, stdin=stdin, hold=hold)
        if outcome.status != 0:
            raise self.failed(what, outcome.stderr)
        return outcome.stdout

    @contextmanager
    def stream(self, what: str, *arguments: str, stdin: bytes = b"") -> Iterator[IO[bytes]]:
        """Standard output as git writes it; raises after the last byte when git failed."""
        with _feed(stdin) as feed:
            # Ends the process when it goes out of scope, so it is kept to the end.
            running = self._git().execute(self._line(arguments), istream=feed, env=self._environment(), as_process=True)
        process = running.proc
        if process is None or process.stdout is None or process.stderr is None:
            raise RepositoryError(f"{what}: git could not be started", "Run again.")
        try:
            yield process.stdout
            process.stdout.read()
            stderr = process.stderr.read()
            if process.wait() != 0:
                raise self.failed(what, self._readable(stderr, process.returncode))
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()
            process.stderr.close()

    def serve(self, *arguments: str) -> "Git.AutoInterrupt":
        """A process that stays and is talked to; it ends when the answer of this call goes out of scope."""
        return self._git().execute(self._line(arguments), istream=PIPE, env=self._environment(), as_process=True)

    def failed(self, what: str, stderr: str) -> RepositoryError:
        """The error for a command that failed in this repository."""
        if self.repository is not None and is_damage(stderr, talked=self.talks):
            return self.damaged(what)
        return failure(what, stderr)

    def damaged(self, what: str) -> DamagedStore:
        """The error for a private repository that lost something; marks it, so that it is made anew."""
        if self.repository is not None and self.repository.is_dir():
            (self.repository / DAMAGE_MARK).touch()
        where = f"the private repository {self.repository}"
        return DamagedStore(f"{what}: {where} is damaged", "Run again: it is made anew. It may be deleted at any time.")

    def _git(self) -> "Git":
        try:
            import git  # 130 ms, so only where git is run
        except ImportError as error:
            raise RepositoryError(f"git cannot be run: {str(error).splitlines()[0]}", "Install git.") from None
        if not self.folder.is_dir():
            raise DamagedStore(f"the folder {self.folder} is gone", "Run again: a cache that is removed is made anew.")
        return git.Git(self.folder)

    def _line(self, arguments: Sequence[str]) -> list[str]:
        leaked = [name for name in LEAKING if name in os.environ]
        prefix = ["env", *(part for name in leaked for part in ("-u", name))] if leaked else []
        where = [f"--git-dir={self.repository}"] if self.repository else []
        return [*prefix, "git", *where, *arguments]

    def _environment(self) -> dict[str, str]:
        return {**SAFE, **self.environment}

    def _readable(self, stderr: str | bytes, status: int) -> str:
        text = stderr.decode("utf-8", "replace") if isinstance(stderr, bytes) else stderr
        if status < 0:
            text += f"\nfatal: git was ended by signal {-status}"
        return redact(text, *self.secrets)


@contextmanager
def _feed(data: bytes) -> Iterator[BinaryIO]:
    """A file that git reads as its standard input: it may read at its own pace while we read its output."""
    try:
        feed = tempfile.TemporaryFile()  # noqa: SIM115 - closed below; only making and filling it may fail
        feed.write(data)
        feed.seek(0)
    except OSError as error:
        raise RepositoryError(
            f"cannot write to the folder for temporary files: {error.strerror}", "Make room there, or set TMPDIR."
        ) from None
    with feed:
        yield feed
