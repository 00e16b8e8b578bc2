"""Commits are made without a work tree, and the same request makes the same commit."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_rollout.model.commits import CommitSettings, Person
from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import GitRepository, open_repository
from tests.repository.repos import commit, git, make_remote

WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def publish(repository: GitRepository, made: str, ref: str = "refs/heads/made") -> None:
    assert repository.push([[RefUpdate(ref, made, None)]])[0].accepted


def test_many_commits_change_just_their_files(tmp_path: Path, object_format: str) -> None:
    remote, clone = make_remote(tmp_path, object_format)
    files = {f"apps/tool {number}.sh": f"echo {number}\n" for number in range(150)}
    commit(clone, files)
    git(clone, "update-index", "--chmod=+x", "apps/tool 7.sh")
    git(clone, "commit", "-qm", "Executable")
    git(clone, "push", "-q", "origin", "main")
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    requests = [CommitRequest(base, {path: b"changed\n"}, f"Change {path}\n") for path in files]
    made = repository.commit(requests)
    assert repository.commit(requests) == made
    assert len(set(made)) == 150
    results = repository.push([[RefUpdate(f"refs/heads/b{number}", oid, None)] for number, oid in enumerate(made)])
    assert all(result.accepted for result in results)
    for number in (0, 7, 149):
        path = list(files)[number]
        assert git(remote, "diff-tree", "-r", "-z", "--name-only", base, made[number]) == path + "\0"
        assert git(remote, "show", f"{made[number]}:{path}") == "changed"
        assert git(remote, "log", "-1", "--format=%B", made[number]) == f"Change {path}"
        assert git(remote, "show", "-s", "--format=%ct %at", made[number]) == git(
            remote, "show", "-s", "--format=%ct %ct", base
        )
    assert git(remote, "ls-tree", made[7], "apps/tool 7.sh").startswith("100755")
    git(remote, "fsck", "--strict")


@pytest.mark.parametrize("path", ['räume/ü "quoted" \\ back.yaml', "tab\there/new\nline.yaml", "ok/\udcff raw.yaml"])
def test_paths_of_all_kinds_survive(path: str, remote_and_clone: tuple[Path, Path]) -> None:
    remote, clone = remote_and_clone
    commit(clone, {path: "a: 1\n"})
    git(clone, "push", "-q", "origin", "main")
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    assert path in {entry.path for entry in repository.entries(base)}
    assert repository.read_file(base, path) == b"a: 1\n"
    assert [version.data for version in repository.histories(base, [path])[path].versions] == [b"a: 1\n"]
    (made,) = repository.commit([CommitRequest(base, {path: b"a: 2\n"}, "Change")])
    publish(repository, made)
    assert git(remote, "diff-tree", "-r", "-z", "--name-status", base, made) == f"M\0{path}\0"
    assert repository.touched_since(base, made) == {path}


@pytest.mark.parametrize("path", ["", "/abs", "a//b", "../up", "a/../b", ".git/config", "link/below"])
def test_paths_that_no_commit_may_hold_are_refused(path: str, remote_and_clone: tuple[Path, Path]) -> None:
    repository = open_repository(str(remote_and_clone[1]))
    _, base = repository.base_commit()
    if path == "link/below":
        (remote_and_clone[1] / "link").symlink_to("apps")
        commit(remote_and_clone[1], {})
        git(remote_and_clone[1], "push", "-q", "origin", "main")
        _, base = repository.base_commit()
        path = "link"
    with pytest.raises(RepositoryError):
        repository.commit([CommitRequest(base, {path: b""}, "Change")])


def test_texts_that_could_break_a_commit_are_tamed(remote_and_clone: tuple[Path, Path]) -> None:
    remote, clone = remote_and_clone
    repository = open_repository(str(clone))
    repository.settings = CommitSettings(Person("Bot <x>\nevil", "bot@example.com>\n"), Person("", "c@example.com"))
    _, base = repository.base_commit()
    message = "Subject\0\n\nfrom deadbeef\nM 100644 inline evil\ndata 3\nü\n\n\n"
    (made,) = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"no newline"}, message)])
    publish(repository, made)
    assert (
        git(remote, "show", "-s", "--format=%an|%ae|%cn|%ce", made)
        == "Bot  x evil|bot@example.com|unknown|c@example.com"
    )
    raw = git(remote, "cat-file", "commit", made)
    assert raw.endswith("Subject\n\nfrom deadbeef\nM 100644 inline evil\ndata 3\nü")
    assert git(remote, "show", f"{made}:apps/iris.yaml") == "no newline"
    assert git(remote, "ls-tree", "-r", "--name-only", "-z", made) == git(
        remote, "ls-tree", "-r", "--name-only", "-z", base
    )


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("Subject\n", "Subject\n\nSigned-off-by: Bot <bot@x>"),
        ("Subject\n\nBody.\n", "Subject\n\nBody.\n\nSigned-off-by: Bot <bot@x>"),
        ("Subject\n\nRollout-Base: 1\n", "Subject\n\nRollout-Base: 1\nSigned-off-by: Bot <bot@x>"),
        ("Subject\n\nSigned-off-by: Bot <bot@x>\n", "Subject\n\nSigned-off-by: Bot <bot@x>"),
        ("fix: subject\n", "fix: subject\n\nSigned-off-by: Bot <bot@x>"),
    ],
)
def test_signed_off_by_joins_the_trailers(message: str, written: str, remote_and_clone: tuple[Path, Path]) -> None:
    _remote, clone = remote_and_clone
    repository = open_repository(str(clone))
    repository.settings = CommitSettings(committer=Person("Bot", "bot@x"), sign_off=True)
    _, base = repository.base_commit()
    (made,) = repository.commit([CommitRequest(base, {"apps/iris.yaml": b"x"}, message)])
    assert repository.read_commits([made])[made].message == written + "\n"
    assert repository.read_commits([made])[made].committer == "bot@x"


def test_small_commits_for_records(remote_and_clone: tuple[Path, Path]) -> None:
    remote, clone = remote_and_clone
    repository = open_repository(str(clone))
    first = repository.write_files({"pull.json": b"{}", "events/1": b"a"}, "One", [], WHEN)
    second = repository.write_files({"pull.json": b"{2}"}, "Two", [first], WHEN)
    assert second == repository.write_files({"pull.json": b"{2}"}, "Two", [first], WHEN)
    publish(repository, second, "refs/gitops-rollout/pulls/1")
    other = open_repository(remote.as_uri())
    assert other.read_refs("refs/gitops-rollout/") == {"refs/gitops-rollout/pulls/1": second}
    assert other.read_files(second) == {"pull.json": b"{2}"}
    assert other.read_files(first) == {"pull.json": b"{}", "events/1": b"a"}
    info = other.read_commits([second, "0" * 40])
    assert list(info) == [second]
    assert info[second].parents == (first,)
    assert info[second].committed == WHEN
    with pytest.raises(RepositoryError, match="gone from"):
        other.read_files("1" * 40)


def test_merges_apply_or_say_that_they_do_not(remote_and_clone: tuple[Path, Path]) -> None:
    _remote, clone = remote_and_clone
    lines = [f"line{number}: 0\n" for number in range(20)]
    start = commit(clone, {"apps/many.yaml": "".join(lines), "apps/old.yaml": "x\n"})
    git(clone, "push", "-q", "origin", "main")
    repository = open_repository(str(clone))
    repository.base_commit()
    edited = "".join(["line0: 1\n", *lines[1:]])
    (head,) = repository.commit([CommitRequest(start, {"apps/many.yaml": edited.encode()}, "Edit")])
    moves = {
        "elsewhere": ({"apps/iris.yaml": "percent: 99\n"}, edited),
        "same file": (
            {"apps/many.yaml": "".join([*lines[:-1], "line19: 9\n"])},
            edited.replace("line19: 0", "line19: 9"),
        ),
        "same edit": ({"apps/many.yaml": edited}, edited),
        "same line": ({"apps/many.yaml": "".join(["line0: 7\n", *lines[1:]])}, None),
        "removed": ({"apps/many.yaml": None}, None),
    }
    for files, expected in moves.values():
        git(clone, "reset", "-q", "--hard", start)
        base = commit(clone, dict(files))
        git(clone, "push", "-qf", "origin", "main")
        assert repository.base_commit()[1] == base
        merged = repository.merge(base, head, "Merge #1", WHEN)
        assert (merged is None) == (expected is None)
        if merged:
            assert (repository.read_file(merged, "apps/many.yaml") or b"").decode() == expected
            info = repository.read_commits([merged])[merged]
            assert info.parents == (base, head)
            assert info.committed == WHEN
