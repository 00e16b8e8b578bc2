"""Remotes by SSH: addresses of both spellings, and the clone's own SSH command."""

from pathlib import Path

import pytest

from gitops_rollout.model.doors import RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import facts, open_repository
from tests.repository.repos import git

# Stands in for ssh: notes what it is asked and runs the command that the server would run.
SSH = """#!/bin/sh
echo "$@" >> "{log}"
for last; do :; done
exec sh -c "$last"
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    program = tmp_path / "ssh program"
    program.write_text(SSH.format(log=tmp_path / "log"))
    program.chmod(0o755)
    return tmp_path / "log"


@pytest.mark.parametrize("spelling", ["ssh://git:secret@server.example:2222{path}", "git@server.example:{path}"])
def test_the_clone_s_ssh_command_is_used(
    spelling: str, log: Path, remote_and_clone: tuple[Path, Path], tmp_path: Path
) -> None:
    remote, clone = remote_and_clone
    path = tmp_path / "remote.git"
    remote.rename(path)
    git(clone, "remote", "set-url", "origin", spelling.format(path=path))
    git(clone, "config", "ssh.variant", "ssh")
    git(clone, "config", "core.sshCommand", f"'{log.parent}/ssh program'")
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    assert repository.push([[RefUpdate("refs/heads/x", base, None)]])[0].accepted
    said = log.read_text()
    assert "git@server.example git-upload-pack" in said.replace("-p 2222 ", "")
    assert "git-receive-pack" in said
    assert "secret" not in said + facts(repository).fetch_url
    assert "git@server.example" in facts(repository).fetch_url


def test_a_server_that_cannot_be_reached_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "ssh"
    script.write_text("#!/bin/sh\necho 'ssh: connect to host server port 22: Connection refused' >&2\nexit 255\n")
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    with pytest.raises(RepositoryError) as caught:
        open_repository("git@server:a/b.git").base_commit()
    assert "Connection refused" in caught.value.message
    assert "network" in (caught.value.hint or "")
