"""A whole run where the forge makes the commits, on a real Gitea, as the policy asks for it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.reconcile.several import DUE, PROPOSE, make_several
from tests.servers.gitea import Gitea
from tests.worlds import git

NAME = "commits-by-the-forge"
POLICY = f"{PROPOSE}limits: {{max-age: 100000h}}\ncommits: {{via: api}}\nforge: {{kind: gitea}}\n"


def test_the_forge_commits_and_a_second_run_finds_all_of_it(gitea: Gitea, tmp_path: Path) -> None:
    several = make_several(tmp_path, POLICY)
    gitea.new_repository(NAME)
    remote = gitea.remote(NAME)
    git(several.place.remote, "push", "-q", remote, "main")
    gitea.await_first_push(NAME)
    live = several.options[3]

    def reconcile() -> dict[str, Any]:
        command = [sys.executable, "-m", "gitops_rollout", "reconcile", "--repo", remote, "--live", live]
        environment = {
            **os.environ,
            "GITOPS_ROLLOUT_FORGE_TOKEN": gitea.token,
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        done = subprocess.run(
            [*command, "--output", "json"], env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return {one["target"]: one["pullRequest"] for one in json.loads(done.stdout)["targets"] if one["pullRequest"]}

    def heads() -> dict[str, str]:
        listed = git(tmp_path, "ls-remote", "--heads", remote).splitlines()
        return {line.split("\t")[1]: line.split("\t")[0] for line in listed if "gitops-rollout/" in line}

    created = reconcile()
    assert {pull["did"] for pull in created.values()} == {"created"}
    made = heads()
    assert len(made) == len(created) == len(DUE)
    assert not [ref for ref in made if ref.startswith("refs/heads/gitops-rollout/commits/")]
    git(several.place.remote, "fetch", "-q", remote, "+refs/heads/*:refs/heads/*")
    signers = tmp_path / "signers"
    signers.write_text(f"gitops-rollout@localhost {gitea.signing_key}\n")
    base = git(several.place.remote, "rev-parse", "main")
    for commit in made.values():
        git(several.place.remote, "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", commit)
        shown = git(several.place.remote, "show", "--no-patch", "--format=%P %ce", commit)
        assert shown == f"{base} gitops-rollout@localhost"
    assert {pull["did"] for pull in reconcile().values()} == {"found"}
    assert heads() == made
