"""Every kind of location gives the same answers, and no clone is touched."""

from pathlib import Path

import pytest

from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import GitRepository, open_repository
from tests.repository.repos import commit, digest, git, make_remote

KINDS = ("clone", "subfolder", "shallow", "worktree", "bare", "file-url", "partial", "git-folder")


def location(kind: str, remote: Path, clone: Path) -> str:
    folder = clone.parent
    if kind == "subfolder":
        return str(clone / "apps")
    if kind == "git-folder":
        return str(clone / ".git")
    if kind == "shallow":
        git(folder, "clone", "-q", "--depth=1", remote.as_uri(), "shallow")
        return str(folder / "shallow")
    if kind == "partial":
        git(remote, "config", "uploadpack.allowFilter", "true")
        git(folder, "clone", "-q", "--filter=blob:none", "--no-checkout", remote.as_uri(), "partial")
        return str(folder / "partial")
    if kind == "worktree":
        git(clone, "worktree", "add", "-q", "-b", "side", "../linked")
        return str(folder / "linked")
    return {"clone": str(clone), "bare": str(remote), "file-url": remote.as_uri()}[kind]


def work(repository: GitRepository) -> tuple[str, ...]:
    """Read, commit, push and merge: everything a run does."""
    branch, base = repository.base_commit()
    entries = {entry.path: entry for entry in repository.entries(base)}
    (_, data), *_ = repository.read_blobs([entries["apps/iris.yaml"].oid])
    histories = repository.histories(base, ["apps/iris.yaml", "räume/a b.yaml", "none.yaml"])
    made = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"percent: 0\n"}, "Roll back\n")])
    pushed = repository.push([[RefUpdate("refs/heads/gitops-rollout/x", made[0], None)]])
    assert pushed[0].accepted, pushed
    assert repository.read_refs("refs/heads/gitops-rollout/") == {"refs/heads/gitops-rollout/x": made[0]}
    counts = tuple(f"{len(history.versions)} {history.complete}" for history in histories.values())
    return (branch, base, *sorted(entries), data.decode(), *counts, *made)


@pytest.mark.parametrize("kind", KINDS)
def test_each_location_is_read_and_left_as_it_was(
    kind: str, tmp_path: Path, object_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, clone = make_remote(tmp_path, object_format)
    commit(clone, {"apps/iris.yaml": "percent: 25\n"}, "Second", at=1_700_000_100)
    git(clone, "push", "-q", "origin", "main")
    (clone / "untracked").write_text("mine")
    where = location(kind, remote, clone)
    # The remote moves on: what the clone lacks is fetched elsewhere.
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(remote), str(other))
    newest = commit(other, {"räume/a b.yaml": "x: 2\n"}, "Third", at=1_700_000_200)
    git(other, "push", "-q", "origin", "main")
    folders = [clone, tmp_path / "shallow", tmp_path / "linked", tmp_path / "partial"]
    before = [digest(folder) for folder in folders if folder.exists()]
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "leaked index"))
    found = work(open_repository(where))
    again = work(open_repository(where))
    monkeypatch.delenv("GIT_DIR")
    assert [digest(folder) for folder in folders if folder.exists()] == before
    assert found == again
    assert found[:8] == (
        "main",
        newest,
        "apps/iris.yaml",
        "räume/a b.yaml",
        "percent: 25\n",
        "2 True",
        "2 True",
        "0 True",
    )
    assert git(remote, "show", f"{found[8]}:apps/iris.yaml") == "percent: 0"
    assert git(remote, "rev-parse", f"{found[8]}^") == newest
    assert not (tmp_path / "leaked index").exists()
    git(remote, "fsck", "--strict")


def test_a_base_branch_can_be_named(remote_and_clone: tuple[Path, Path]) -> None:
    remote, clone = remote_and_clone
    git(clone, "checkout", "-q", "-b", "release/1")
    release = commit(clone, {"apps/iris.yaml": "percent: 1\n"})
    git(clone, "push", "-q", "origin", "release/1")
    assert open_repository(str(clone), base="release/1").base_commit() == ("release/1", release)
    assert open_repository(remote.as_uri(), base="refs/heads/release/1").base_commit() == ("release/1", release)


@pytest.mark.parametrize(
    ("where", "base", "message", "hint"),
    [
        ("nowhere", None, "no repository at", "--repo"),
        ("home", None, "no Git repository at", "--repo"),
        ("lonely", None, "has no remote", "git remote add"),
        ("several", None, "several remotes", "checkout.defaultRemote"),
        ("empty.git", None, "is empty", "first commit"),
        ("a clone", "mian", "there is no branch mian", "main"),
        ("file:///nowhere/at/all.git", None, "cannot list the branches of", "address"),
        ("-oProxyCommand=touch x", None, "no repository at", "--repo"),
    ],
)
def test_what_cannot_be_opened_says_why(
    where: str, base: str | None, message: str, hint: str, tmp_path: Path, remote_and_clone: tuple[Path, Path]
) -> None:
    _, clone = remote_and_clone
    git(tmp_path, "init", "-q", "lonely")
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    git(tmp_path, "clone", "-q", str(clone), "several", "-o", "one")
    git(tmp_path / "several", "remote", "add", "two", "../elsewhere")
    with pytest.raises(RepositoryError) as caught:
        open_repository(where if ":" in where else str(tmp_path / where), base=base).base_commit()
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
    assert "\n" not in caught.value.message
