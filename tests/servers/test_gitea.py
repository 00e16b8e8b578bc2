"""The Gitea fixture is a real server: a branch pushed with git becomes a pull request that merges."""

import subprocess
from pathlib import Path

from tests.servers.gitea import Gitea
from tests.servers.http import until


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_pull_request_is_opened_and_merged(gitea: Gitea, tmp_path: Path) -> None:
    gitea.new_repository("first")
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a.yaml").write_text("canaryTrafficPercent: 10\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "base")
    git(tmp_path, "checkout", "--quiet", "-b", "gitops-rollout/x")
    (tmp_path / "a.yaml").write_text("canaryTrafficPercent: 50\n")
    git(tmp_path, "commit", "--quiet", "-am", "step")
    git(tmp_path, "push", "--quiet", gitea.remote("first"), "main", "gitops-rollout/x")
    pulls = f"/repos/{gitea.user}/first/pulls"
    wanted = {"title": "Step", "head": "gitops-rollout/x", "base": "main"}
    gitea.await_first_push("first")
    number = gitea.call("POST", pulls, wanted).ok()["number"]
    assert gitea.call("POST", pulls, wanted).status == 409
    head = git(tmp_path, "rev-parse", "HEAD")
    merge = {"Do": "merge", "head_commit_id": head}
    assert gitea.call("POST", f"{pulls}/{number}/merge", {**merge, "head_commit_id": "0" * 40}).status == 409
    assert until(lambda: gitea.call("POST", f"{pulls}/{number}/merge", merge), lambda answer: answer.status == 200)
    assert gitea.call("GET", f"{pulls}/{number}").ok()["merged"] is True


def test_a_token_of_another_user_may_not_see_a_private_repository(gitea: Gitea) -> None:
    gitea.new_repository("closed")
    stranger = gitea.new_user("stranger")
    assert gitea.call("GET", f"/repos/{gitea.user}/closed", token=stranger).status == 404
    assert gitea.call("GET", f"/repos/{gitea.user}/closed").status == 200
