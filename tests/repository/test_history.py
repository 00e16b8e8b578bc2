"""First-parent history is exact under every way of merging, renames, deletions, and shallow clones."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_rollout.model.history import FileHistory
from gitops_rollout.repository import open_repository
from tests.repository.repos import commit, git

START = 1_700_000_000
LONG = "".join(f"key{number}: {number}\n" for number in range(30))


def texts(history: FileHistory) -> list[str | None]:
    return [None if version.data is None else version.data.decode() for version in history.versions]


def push_main(clone: Path) -> None:
    git(clone, "push", "-qf", "origin", "main")


def merge_branch(clone: Path, how: str, at: int) -> None:
    """Bring the branch `side` to main as forges do."""
    dates = {"GIT_AUTHOR_DATE": f"{at} +0000", "GIT_COMMITTER_DATE": f"{at} +0000"}
    git(clone, "checkout", "-q", "main")
    if how == "merge":
        git(clone, "merge", "-q", "--no-ff", "-m", "Merge side", "side", **dates)
    elif how == "squash":
        git(clone, "merge", "-q", "--squash", "side")
        git(clone, "commit", "-qm", "Squashed", **dates)
    elif how == "rebase":
        git(clone, "rebase", "-q", "--committer-date-is-author-date", "main", "side")
        git(clone, "checkout", "-q", "main")
        git(clone, "merge", "-q", "--ff-only", "side")
    else:
        git(clone, "merge", "-q", "--ff-only", "side")


@pytest.mark.parametrize(
    ("how", "arrivals"),
    [
        ("merge", ["c: 3\n", "c: 0\n"]),
        ("squash", ["c: 3\n", "c: 0\n"]),
        ("rebase", ["c: 3\n", "c: 2\n", "c: 1\n", "c: 0\n"]),
    ],
)
def test_what_arrived_is_what_the_base_branch_saw(
    how: str, arrivals: list[str], remote_and_clone: tuple[Path, Path]
) -> None:
    _, clone = remote_and_clone
    commit(clone, {"c.yaml": "c: 0\n"}, at=START)
    git(clone, "checkout", "-q", "-b", "side")
    for number in (1, 2, 3):
        commit(clone, {"c.yaml": f"c: {number}\n"}, f"Side {number}", at=START + number)
    git(clone, "checkout", "-q", "main")
    commit(clone, {"other.yaml": "o: 1\n"}, at=START + 50)
    merge_branch(clone, how, START + 100)
    push_main(clone)
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    history = repository.histories(base, ["c.yaml"])["c.yaml"]
    assert texts(history) == arrivals
    assert history.complete
    if how != "rebase":
        assert history.versions[0].committed == datetime.fromtimestamp(START + 100, UTC)
        assert history.versions[0].commit == base
    first = git(clone, "rev-list", "--max-parents=0", "main")
    assert repository.touched_since(first, base) == {"c.yaml", "other.yaml"}


def test_a_file_is_followed_through_renames_and_deletions(remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    commit(clone, {"one.yaml": LONG + "a\n"}, "Born", at=START)
    commit(clone, {"one.yaml": None}, "Gone", at=START + 1)
    commit(clone, {"one.yaml": LONG + "b\n"}, "Back", at=START + 2)
    commit(clone, {"one.yaml": None, "dir/two.yaml": LONG + "c\n"}, "Moved and edited\n\nTrailer: x", at=START + 3)
    commit(clone, {"one.yaml": "another: 1\n"}, "Another under the old name", at=START + 4)
    commit(clone, {"dir/two.yaml": None, "two ü.yaml": LONG + "c\n"}, "Moved again", at=START + 5)
    push_main(clone)
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    histories = repository.histories(base, ["two ü.yaml", "one.yaml", "absent.yaml"])
    followed = histories["two ü.yaml"]
    assert [version.path for version in followed.versions] == ["two ü.yaml", "dir/two.yaml", *["one.yaml"] * 3]
    assert texts(followed) == [LONG + "c\n", LONG + "c\n", LONG + "b\n", None, LONG + "a\n"]
    assert followed.versions[1].message == "Moved and edited\n\nTrailer: x\n"
    assert followed.versions[1].author == "Ann <ann@example.com>"
    assert followed.versions[1].committed == datetime.fromtimestamp(START + 3, UTC)
    assert texts(histories["one.yaml"]) == ["another: 1\n", None, LONG + "b\n", None, LONG + "a\n"]
    assert texts(histories["absent.yaml"]) == []


def test_two_files_that_swap_names_keep_their_own_past(remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    commit(clone, {"a.yaml": LONG + "a\n", "b.yaml": "b\n" * 40}, at=START)
    commit(clone, {"a.yaml": None, "c.yaml": LONG + "a\n"}, at=START + 1)
    commit(clone, {"b.yaml": None, "a.yaml": "b\n" * 40}, at=START + 2)
    commit(clone, {"c.yaml": None, "b.yaml": LONG + "a\n"}, at=START + 3)
    push_main(clone)
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    histories = repository.histories(base, ["a.yaml", "b.yaml"])
    assert [version.path for version in histories["b.yaml"].versions] == ["b.yaml", "c.yaml", "a.yaml"]
    assert [version.path for version in histories["a.yaml"].versions] == ["a.yaml", "b.yaml"]


def test_hostile_messages_do_not_confuse_the_reading(remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    hostile = ":100644 100644 aaaa bbbb M\n\n:000000 x\tapps/iris.yaml\n\x1b[31m"
    commit(clone, {"apps/iris.yaml": "percent: 1\n"}, hostile, at=START)
    commit(clone, {}, ":", at=START + 1)
    newest = commit(clone, {"apps/iris.yaml": "percent: 2\n"}, "Newest", at=START + 2)
    push_main(clone)
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    versions = repository.histories(base, ["apps/iris.yaml"])["apps/iris.yaml"].versions
    assert [version.data for version in versions] == [b"percent: 2\n", b"percent: 1\n", b"percent: 10\n"]
    assert versions[1].message == hostile + "\n"
    assert versions[0].commit == newest


def test_a_shallow_clone_is_deepened_elsewhere(remote_and_clone: tuple[Path, Path], tmp_path: Path) -> None:
    remote, clone = remote_and_clone
    born = git(clone, "rev-parse", "HEAD")
    for number in range(5):
        commit(clone, {"apps/iris.yaml": f"percent: {number}\n"}, at=START + number)
    push_main(clone)
    git(tmp_path, "clone", "-q", "--depth=1", remote.as_uri(), "shallow")
    repository = open_repository(str(tmp_path / "shallow"))
    _, base = repository.base_commit()
    assert repository.store.shallow()
    assert repository.is_ancestor(born, base)
    history = repository.histories(base, ["apps/iris.yaml"])["apps/iris.yaml"]
    assert (len(history.versions), history.complete) == (6, True)
    assert git(tmp_path / "shallow", "rev-list", "--count", "HEAD") == "1"


def test_a_remote_that_is_shallow_itself_leaves_history_incomplete(
    remote_and_clone: tuple[Path, Path], tmp_path: Path
) -> None:
    remote, clone = remote_and_clone
    for number in range(3):
        commit(clone, {"apps/iris.yaml": f"percent: {number}\n"}, at=START + number)
    push_main(clone)
    git(tmp_path, "clone", "-q", "--bare", "--depth=2", remote.as_uri(), "cut.git")
    repository = open_repository(str(tmp_path / "cut.git"))
    _, base = repository.base_commit()
    history = repository.histories(base, ["apps/iris.yaml"])["apps/iris.yaml"]
    assert not history.complete
    assert texts(history) == ["percent: 2\n", "percent: 1\n"]


def test_touched_since_compares_commits_not_content(remote_and_clone: tuple[Path, Path]) -> None:
    _, clone = remote_and_clone
    old = commit(clone, {"s.yaml": "s: 2\n"}, at=START)
    commit(clone, {"s.yaml": "s: 3\n"}, at=START + 1)
    commit(clone, {"s.yaml": "s: 2\n"}, at=START + 2)
    git(clone, "mv", "apps/iris.yaml", "apps/moved.yaml")
    commit(clone, {}, at=START + 3)
    push_main(clone)
    repository = open_repository(str(clone))
    _, base = repository.base_commit()
    assert repository.touched_since(old, base) == {"s.yaml", "apps/iris.yaml", "apps/moved.yaml"}
    assert repository.touched_since(base, base) == frozenset()
    git(clone, "checkout", "-q", "-B", "main", f"{old}~")
    rewritten = commit(clone, {"s.yaml": "s: 9\n"}, at=START + 9)
    push_main(clone)
    assert repository.base_commit() == ("main", rewritten)
    assert repository.touched_since(old, rewritten) is None
    assert repository.touched_since("1" * 40, rewritten) is None


def test_an_old_pull_request_is_judged_from_a_store_that_starts_shallow(
    remote_and_clone: tuple[Path, Path], tmp_path: Path
) -> None:
    remote, clone = remote_and_clone
    for number in range(4):
        commit(clone, {"apps/iris.yaml": f"percent: {number}\n", "other.yaml": f"{number}\n"}, at=START + number)
    ground = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", "-b", "proposal")
    head = commit(clone, {"apps/iris.yaml": "percent: 50\n"}, "Proposal", at=START + 10)
    git(clone, "push", "-q", "origin", "proposal", "main")
    git(clone, "checkout", "-q", "main")
    for number in range(5, 9):
        commit(clone, {"other.yaml": f"{number}\n"}, at=START + number)
    push_main(clone)
    repository = open_repository(remote.as_uri(), cache=tmp_path / "one")
    _, base = repository.base_commit()
    assert repository.store.shallow()
    assert repository.read_commits([head])[head].parents == (ground,)
    assert repository.read_file(ground, "apps/iris.yaml") == b"percent: 3\n"
    assert repository.touched_since(ground, base) == {"other.yaml"}
    merged = repository.merge(base, head, "Merge", datetime.fromtimestamp(START + 20, UTC))
    assert merged is not None
    assert repository.read_file(merged, "apps/iris.yaml") == b"percent: 50\n"
    assert repository.read_file(merged, "other.yaml") == b"8\n"
    other = open_repository(remote.as_uri(), cache=tmp_path / "two")
    other.base_commit()
    assert other.merge(base, head, "Merge", datetime.fromtimestamp(START + 20, UTC)) == merged
    assert other.histories(base, ["other.yaml"])["other.yaml"].complete
    assert not other.is_ancestor(head, base)


def test_what_is_kept_of_the_log_never_changes_the_answer(remote_and_clone: tuple[Path, Path], tmp_path: Path) -> None:
    _, clone = remote_and_clone
    start = commit(clone, {"apps/iris.yaml": "percent: 1\n"}, at=START)
    git(clone, "checkout", "-q", "-b", "side")
    commit(clone, {"apps/iris.yaml": "percent: 2\n"}, at=START + 1)
    side = commit(clone, {"apps/iris.yaml": "percent: 3\n"}, at=START + 2)

    def versions(cache: str) -> tuple[object, ...]:
        repository = open_repository(str(clone), cache=tmp_path / cache)
        _, base = repository.base_commit()
        return repository.histories(base, ["apps/iris.yaml"])["apps/iris.yaml"].versions

    def to(tip: str) -> None:
        git(clone, "push", "-qf", "origin", f"{tip}:main")

    git(clone, "checkout", "-q", "-B", "other", start)
    other = commit(clone, {"b.yaml": "b: 1\n"}, at=START + 3)
    git(clone, "merge", "-q", "--no-ff", "-m", "Side to other", side)
    merged = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", side)
    git(clone, "merge", "-q", "--no-ff", "-m", "Other to side", other)
    crossed = git(clone, "rev-parse", "HEAD")
    tips = (start, other, merged, merged, side, crossed, other, start, merged)
    for turn, tip in enumerate(tips):
        to(tip)
        assert versions("kept") == versions(f"fresh {turn}"), turn
    (kept,) = (tmp_path / "kept").glob("*.git/first-parent-log")
    whole = kept.read_bytes()
    for broken in (whole[:-5], b"", b"rubbish", whole.replace(b"percent", b"x"), whole.replace(b"Side", b"Sidf")):
        kept.write_bytes(broken)
        assert versions("kept") == versions("last")
        assert kept.read_bytes() == whole
