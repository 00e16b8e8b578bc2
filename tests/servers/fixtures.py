"""Pytest fixtures for the real servers. A server runs once for each worker; without its program, a test is skipped."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers import catalogue
from tests.servers.gitea import Gitea
from tests.servers.gitea import serve as serve_gitea
from tests.servers.parts import GoProgram, Part


@pytest.fixture(scope="session")
def gitea() -> Iterator[Gitea]:
    """A Gitea server; tests make repositories with names of their own."""
    with room() as folder, serve_gitea(needs_program(catalogue.GITEA), folder) as server:
        yield server


@contextmanager
def room() -> Iterator[Path]:
    """A folder for a server's data, removed with it."""
    with TemporaryDirectory(prefix="gitops-rollout-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def needs(part: Part) -> Path:
    """The folder of a built part; where there is none the test is skipped."""
    place = catalogue.built(part)
    if place is None:
        pytest.skip(f"{part.name} {part.version} is not built: `make servers` builds it")
    return place


def needs_program(part: GoProgram) -> Path:
    """A built program; where there is none the test is skipped."""
    return needs(part) / part.name
