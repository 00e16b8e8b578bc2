"""The policy says who commits and how it is signed, and that does not unsettle a second run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reconcile.several import DUE, PROPOSE, make_several
from tests.worlds import git

HEADS = "refs/heads/gitops-rollout/"


def test_commits_carry_the_policys_identity_and_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    commits = (
        "commits:\n  author: {name: Robot, email: robot@example.org}\n"
        f"  signing: {{key: {key}, format: ssh}}\n  sign-off: true\n"
    )
    several = make_several(tmp_path, PROPOSE + commits)

    def reconcile() -> set[str]:
        command = [sys.executable, "-m", "gitops_rollout", "reconcile", *several.options, "--output", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        targets = json.loads(done.stdout)["targets"]
        return {target["pullRequest"]["did"] for target in targets if target["pullRequest"]}

    assert reconcile() == {"created"}
    made = several.place.refs(HEADS)
    assert len(made) == len(DUE)
    allowed = tmp_path / "allowed"
    allowed.write_text(f"robot@example.org {Path(f'{key}.pub').read_text()}")
    for commit in made.values():
        shown = git(several.place.remote, "show", "--no-patch", "--format=%an <%ae> %cn <%ce>%n%B", commit)
        assert shown.startswith("Robot <robot@example.org> Robot <robot@example.org>\n")
        assert "Signed-off-by: Robot <robot@example.org>" in shown
        git(several.place.remote, "-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", commit)
    assert reconcile() == {"found"}
    assert several.place.refs(HEADS) == made
