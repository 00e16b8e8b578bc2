"""One bench for each kind of forge, by its name, for tests that hold on every forge."""

from pathlib import Path

import pytest

from tests.forges.git_bench import GitBench
from tests.forges.hosted_bench import GitHubBench, GitLabBench
from tests.forges.test_gitea import GiteaBench

KINDS = ("local", "github", "gitlab", "gitea")


def make_bench(kind: str, root: Path, request: pytest.FixtureRequest) -> GitBench:
    """A bench of this kind in an empty folder; Gitea's server is asked for only where it is needed."""
    if kind == "gitea":
        return GiteaBench(root, server=request.getfixturevalue("gitea"))
    return {"local": GitBench, "github": GitHubBench, "gitlab": GitLabBench}[kind](root)
