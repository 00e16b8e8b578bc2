"""What two commits have differently, and long blobs cut off."""

from pathlib import Path

from gitops_rollout.repository.repository import open_repository
from tests.repository.repos import commit, git


def test_changed_added_and_removed_files(remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    old = git(clone, "rev-parse", "HEAD")
    commit(clone, {"apps/iris.yaml": "percent: 25\n", "räume/a b.yaml": None, "new/ö.yaml": "a: 1\n"})
    git(clone, "push", "-q")
    repository = open_repository(str(clone))
    _, new = repository.base_commit()
    found = repository.differences(old, new)
    assert found is not None
    changed, gone = found
    blobs = dict(repository.read_blobs([entry.oid for entry in changed]))
    assert {entry.path: blobs[entry.oid] for entry in changed} == {
        "apps/iris.yaml": b"percent: 25\n",
        "new/ö.yaml": b"a: 1\n",
    }
    assert gone == ["räume/a b.yaml"]
    assert repository.differences("0" * 40, new) is None


def test_long_blobs_are_cut_off_and_the_next_one_is_whole(remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    commit(clone, {"long.yaml": "x" * 3_000_000, "short.yaml": "y: 1\n"})
    git(clone, "push", "-q")
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    oids = {entry.path: entry.oid for entry in repository.entries(base)}
    read = dict(repository.read_blobs([oids["long.yaml"], oids["short.yaml"]], most=10))
    assert read == {oids["long.yaml"]: b"x" * 11, oids["short.yaml"]: b"y: 1\n"}
