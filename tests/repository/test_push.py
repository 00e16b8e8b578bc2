"""Pushes: leases, groups as a whole, every refusal by its name, and many runs at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from gitops_rollout.model.doors import CommitRequest, PushRefusal, RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import GitRepository, open_repository
from tests.repository.repos import commit, git

HEADS = "refs/heads/"


@pytest.fixture
def world(remote_and_clone: tuple[Path, Path]) -> tuple[Path, GitRepository, str, list[str]]:
    """The remote, the repository, the base, and five commits on it."""
    remote, clone = remote_and_clone
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    requests = [CommitRequest(base, {"apps/iris.yaml": b"%d" % number}, "Change") for number in range(5)]
    return remote, repository, base, list(repository.commit(requests))


def hook(remote: Path, name: str, script: str) -> None:
    path = remote / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_groups_are_taken_whole_or_not_at_all(world: tuple[Path, GitRepository, str, list[str]]) -> None:
    remote, repository, base, made = world
    git(remote, "update-ref", "refs/heads/taken", base)
    groups = [
        [RefUpdate(f"{HEADS}one", made[0], None), RefUpdate("refs/gitops-rollout/pulls/1", made[0], None)],
        [RefUpdate(f"{HEADS}two", made[1], None), RefUpdate(f"{HEADS}taken", made[1], None)],
        [RefUpdate(f"{HEADS}three", made[2], None), RefUpdate(f"{HEADS}main", made[2], base)],
        [RefUpdate(f"{HEADS}gone", None, made[3]), RefUpdate(f"{HEADS}four", made[3], None)],
        [],
    ]
    results = repository.push(groups)
    assert [result.accepted for result in results] == [True, False, True, False, True]
    assert [result.refusal for result in results] == [None, PushRefusal.MOVED, None, PushRefusal.MOVED, None]
    refs = repository.read_refs("refs/")
    assert refs[f"{HEADS}one"] == refs["refs/gitops-rollout/pulls/1"] == made[0]
    assert refs[f"{HEADS}main"] == refs[f"{HEADS}three"] == made[2]
    assert refs[f"{HEADS}taken"] == base
    assert not {f"{HEADS}two", f"{HEADS}four", f"{HEADS}gone"} & refs.keys()


def test_leases_hold_for_updates_and_deletions(world: tuple[Path, GitRepository, str, list[str]]) -> None:
    remote, repository, _, made = world
    branch = f"{HEADS}work"
    assert repository.push([[RefUpdate(branch, made[0], None)]])[0].accepted
    assert repository.push([[RefUpdate(branch, made[0], None)]])[0].unchanged
    stale = repository.push([[RefUpdate(branch, made[2], made[1])]])[0]
    assert (stale.accepted, stale.refusal, stale.reason) == (False, PushRefusal.MOVED, "stale info")
    assert repository.push([[RefUpdate(branch, made[1], made[0])]])[0].accepted
    assert repository.push([[RefUpdate(branch, None, made[0])]])[0].refusal is PushRefusal.MOVED
    assert repository.read_refs(branch + "/") == {}
    assert repository.read_refs(HEADS)[branch] == made[1]
    assert repository.push([[RefUpdate(branch, None, made[1])]])[0].accepted
    assert repository.push([[RefUpdate(branch, None, made[1])]])[0].refusal is PushRefusal.MOVED
    assert git(remote, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


@pytest.mark.parametrize(
    ("name", "script", "refusal"),
    [
        ("update", 'case "$1" in *bad*) echo "no bad names"; exit 1;; esac', PushRefusal.HOOK_DECLINED),
        ("pre-receive", "! grep bad || { echo no bad names; exit 1; }", PushRefusal.HOOK_DECLINED),
        ("pre-receive", "! grep bad || { echo 'Not allowed to push to protected branch bad'; exit 1; }",
         PushRefusal.PROTECTED),
    ],
)  # fmt: skip
def test_what_a_hook_declines_does_not_stop_the_others(
    name: str, script: str, refusal: PushRefusal, world: tuple[Path, GitRepository, str, list[str]]
) -> None:
    remote, repository, _, made = world
    hook(remote, name, script)
    names = ["good/1", "bad/2", "good/3", "good/4", "bad/5"]
    groups = [
        [RefUpdate(HEADS + branch, oid, None), RefUpdate(f"refs/gitops-rollout/{branch}", oid, None)]
        for branch, oid in zip(names, made, strict=True)
    ]
    results = repository.push(groups)
    assert [result.accepted for result in results] == [True, False, True, True, False]
    assert results[1].refusal is results[4].refusal is refusal
    assert "bad" in (results[1].reason or "")
    assert sorted(repository.read_refs("refs/heads/good/")) == [HEADS + branch for branch in names if "good" in branch]
    assert not repository.read_refs("refs/gitops-rollout/bad/")


@pytest.mark.parametrize(
    ("setting", "update", "refusal"),
    [
        ("receive.denyDeletes", "delete", PushRefusal.PROTECTED),
        ("receive.denyNonFastForwards", "rewind", PushRefusal.MOVED),
    ],
)
def test_what_a_server_denies_is_named(
    setting: str, update: str, refusal: PushRefusal, world: tuple[Path, GitRepository, str, list[str]]
) -> None:
    remote, repository, _, made = world
    assert repository.push([[RefUpdate(f"{HEADS}x", made[0], None)]])[0].accepted
    git(remote, "config", setting, "true")
    result = repository.push([[RefUpdate(f"{HEADS}x", None if update == "delete" else made[1], made[0])]])[0]
    assert (result.accepted, result.refusal) == (False, refusal)


def test_the_branch_that_a_work_tree_stands_on_is_not_pushed_over(
    world: tuple[Path, GitRepository, str, list[str]], remote_and_clone: tuple[Path, Path], tmp_path: Path
) -> None:
    _, clone = remote_and_clone
    git(tmp_path, "clone", "-q", str(clone), "second")
    repository = open_repository(str(tmp_path / "second"))
    _, base = repository.base_commit()
    (made,) = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"1"}, "Change")])
    assert repository.push([[RefUpdate(f"{HEADS}main", made, base)]])[0].refusal is PushRefusal.CHECKED_OUT


def test_a_lock_that_somebody_holds_is_waited_for(world: tuple[Path, GitRepository, str, list[str]]) -> None:
    remote, repository, _, made = world
    lock = remote / "refs" / "heads" / "busy.lock"
    lock.touch()
    unlock = subprocess.Popen([sys.executable, "-c", f"import time, os; time.sleep(0.5); os.unlink({str(lock)!r})"])
    groups = [[RefUpdate(f"{HEADS}busy", made[0], None)], [RefUpdate(f"{HEADS}free", made[1], None)]]
    results = repository.push(groups)
    unlock.wait()
    assert [result.accepted for result in results] == [True, True]


def test_a_lock_that_stays_is_reported_and_the_others_are_pushed(
    world: tuple[Path, GitRepository, str, list[str]],
) -> None:
    remote, repository, _, made = world
    (remote / "refs" / "heads" / "busy.lock").touch()
    groups = [[RefUpdate(f"{HEADS}busy", made[0], None)], [RefUpdate(f"{HEADS}free", made[1], None)]]
    results = repository.push(groups)
    assert [result.accepted for result in results] == [False, True]
    assert results[0].refusal is PushRefusal.LOCKED


def test_no_answer_is_an_error_and_no_refusal(world: tuple[Path, GitRepository, str, list[str]]) -> None:
    remote, repository, _, made = world
    hook(remote, "pre-receive", "kill -9 $PPID")
    with pytest.raises(RepositoryError) as caught:
        repository.push([[RefUpdate(f"{HEADS}x", made[0], None)]])
    assert "Run again" in (caught.value.hint or "") or "run again" in (caught.value.hint or "")


RACER = """
import sys
from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.repository import open_repository
who, where, cache = int(sys.argv[1]), sys.argv[2], sys.argv[3]
from pathlib import Path
repository = open_repository(where, cache=Path(cache))
wins = 0
while True:
    _, base = repository.base_commit()
    (made,) = repository.commit([CommitRequest(base, {f"who/{who}": b"here"}, f"{who}")])
    groups = [
        [RefUpdate("refs/heads/main", made, base)],
        [RefUpdate("refs/gitops-rollout/pulls/1", made, None), RefUpdate("refs/heads/lock/1", made, None)],
    ]
    results = repository.push(groups)
    wins += results[1].accepted
    if results[0].accepted:
        break
print(wins)
"""


def test_sixteen_runs_at_once_lose_no_push(remote_and_clone: tuple[Path, Path], tmp_path: Path) -> None:
    remote, clone = remote_and_clone
    racers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", RACER, str(who), str(clone), str(tmp_path / "cache")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for who in range(16)
    ]  # fmt: skip
    said = [racer.communicate() for racer in racers]
    assert all(racer.returncode == 0 for racer in racers), [error for _, error in said if error]
    files = git(remote, "ls-tree", "-r", "--name-only", "main", "who/").split("\n")
    assert len(files) == 16
    assert git(remote, "rev-list", "--count", "main") == "17"
    assert sum(int(out) for out, _ in said) == 1
    pull = git(remote, "rev-parse", "refs/gitops-rollout/pulls/1")
    assert git(remote, "rev-parse", "refs/heads/lock/1") == pull
    git(remote, "fsck", "--strict")


def test_a_person_who_is_faster_wins(
    world: tuple[Path, GitRepository, str, list[str]], remote_and_clone: tuple[Path, Path]
) -> None:
    _, repository, base, made = world
    _, clone = remote_and_clone
    theirs = commit(clone, {"apps/iris.yaml": "mine\n"})
    git(clone, "push", "-q", "origin", "main")
    assert repository.push([[RefUpdate(f"{HEADS}main", made[0], base)]])[0].refusal is PushRefusal.MOVED
    assert repository.base_commit() == ("main", theirs)
