"""Pytest fixtures for the real servers. A server runs once for each worker; without its program, a test is skipped."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers import catalogue
from tests.servers import kube_api as kube_api_server
from tests.servers.gitea import Gitea
from tests.servers.gitea import serve as serve_gitea
from tests.servers.github_mock import GRAPHQL
from tests.servers.github_mock import serve as serve_github
from tests.servers.kube_api import KubeApi
from tests.servers.parts import GoProgram, Part
from tests.servers.prometheus import Series
from tests.servers.prometheus import serve as serve_prometheus


@pytest.fixture(scope="session")
def gitea() -> Iterator[Gitea]:
    """A Gitea server; tests make repositories with names of their own."""
    with room() as folder, serve_gitea(needs_program(catalogue.GITEA), folder) as server:
        yield server


@pytest.fixture(scope="session")
def kube_server() -> Iterator[KubeApi]:
    """A Kubernetes API server with etcd and the CRDs; `kube_api` is what a test asks for."""
    programs = given_programs() or (needs_program(catalogue.KUBE_APISERVER), needs_program(catalogue.ETCD))
    with room() as folder, kube_api_server.serve(*programs, needs(catalogue.CRDS), folder) as server:
        yield server


@pytest.fixture
def kube_api(kube_server: KubeApi) -> Iterator[KubeApi]:
    """The API server, without any custom object at the start and at the end of a test."""
    kube_server.clear()
    yield kube_server
    kube_server.clear()


@pytest.fixture
def prometheus() -> Iterator[Callable[[Iterable[Series]], str]]:
    """Starts Prometheus over the history that it is called with, and returns its URL."""
    package = needs(catalogue.PROMETHEUS)
    with ExitStack() as servers:

        def start(history: Iterable[Series]) -> str:
            return servers.enter_context(serve_prometheus(package, servers.enter_context(room()), history))

        yield start


@pytest.fixture(scope="session")
def github_mock() -> Iterator[str]:
    """The URL of a mock of GitHub's REST API: 422 for a request that GitHub's description does not allow."""
    with room() as folder, serve_github(needs(catalogue.GITHUB), folder) as url:
        yield url


@pytest.fixture(scope="session")
def github_graphql_schema() -> Path:
    """The file of GitHub's published GraphQL schema."""
    return needs(catalogue.GITHUB) / GRAPHQL


@pytest.fixture(scope="session")
def helm() -> Path:
    """The helm program."""
    return needs_program(catalogue.HELM)


@pytest.fixture(scope="session")
def kustomize() -> Path:
    """The kustomize program."""
    return needs_program(catalogue.KUSTOMIZE)


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


def given_programs() -> tuple[Path, Path] | None:
    """API server and etcd of the folder that KUBEBUILDER_ASSETS names: a custom among Kubernetes projects."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    return (Path(folder) / "kube-apiserver", Path(folder) / "etcd") if folder else None
