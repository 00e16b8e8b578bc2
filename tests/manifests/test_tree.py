"""Scans of whole commits, from real repositories, with and without a cache."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from gitops_rollout.manifests.tree import scan_tree
from gitops_rollout.model.policy import Limits, Policy
from gitops_rollout.model.targets import TreeScan
from gitops_rollout.repository.repository import GitRepository, open_repository
from tests.manifests.samples import service
from tests.repository.repos import commit, git

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = Ann\n\temail = ann@example.com\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    git(tmp_path, "init", "-q", "-b", "main", "clone")
    git(tmp_path / "clone", "remote", "add", "origin", str(tmp_path / "remote.git"))
    return tmp_path / "clone"


class Counting:
    """A repository that remembers which blobs were read."""

    def __init__(self, repository: GitRepository) -> None:
        self.entries = repository.entries
        self.differences = repository.differences
        self._repository = repository
        self.read: list[str] = []

    def read_blobs(self, oids: Iterable[str], most: int | None = None) -> Iterable[tuple[str, bytes]]:
        asked = list(oids)
        self.read += asked
        return self._repository.read_blobs(asked, most)


def scan(clone: Path, policy: Policy | None = None, cache: Path | None = None) -> tuple[TreeScan, int]:
    """A scan of the pushed base, and how many blobs were read for it."""
    git(clone, "push", "-q", "origin", "main")
    repository = open_repository(str(clone))
    counting = Counting(repository)
    _, base = repository.base_commit()
    found = scan_tree(counting, base, policy or Policy(), cache=cache)
    return found, len(counting.read)


def test_everything_is_found_or_said_to_be_skipped(clone: Path) -> None:
    (clone / "apps").mkdir()
    (clone / "apps" / "link.yaml").symlink_to("a.yaml")
    inside = clone / "vendor"
    git(clone, "init", "-q", "-b", "main", "vendor")
    commit(inside, {"x.yaml": service()})
    commit(
        clone,
        {
            "apps/a.yaml": service(name="a"),
            "apps/deep/er/b.yml": service(name="b"),
            "räume/c d.json": '{"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",'
            ' "metadata": {"name": "c"}, "spec": {"predictor": {}}}',
            "README.md": "InferenceService",
            "apps/lfs.yaml": LFS,
            "apps/broken.yaml": "kind: InferenceService\na: [",
            "apps/other.yaml": "a: [this does not parse, and does not matter",
            "apps/long.yaml": service() + "# " + "x" * 2000 + "\n",
            "apps/wide.yaml": service().encode("utf-16"),
            "chart/Chart.yaml": "name: chart\n",
            "chart/templates/t.yaml": service(name="t"),
            "old/x.yaml": service(name="x"),
        },
    )
    found, _ = scan(clone, Policy(limits=Limits(file_size=1000), ignore=("old/**",)))
    assert [(one.source.path, one.name) for one in found.manifests] == [
        ("apps/a.yaml", "a"),
        ("apps/deep/er/b.yml", "b"),
        ("räume/c d.json", "c"),
    ]
    assert {skip.path: skip.reason for skip in found.skipped} == {
        "apps/link.yaml": "symlink",
        "apps/lfs.yaml": "lfs-pointer",
        "apps/broken.yaml": "unparsable",
        "apps/long.yaml": "too-large",
        "apps/wide.yaml": "not-utf-8",
        "chart/templates/t.yaml": "template",
        "vendor": "submodule",
    }


def test_a_warm_scan_reads_only_what_changed_and_says_the_same(clone: Path, tmp_path: Path) -> None:
    commit(clone, {f"apps/{n}.yaml": service(name=f"a{n}") for n in range(20)} | {"x.yaml": "a: 1\n"})
    cold, read = scan(clone, cache=tmp_path / "cache")
    assert read == 21
    assert scan(clone, cache=tmp_path / "cache") == (cold, 0)
    commit(clone, {"apps/3.yaml": None, "apps/4.yaml": service(name="b"), "apps/new.yaml": service(name="new")})
    warm, read = scan(clone, cache=tmp_path / "cache")
    assert read == 2
    assert warm == scan(clone)[0]
    assert [one.name for one in warm.manifests if one.name in ("b", "new", "a3")] == ["b", "new"]


def test_after_history_was_rewritten_known_blobs_are_still_not_read_again(clone: Path, tmp_path: Path) -> None:
    commit(clone, {f"apps/{n}.yaml": service(name=f"a{n}") for n in range(5)} | {"x.yaml": "a: 1\n"})
    scan(clone, cache=tmp_path / "cache")
    for file in (tmp_path / "cache").iterdir():
        data = file.read_bytes()
        old = git(clone, "rev-parse", "HEAD").encode()
        assert data.count(old) == 1
    git(clone, "checkout", "-q", "--orphan", "anew")
    commit(clone, {"apps/new.yaml": service(name="new")})
    git(clone, "branch", "-q", "-M", "anew", "main")
    repository = open_repository(str(clone))
    git(clone, "push", "-q", "-f", "origin", "main")
    _, base = repository.base_commit()
    counting = Counting(repository)
    counting.differences = lambda old, new: None
    found = scan_tree(counting, base, Policy(), cache=tmp_path / "cache")
    assert found == scan_tree(repository, base, Policy())
    assert len(counting.read) == 1


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign"])
def test_a_damaged_cache_is_never_believed(clone: Path, tmp_path: Path, damage: str) -> None:
    commit(clone, {"a.yaml": service()})
    cold, _ = scan(clone, cache=tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes({"cut": bytes(data[:50]), "flip": bytes(data), "empty": b"", "foreign": b"{}" * 50}[damage])
    assert scan(clone, cache=tmp_path / "cache") == (cold, 1)
    assert scan(clone, cache=tmp_path / "cache") == (cold, 0)


def test_another_policy_is_another_cache(clone: Path, tmp_path: Path) -> None:
    commit(clone, {"a.yaml": service(), "b.yaml": service(name="b")})
    assert len(scan(clone, cache=tmp_path / "cache")[0].manifests) == 2
    assert len(scan(clone, Policy(ignore=("b.yaml",)), tmp_path / "cache")[0].manifests) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_cache_that_cannot_be_written_is_no_failure(clone: Path, tmp_path: Path) -> None:
    commit(clone, {"a.yaml": service()})
    (tmp_path / "cache").mkdir(mode=0o500)
    assert len(scan(clone, cache=tmp_path / "cache")[0].manifests) == 1


def test_a_cache_in_the_place_of_a_file_is_no_failure(clone: Path, tmp_path: Path) -> None:
    commit(clone, {"a.yaml": service()})
    (tmp_path / "cache").write_text("")
    assert len(scan(clone, cache=tmp_path / "cache")[0].manifests) == 1


def test_many_files_are_scanned_by_worker_processes_with_the_same_result(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(clone, {f"apps/{n}.yaml": service(name=f"a{n}") for n in range(60)})
    alone, _ = scan(clone)
    monkeypatch.setattr("gitops_rollout.manifests.parallel.CHUNK_BYTES", 500)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    assert scan(clone)[0] == alone
    monkeypatch.setattr("sys.executable", "/nowhere")
    assert scan(clone)[0] == alone
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert scan(clone)[0] == alone
