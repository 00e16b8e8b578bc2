"""Commits signed with real keys, verified by git itself."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_rollout.model.commits import CommitSettings, Person, SignatureFormat
from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import open_repository
from tests.repository.repos import git

BOT = Person("Rollout Bot", "bot@example.com")


@pytest.fixture
def openpgp_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A key in a keyring of its own; sockets of gpg-agent need a short path."""
    folder = Path(tempfile.mkdtemp(prefix="gpg-"))
    monkeypatch.setenv("GNUPGHOME", str(folder))
    made = subprocess.run(
        ["gpg", "--batch", "--pinentry-mode=loopback", "--passphrase=", "--quick-gen-key", f"{BOT.name} <{BOT.email}>",
         "ed25519", "sign", "never"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    listed = subprocess.run(["gpg", "--list-keys", "--with-colons"], capture_output=True, check=True, text=True).stdout
    yield next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    subprocess.run(["gpgconf", "--kill", "all"], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def ssh_key(tmp_path: Path) -> Path:
    path = tmp_path / "a key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def make(clone: Path, settings: CommitSettings, message: str = "Subject\n\nRollout-Base: x\n") -> tuple[str, str]:
    """The base, and a commit on it that was pushed as the branch `made`."""
    repository = open_repository(str(clone))
    repository.settings = settings
    _, base = repository.base_commit()
    (made,) = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"percent: 0\n"}, message)])
    assert repository.push([[RefUpdate("refs/heads/made", made, None)]])[0].accepted
    return base, made


def test_openpgp(openpgp_key: str, remote_and_clone: tuple[Path, Path]) -> None:
    remote, clone = remote_and_clone
    _, made = make(clone, CommitSettings(BOT, BOT, openpgp_key))
    git(remote, "verify-commit", made)
    assert git(remote, "show", "-s", "--format=%G?", made) == "G"


def test_ssh(ssh_key: Path, remote_and_clone: tuple[Path, Path], home: Path) -> None:
    remote, clone = remote_and_clone
    settings = CommitSettings(BOT, BOT, str(ssh_key), SignatureFormat.SSH, sign_off=True)
    base, made = make(clone, settings)
    signers = home / "signers"
    signers.write_text(f"{BOT.email} {ssh_key.with_suffix('.pub').read_text()}")
    git(remote, "config", "gpg.ssh.allowedSignersFile", str(signers))
    git(remote, "verify-commit", made)
    assert git(remote, "show", "-s", "--format=%G? %cn <%ce> %P", made) == f"G {BOT.name} <{BOT.email}> {base}"
    assert git(remote, "show", "-s", "--format=%ct %at", made) == git(remote, "show", "-s", "--format=%ct %ct", base)
    trailers = "Rollout-Base: x\nSigned-off-by: Rollout Bot <bot@example.com>"
    assert git(remote, "show", "-s", "--format=%(trailers)", made).strip() == trailers
    assert git(remote, "diff-tree", "-r", "--name-only", base, made) == "apps/iris.yaml"


def test_signed_and_unsigned_commits_say_the_same(ssh_key: Path, remote_and_clone: tuple[Path, Path]) -> None:
    remote, clone = remote_and_clone
    _, made = make(clone, CommitSettings(BOT, BOT, str(ssh_key), SignatureFormat.SSH), "ü\n\nBody with : colon\n")
    repository = open_repository(str(clone))
    repository.settings = CommitSettings(BOT, BOT)
    _, base = repository.base_commit()
    (plain,) = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"percent: 0\n"}, "ü\n\nBody with : colon\n")])
    repository.push([[RefUpdate("refs/heads/plain", plain, None)]])
    shown = "--format=%T %P %an %ae %at %cn %ce %ct %B"
    assert git(remote, "show", "-s", shown, made) == git(remote, "show", "-s", shown, plain)


@pytest.mark.parametrize("format_", list(SignatureFormat))
def test_a_key_that_cannot_be_used_says_so(format_: SignatureFormat, remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    with pytest.raises(RepositoryError, match="cannot sign commits") as caught:
        make(clone, CommitSettings(BOT, BOT, "/nowhere/key", format_))
    assert caught.value.hint
    assert "\n" not in caught.value.message
