"""Caches that break or go away, runs that are killed: typed errors, and the next run goes on."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository import GitRepository, open_repository
from tests.repository.repos import commit, digest, git


def run(where: str, cache: Path) -> tuple[str, bytes | None, int]:
    """What a run reads; raises whatever a run would raise."""
    repository = open_repository(where, cache=cache)
    _, base = repository.base_commit()
    entries = list(repository.entries(base))
    blobs = dict(repository.read_blobs(entry.oid for entry in entries))
    history = repository.histories(base, ["apps/iris.yaml"])["apps/iris.yaml"]
    assert len(blobs) == len({entry.oid for entry in entries})
    return base, repository.read_file(base, "apps/iris.yaml"), len(history.versions)


def failure_of(act: Callable[[], object]) -> RepositoryError | None:
    try:
        act()
    except RepositoryError as error:
        return error
    return None


def no_objects(store: Path) -> None:
    shutil.rmtree(store / "objects")


def empty_files(store: Path) -> None:
    for path in (store / "objects").rglob("*"):
        if path.is_file() and path.name != "alternates":
            path.chmod(0o644)
            path.write_bytes(b"")


def lost_objects(store: Path) -> None:
    for folder in (store / "objects").iterdir():
        if folder.name != "info":
            shutil.rmtree(folder)


def flipped_bytes(store: Path) -> None:
    for path in (store / "objects").rglob("*"):
        if path.is_file() and path.suffix in {"", ".pack"} and path.name != "alternates":
            path.chmod(0o644)
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 0xFF
            path.write_bytes(bytes(data))


def broken_head(store: Path) -> None:
    (store / "HEAD").write_text("rubbish")


def broken_config(store: Path) -> None:
    (store / "config").write_text("[core\nrubbish")


def broken_ref(store: Path) -> None:
    for path in (store / "refs").rglob("*"):
        if path.is_file():
            path.write_text("rubbish\n")


def left_locks(store: Path) -> None:
    for name in ("shallow.lock", "packed-refs.lock", "config.lock", "refs/remotes/rollout/main.lock"):
        (store / name).parent.mkdir(parents=True, exist_ok=True)
        (store / name).write_text("")


BREAKAGES = (
    no_objects, empty_files, lost_objects, flipped_bytes, broken_head, broken_config, broken_ref, left_locks,
)  # fmt: skip


@pytest.mark.parametrize("breakage", BREAKAGES)
@pytest.mark.parametrize("kind", ["clone", "url"])
def test_a_broken_cache_costs_at_most_one_run(
    breakage: Callable[[Path], None], kind: str, remote_and_clone: tuple[Path, Path], tmp_path: Path
) -> None:
    remote, clone = remote_and_clone
    where, cache = str(clone) if kind == "clone" else remote.as_uri(), tmp_path / "cache"
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(remote), str(other))
    commit(other, {"apps/iris.yaml": "percent: 1\n"})
    git(other, "push", "-q", "origin", "main")
    run(where, cache)
    commit(other, {"apps/iris.yaml": "percent: 2\n"})
    git(other, "push", "-q", "origin", "main")
    before = digest(clone)
    (store,) = cache.glob("*.git")
    breakage(store)
    failed = failure_of(lambda: run(where, cache))
    assert failed is None or "gain" in (failed.hint or "")
    found = run(where, cache)
    assert found == (git(remote, "rev-parse", "main"), b"percent: 2\n", 3)
    assert digest(clone) == before


def test_a_cache_that_goes_away_in_the_middle_is_told(remote_and_clone: tuple[Path, Path], tmp_path: Path) -> None:
    remote, _ = remote_and_clone
    cache = tmp_path / "cache"
    acts: list[Callable[[GitRepository, str], object]] = [
        lambda repository, base: list(repository.entries(base)),
        lambda repository, base: repository.histories(base, ["apps/iris.yaml"]),
        lambda repository, base: repository.read_file(base, "apps/iris.yaml"),
        lambda repository, base: repository.commit([CommitRequest(base, {"a": b""}, "A")]),
        lambda repository, base: repository.push([[RefUpdate("refs/heads/x", base, None)]]),
        lambda repository, base: repository.read_files("1" * 40),
    ]
    for act in acts:
        repository = open_repository(remote.as_uri(), cache=cache)
        _, base = repository.base_commit()
        shutil.rmtree(cache)
        with pytest.raises(RepositoryError) as caught:
            act(repository, base)
        assert "gain" in (caught.value.hint or "")
        assert run(remote.as_uri(), cache)[0] == base


def test_a_lasting_process_that_was_killed_is_started_again(remote_and_clone: tuple[Path, Path]) -> None:
    repository = open_repository(str(remote_and_clone[1]))
    _, base = repository.base_commit()
    assert repository.read_file(base, "apps/iris.yaml") == b"percent: 10\n"
    for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
        if b"cat-file" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)
    assert repository.read_file(base, "apps/iris.yaml") == b"percent: 10\n"


VICTIM = """
import sys
from pathlib import Path
from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.repository import open_repository
repository = open_repository(sys.argv[1], cache=Path(sys.argv[2]))
print("started", flush=True)
_, base = repository.base_commit()
repository.histories(base, ["apps/iris.yaml"])
requests = [CommitRequest(base, {"apps/iris.yaml": b"%d" % number}, "Change") for number in range(20)]
made = repository.commit(requests)
repository.push([
    [RefUpdate(f"refs/heads/a/{number}", oid, None), RefUpdate(f"refs/heads/b/{number}", oid, None)]
    for number, oid in enumerate(made)
])
print("done", flush=True)
"""


def test_a_run_killed_at_any_moment_leaves_nothing_that_stops_the_next(
    remote_and_clone: tuple[Path, Path], home: Path, tmp_path: Path
) -> None:
    remote, clone = remote_and_clone
    commit(clone, {f"apps/{number}.yaml": f"x: {number}\n" for number in range(50)})
    git(clone, "push", "-q", "origin", "main")
    # The server is another machine's process as a rule: it outlives the run, and is no part of its session here.
    alone = f"{sys.executable} -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])'"
    with (home / ".gitconfig").open("a") as config:
        config.write(f'[remote "rollout"]\n\treceivepack = "{alone} git-receive-pack"\n')
        config.write(f'\tuploadpack = "{alone} git-upload-pack"\n')
    cache = tmp_path / "cache"
    command = [sys.executable, "-c", VICTIM, remote.as_uri(), str(cache)]
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.monotonic() - begun
    for share in range(8):
        for ref in git(remote, "for-each-ref", "--format=%(refname)", "refs/heads/a", "refs/heads/b").split():
            git(remote, "update-ref", "-d", ref)
        shutil.rmtree(cache)
        victim = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        assert victim.stdout is not None
        victim.stdout.readline()
        time.sleep(whole * share / 10)
        os.killpg(victim.pid, signal.SIGKILL)  # the git processes with it
        victim.wait()
        victim.stdout.close()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout == "started\ndone\n", done.stderr
        refs = git(remote, "for-each-ref", "--format=%(refname)", "refs/heads/a", "refs/heads/b").split()
        assert len(refs) == 40
    git(remote, "fsck", "--strict")


def test_what_is_fetched_stays_a_pack(remote_and_clone: tuple[Path, Path], tmp_path: Path) -> None:
    """Unpacked, its commits stand before its trees: whoever is killed in between leaves commits that cannot be read."""
    remote, clone = remote_and_clone
    repository = open_repository(remote.as_uri(), cache=tmp_path / "cache")
    repository.base_commit()
    commit(clone, {f"apps/{number}.yaml": f"x: {number}\n" for number in range(50)})
    git(clone, "push", "-q", "origin", "main")
    _, base = repository.base_commit()
    repository.histories(base, ["apps/1.yaml"])
    (store,) = (tmp_path / "cache").glob("*.git")
    assert git(store, "count-objects", "-v").startswith("count: 0\n")
    assert len(list((store / "objects" / "pack").glob("*.idx"))) == 2


@pytest.mark.parametrize("opened", ["before", "after"])
def test_history_that_a_dead_process_left_half_cut_is_fetched_anew(
    opened: str, remote_and_clone: tuple[Path, Path], tmp_path: Path
) -> None:
    remote, clone = remote_and_clone
    commit(clone, {"apps/iris.yaml": "percent: 20\n"})
    git(clone, "push", "-q", "origin", "main")
    cache = tmp_path / "cache"
    repository = open_repository(remote.as_uri(), cache=cache)
    repository.base_commit()
    (store,) = cache.glob("*.git")
    # As git leaves it when it is killed after the commits have come, and before it notes where history ends.
    (store / "shallow").unlink()
    (store / "cutting").touch()
    if opened == "after":
        repository = open_repository(remote.as_uri(), cache=cache)
    _, base = repository.base_commit()
    assert len(repository.histories(base, ["apps/iris.yaml"])["apps/iris.yaml"].versions) == 2


def test_a_cache_that_cannot_be_written_is_told(remote_and_clone: tuple[Path, Path], tmp_path: Path) -> None:
    _, clone = remote_and_clone
    (tmp_path / "file").write_text("")
    with pytest.raises(RepositoryError, match="cache folder"):
        open_repository(str(clone), cache=tmp_path / "file")
    cache = tmp_path / "cache"
    open_repository(str(clone), cache=cache)
    (store,) = cache.glob("*.git")
    shutil.rmtree(store)
    store.with_suffix(".lock").unlink()
    store.with_suffix(".lock").mkdir()
    with pytest.raises(RepositoryError, match="cannot write"):
        open_repository(str(clone), cache=cache)
    with pytest.raises(RepositoryError, match="cannot look at"):
        open_repository("x" * 5000, cache=cache)


def test_no_room_for_temporary_files_is_told(
    remote_and_clone: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(RepositoryError, match="temporary files"):
        open_repository(str(remote_and_clone[1])).base_commit()
