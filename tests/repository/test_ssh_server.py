"""A real server by SSH, Gitea's own: what works with a key, and what is said where key or server is not known."""

import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitops_rollout.model.doors import CommitRequest, PushRefusal, RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import GitRepository, open_repository
from tests.repository.repos import commit, git
from tests.servers.gitea import Gitea, make_key, public_key

_names = (f"by-ssh-{number}" for number in itertools.count())


@dataclass(frozen=True)
class SshRemote:
    """A repository on the server with one commit; the folder of a person's keys and known hosts."""

    server: Gitea
    name: str
    keys: Path

    def use(self, monkeypatch: pytest.MonkeyPatch, *, key: str = "known", hosts: str = "known_hosts") -> None:
        """SSH reads the home folder from the password file, so that its files are named to it."""
        options = f"-F none -o BatchMode=yes -o IdentitiesOnly=yes -i {self.keys / key}"
        options += f" -o UserKnownHostsFile={self.keys / hosts} -o StrictHostKeyChecking=yes"
        monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh {options}")

    def open(self) -> GitRepository:
        return open_repository(self.server.ssh(self.name))


@pytest.fixture
def ssh(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SshRemote:
    if shutil.which("ssh") is None:
        pytest.skip("ssh is not installed")
    name, keys = next(_names), tmp_path / "keys"
    keys.mkdir()
    gitea.new_repository(name)
    for key in ("known", "stranger", "other"):
        make_key(keys / key)
    body = {"title": name, "key": public_key(keys / "known")}
    gitea.call("POST", "/user/keys", body, token=gitea.owner_token).ok()
    address = f"[127.0.0.1]:{gitea.ssh_port}"
    (keys / "known_hosts").write_text(f"{address} {gitea.host_key}\n")
    (keys / "empty").write_text("")
    (keys / "impostor").write_text(f"{address} {public_key(keys / 'other')}\n")
    remote = SshRemote(gitea, name, keys)
    remote.use(monkeypatch)
    person = tmp_path / "person"
    git(tmp_path, "init", "-q", "-b", "main", str(person))
    commit(person, {"apps/iris.yaml": "percent: 10\n"}, "First")
    git(person, "push", "-q", gitea.ssh(name), "HEAD:main")
    return remote


def test_fetch_and_push_with_a_lease(ssh: SshRemote) -> None:
    repository = ssh.open()
    branch, base = repository.base_commit()
    assert branch == "main"
    assert repository.read_file(base, "apps/iris.yaml") == b"percent: 10\n"
    first, second = repository.commit(
        [CommitRequest(base, {"apps/iris.yaml": b"percent: %d\n" % number}, "Change") for number in (0, 25)]
    )
    ref = "refs/heads/gitops-rollout/prod/apps/iris/promote-00000000"
    assert repository.push([[RefUpdate(ref, first, None)]])[0].accepted
    (late,) = repository.push([[RefUpdate(ref, second, None)]])  # expects that it is not there yet
    assert (late.accepted, late.refusal) == (False, PushRefusal.MOVED)
    assert repository.push([[RefUpdate(ref, second, first)]])[0].accepted
    assert repository.read_refs("refs/heads/gitops-rollout/") == {ref: second}


def test_a_key_that_the_server_does_not_know(ssh: SshRemote, monkeypatch: pytest.MonkeyPatch) -> None:
    ssh.use(monkeypatch, key="stranger")
    with pytest.raises(RepositoryError) as caught:
        ssh.open().base_commit()
    assert "Permission denied" in caught.value.message
    assert "an SSH key" in (caught.value.hint or "")


@pytest.mark.parametrize("hosts", ["empty", "impostor"])
def test_a_server_that_is_not_known_or_is_another(hosts: str, ssh: SshRemote, monkeypatch: pytest.MonkeyPatch) -> None:
    ssh.use(monkeypatch, hosts=hosts)
    with pytest.raises(RepositoryError) as caught:
        ssh.open().base_commit()
    assert "Host key verification failed" in caught.value.message
    assert "known_hosts" in (caught.value.hint or "")
