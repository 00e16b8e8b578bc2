"""Remotes over HTTP: every way to hand over credentials works, and none of them is ever shown."""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import GitRepository, open_repository
from tests.repository.http_remote import PASSWORD, USER, HttpRemote, serve
from tests.repository.repos import commit, digest, git

USERINFO = f"{USER}:{quote(PASSWORD, safe='')}"
SECRETS = (PASSWORD, quote(PASSWORD, safe=""), USERINFO)


@pytest.fixture
def http(remote_and_clone: tuple[Path, Path]) -> Iterator[HttpRemote]:
    remote, _ = remote_and_clone
    remote.rename(remote.with_name("remote.git"))
    git(remote.with_name("remote.git"), "config", "http.receivepack", "true")
    with serve(remote.parent) as served:
        yield served


def work(repository: GitRepository) -> str:
    _, base = repository.base_commit()
    (made,) = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"percent: 0\n"}, "Roll back")])
    (result,) = repository.push([[RefUpdate("refs/heads/x", made, None), RefUpdate("refs/rollout/1", made, None)]])
    assert result.accepted, result
    assert repository.histories(base, ["apps/iris.yaml"])["apps/iris.yaml"].complete
    return made


WAYS = ("url", "clone-url", "instead-of", "push-url", "helper", "extra-header", "username")


@pytest.mark.parametrize("way", WAYS)
def test_credentials_are_found_where_git_finds_them_and_shown_nowhere(
    way: str, http: HttpRemote, remote_and_clone: tuple[Path, Path], home: Path, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(0)
    _, clone = remote_and_clone
    plain, full = http.url("remote.git"), http.url("remote.git", USERINFO)
    helper = home / "helper"
    helper.write_text(f'#!/bin/sh\ntest "$1" = get && echo username={USER} && echo "password={PASSWORD}"\n')
    helper.chmod(0o700)
    where = full if way == "url" else str(clone)
    git(clone, "remote", "set-url", "origin", full if way == "clone-url" else plain)
    if way == "instead-of":
        git(home, "config", "--global", f"url.http://{USERINFO}@127.0.0.1:{http.port}/.insteadOf", plain[:-10])
    elif way == "push-url":
        git(clone, "remote", "set-url", "origin", str(clone.parent / "remote.git"))
        git(clone, "remote", "set-url", "--push", "origin", full)
    elif way == "helper":
        git(clone, "config", "credential.helper", str(helper))
    elif way == "extra-header":
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        git(clone, "config", f"http.{plain}.extraHeader", f"Authorization: Basic {token}")
    elif way == "username":
        git(clone, "remote", "set-url", "origin", http.url("remote.git", USER))
        git(home, "config", "--global", "credential.helper", str(helper))
    before = digest(clone)
    said: list[str] = []
    repository = open_repository(where, progress=said.append)
    made = work(repository)
    assert git(clone.parent / "remote.git", "rev-parse", "refs/heads/x") == made
    assert digest(clone) == before
    cache = b"".join(path.read_bytes() for path in (home / ".cache").rglob("*") if path.is_file()).decode("latin-1")
    shown = (
        *said,
        caplog.text,
        repr(repository.place),
        repr(repository.remote),
        repr(repository.store),
        cache,
        *http.arguments_seen,
    )
    for secret in SECRETS:
        assert not [text for text in shown if secret in text]
    assert [line for line in http.arguments_seen if "remote-http" in line or way == "push-url"]


@pytest.mark.parametrize("userinfo", [f"{USER}:wrong-planted", "", "ghp_tokenTokenTokenToken1234"])
def test_wrong_credentials_are_told_without_being_shown(userinfo: str, http: HttpRemote) -> None:
    with pytest.raises(RepositoryError) as caught:
        open_repository(http.url("remote.git", userinfo)).base_commit()
    text = f"{caught.value.message} {caught.value.hint}"
    assert "credential" in text
    assert "planted" not in text
    assert "ghp_" not in text
    assert http.url("remote.git") in text


@pytest.mark.parametrize("fault", ["500", "cut"])
def test_a_server_that_stumbles_is_asked_again(fault: str, http: HttpRemote) -> None:
    repository = open_repository(http.url("remote.git", USERINFO))
    http.faults.append(fault)
    repository.base_commit()
    http.faults.append(fault)
    repository.read_refs("refs/heads/")
    assert not http.faults


def test_a_server_that_stays_down_is_unknown_and_no_refusal(http: HttpRemote) -> None:
    repository = open_repository(http.url("remote.git", USERINFO))
    _, base = repository.base_commit()
    http.faults.extend(["500"] * 50)
    with pytest.raises(RepositoryError) as caught:
        repository.push([[RefUpdate("refs/heads/x", base, None)]])
    assert "run again" in (caught.value.hint or "")
    with pytest.raises(RepositoryError):
        repository.base_commit()


def test_a_push_whose_answer_was_lost_is_not_lost(http: HttpRemote, remote_and_clone: tuple[Path, Path]) -> None:
    repository = open_repository(http.url("remote.git", USERINFO))
    _, base = repository.base_commit()
    (made,) = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"1"}, "Change")])
    http.faults.append("lost answer")
    (result,) = repository.push([[RefUpdate("refs/heads/x", made, None), RefUpdate("refs/heads/y", made, None)]])
    assert result.accepted
    assert not http.faults
    assert repository.read_refs("refs/heads/")["refs/heads/y"] == made


def test_a_base_that_moves_is_fetched_bit_by_bit(http: HttpRemote, remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    git(clone, "remote", "set-url", "origin", http.url("remote.git", USERINFO))
    repository = open_repository(http.url("remote.git", USERINFO))
    for number in range(3):
        newest = commit(clone, {"apps/iris.yaml": f"percent: {number}\n"}, at=1_700_000_000 + number)
        git(clone, "push", "-q", "origin", "main")
        assert repository.base_commit() == ("main", newest)
    versions = repository.histories(newest, ["apps/iris.yaml"])["apps/iris.yaml"].versions
    assert [version.data for version in versions] == [
        b"percent: 2\n",
        b"percent: 1\n",
        b"percent: 0\n",
        b"percent: 10\n",
    ]
