"""A mock of GitHub's REST API that knows its published description, and answers 422 to what that does not allow."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.http import call
from tests.servers.processes import free_port, running

PRISM = "node_modules/@stoplight/prism-cli/dist/index.js"
DESCRIPTION = "node_modules/@octokit/openapi/generated/api.github.com.json"
GRAPHQL = "node_modules/@octokit/graphql-schema/schema.graphql"


@contextmanager
def serve(packages: Path, folder: Path) -> Iterator[str]:
    """Run the mock until the block ends; yields the URL that stands for GitHub's API."""
    port = free_port()
    command = ["node", str(packages / PRISM), "mock", "--port", str(port), "--host", "127.0.0.1"]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    url = f"http://127.0.0.1:{port}"
    with running([*command, str(packages / DESCRIPTION)], folder=folder, env=env, ready=lambda: listens(url)):
        yield url


def listens(url: str) -> bool:
    """Whether the mock answers at all yet."""
    try:
        call("GET", f"{url}/zen")
    except OSError:
        return False
    return True
