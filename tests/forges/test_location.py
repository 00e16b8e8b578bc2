"""Which forge a remote belongs to, and which token is sent there."""

import pytest

from gitops_rollout.forges.location import Location, locate
from gitops_rollout.forges.tokens import token
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.policy import ForgePolicy

NOTHING = ForgePolicy()


@pytest.mark.parametrize(
    ("remote", "where"),
    [
        ("https://github.com/acme/models.git", Location("github", "https://github.com", "acme", "models")),
        ("https://github.com/acme/models", Location("github", "https://github.com", "acme", "models")),
        ("git@github.com:acme/models.git", Location("github", "https://github.com", "acme", "models")),
        ("ssh://git@github.com:22/acme/models.git", Location("github", "https://github.com", "acme", "models")),
        ("https://gitlab.com/acme/ml/models.git", Location("gitlab", "https://gitlab.com", "acme/ml", "models")),
        ("https://codeberg.org/acme/models.git", Location("gitea", "https://codeberg.org", "acme", "models")),
        ("http://gitea.local:3000/acme/models.git", Location("gitea", "http://gitea.local:3000", "acme", "models")),
        ("https://github.acme.example/a/b.git", Location("github", "https://github.acme.example", "a", "b")),
        ("/srv/git/models.git", Location("local")),
        ("file:///srv/git/models.git", Location("local")),
        ("../models.git", Location("local")),
        ("https://git.example.com/acme/models.git", None),
        ("git@git.example.com:acme/models.git", None),
        ("https://notgithub.example/acme/models.git", None),
    ],
)
def test_by_host(remote: str, where: Location | None) -> None:
    assert locate(remote, None, NOTHING, {}) == where


def test_an_option_beats_the_policy_and_the_policy_beats_the_host() -> None:
    remote = "https://git.example.com/acme/models.git"
    policy = ForgePolicy(kind="gitlab", url="https://api.example.com/", owner="other")
    assert locate(remote, None, policy, {}) == Location("gitlab", "https://api.example.com", "other", "models")
    there = locate(remote, "gitea", ForgePolicy(kind="gitlab"), {})
    assert there == Location("gitea", "https://git.example.com", "acme", "models")
    assert locate("https://github.com/acme/models", "local", NOTHING, {}) == Location("local")


def test_the_ci_environment_tells_the_kind_of_its_own_server_only() -> None:
    remote = "git@git.example.com:acme/models.git"
    gitea = {"GITEA_ACTIONS": "true", "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.com:3000"}
    assert locate(remote, None, NOTHING, gitea) == Location("gitea", "https://git.example.com:3000", "acme", "models")
    enterprise = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.com"}
    assert locate(remote, None, NOTHING, enterprise) == Location("github", "https://git.example.com", "acme", "models")
    assert locate(remote, None, NOTHING, {**enterprise, "GITHUB_SERVER_URL": "https://github.com"}) is None
    runner = {"GITLAB_CI": "true", "CI_SERVER_URL": "https://git.example.com/gitlab"}
    there = locate(remote, None, NOTHING, runner)
    assert there == Location("gitlab", "https://git.example.com/gitlab", "acme", "models")


def test_a_remote_without_owner_is_an_error() -> None:
    with pytest.raises(ForgeError, match="no owner"):
        locate("https://github.com/models.git", None, NOTHING, {})


def test_a_token_of_our_own_comes_first() -> None:
    where = Location("gitea", "https://git.example.com", "a", "b")
    assert token(where, {"GITOPS_ROLLOUT_FORGE_TOKEN": " mine ", "GITEA_TOKEN": "other"}) == "mine"
    assert token(where, {"FORGEJO_TOKEN": "theirs"}) == "theirs"


@pytest.mark.parametrize("kind", ["github", "gitea"])
def test_a_ci_token_is_not_sent_to_another_host(kind: str) -> None:
    where = Location(kind, "https://git.example.com", "a", "b")
    environment = {"GITHUB_TOKEN": "secret", "GH_TOKEN": "secret", "GITHUB_SERVER_URL": "https://github.com"}
    with pytest.raises(ForgeError, match="no token") as caught:
        token(where, environment)
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"
    assert token(where, {**environment, "GITHUB_SERVER_URL": "https://git.example.com"}) == "secret"
