"""The environment that the Secret's template makes lets git in over HTTP, and the token shows nowhere."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.deploy.rendered import DEPLOY
from tests.servers.gitea import Gitea
from tests.worlds import git, make_place


def secret(token: str) -> dict[str, str]:
    """The template filled in, as a Pod would have it."""
    lines = (DEPLOY / "credentials.env").read_text().splitlines()
    entries = dict(line.split("=", 1) for line in lines)
    assert entries["GITOPS_ROLLOUT_FORGE_TOKEN"] == ""
    return {**entries, "GITOPS_ROLLOUT_FORGE_TOKEN": token}


@pytest.fixture
def repository(gitea: Gitea, tmp_path: Path) -> str:
    """A private repository on the server with one manifest in it."""
    url = gitea.new_repository("deployments")
    (tmp_path / "world").mkdir()
    place = make_place(tmp_path / "world")
    place.commit({"iris.yaml": "kind: Other\n", ".gitops-rollout.yaml": "version: 1\n"}, "first", datetime.now(UTC))
    git(place.person, "push", "--quiet", gitea.remote("deployments"), "HEAD:main")
    return url


def plan(repository: str, home: Path, credentials: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gitops_rollout", "plan", "--repo", repository, "--live", "prod=simulated:"]
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **credentials}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=home)


def test_git_comes_in_with_the_secret_and_not_without(gitea: Gitea, repository: str, tmp_path: Path) -> None:
    done = plan(repository, tmp_path, secret(gitea.token))
    assert done.returncode == 0, done.stderr
    assert gitea.token not in done.stdout + done.stderr
    for file in tmp_path.rglob("*"):
        if file.is_file() and "world" not in file.parts:
            assert gitea.token.encode() not in file.read_bytes(), file
    refused = plan(repository, tmp_path, {})
    assert refused.returncode == 1
    assert "credential" in refused.stderr
