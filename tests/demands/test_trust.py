"""Where not everything may be pushed by everybody, and not every forge is the one that a tool was written for."""

import subprocess
from pathlib import Path

import pytest

from gitops_rollout.forges import KINDS
from tests.deaths.gate import gate
from tests.deaths.stages import GiteaStage
from tests.deaths.story import make_story
from tests.demands.site import OURS, Site, make_site
from tests.forges.benches import KINDS as TESTED
from tests.servers.gitea import Gitea
from tests.worlds import git


def test_commits_are_signed_where_the_policy_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kargo#1758: branches that take signed commits only could not be promoted to.

    The naive way commits with the library's defaults: unsigned. git itself verifies ours.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    who = "{name: Rollouts, email: rollouts@example.org}"
    signing = f"commits:\n  author: {who}\n  signing: {{key: {key}, format: ssh}}\n"
    site = make_site(tmp_path, more=signing)
    site.reconcile()
    (commit,) = site.branches().values()
    allowed = tmp_path / "allowed"
    allowed.write_text(f"rollouts@example.org {key.with_suffix('.pub').read_text()}")
    git(site.place.remote, "-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", commit)
    base = subprocess.run(["git", "verify-commit", "main"], cwd=site.place.remote, capture_output=True, check=False)
    assert base.returncode != 0, "an unsigned commit is told apart"
    refs = site.place.refs()
    site.reconcile()
    assert site.place.refs() == refs, "another signature over the same is no reason to push"


def test_a_base_branch_that_nobody_may_push_to_is_no_obstacle(site: Site) -> None:
    """promoter#1800: tools that push to the base branch fail where it is protected. Ours only ever pushes branches."""
    hook = site.place.remote / "hooks" / "update"
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ] || { echo "protected branch"; exit 1; }\n')
    hook.chmod(0o755)
    naive = subprocess.run(
        ["git", "push", "origin", "HEAD~:main", "--force"], cwd=site.place.person, capture_output=True, check=False
    )
    assert naive.returncode != 0
    assert site.reconcile()["score"]["pullRequest"]["did"] == "created"


def test_a_branch_that_the_server_refuses_fails_its_target_alone_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promoter#1800 once more: one refused push failed the whole run, in words that named neither branch nor rule."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = make_site(tmp_path, "refused", "taken")
    hook = site.place.remote / "hooks" / "update"
    hook.write_text('#!/bin/sh\ncase "$1" in *refused*) echo "names are not to our taste"; exit 1;; esac\n')
    hook.chmod(0o755)
    targets = site.reconcile(code=1)
    assert targets["taken"]["pullRequest"]["did"] == "created"
    assert "hook declined" in targets["refused"]["error"]


def test_every_forge_is_put_to_the_same_tests() -> None:
    """image-updater#1060, image-updater#1649: years of waiting for a forge that the tool had no room for.

    A forge is one file behind one interface, and the same contract is run against each (tests/forges/contract.py).
    """
    assert set(TESTED) == set(KINDS)
    for kind in KINDS:
        test = Path(__file__).parents[1] / "forges" / f"test_{kind}.py"
        assert "(ForgeContract)" in test.read_text(encoding="utf-8")


def test_git_and_the_api_have_credentials_of_their_own(gitea: Gitea, tmp_path: Path) -> None:
    """promoter#254: one secret had to do for both, so whoever could open pull requests could push anywhere.

    Here git's is of a person who may push, the API's is of another one; neither is sent where the other belongs.
    """
    pusher = gitea.new_user("pusher")
    story = make_story(tmp_path / "story", ["breaks"])
    with gate(gitea.url) as passing:
        stage = GiteaStage(tmp_path / "stage", story, gitea, passing, "two-credentials")
        stage.ready()
        path = f"/repos/{gitea.user}/two-credentials/collaborators/pusher"
        gitea.call("PUT", path, {"permission": "write"}, token=gitea.owner_token)
        stage.git_user = ("pusher", pusher)
        code, effects = stage.run(story.chapters[0])
        assert code == 0, stage.said()
        assert any(effect.startswith(f"push {OURS}") for effect in effects)
        by_git = {value for path, value in passing.credentials if "/api/" not in path}
        by_api = {value for path, value in passing.credentials if "/api/" in path}
    assert by_api == {f"token {gitea.token}"}
    assert by_git, "the remote asks for credentials"
    assert not any(gitea.token in value for value in by_git)
    assert not any(pusher in value for value in by_api)
