"""Building into the cache: whole or not at all, once, and one part's failure never takes the others along."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers.__main__ import build
from tests.servers.cache import cache_root
from tests.servers.catalogue import PARTS
from tests.servers.parts import HERE, CannotBuildError, GoProgram, ModuleFiles, NodePackages, place_of, run


@dataclass
class Stone:
    name: str
    version: str = "1"
    fails: BaseException | None = None
    builds: list[Path] = field(default_factory=list)

    def build(self, place: Path) -> None:
        self.builds.append(place)
        (place / "half").write_text("made")
        if self.fails:
            raise self.fails


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_what_is_there_is_not_built_again() -> None:
    stone = Stone("stone")
    assert build([stone]) == 0
    assert build([stone]) == 0
    assert len(stone.builds) == 1
    assert build([Stone("stone", version="2")]) == 0
    assert {place.name for place in cache_root().glob("stone-*")} == {"stone-1", "stone-2"}


@pytest.mark.parametrize("error", [CannotBuildError("no compiler here"), OSError(28, "No space left on device")])
def test_a_failure_is_said_and_the_others_are_built(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = Stone("bad", fails=error), Stone("good")
    assert build([bad, good]) == 1
    assert place_of(good).is_dir()
    assert not place_of(bad).exists()
    told = capsys.readouterr().out
    assert "bad 1: could not be built" in told
    assert str(error) in told
    assert "not built: bad; tests that need them are skipped" in told
    bad.fails = None
    assert build([bad, good]) == 0


def test_what_an_interrupted_build_left_is_removed_by_the_next() -> None:
    cache_root().mkdir(parents=True)
    left = cache_root() / ".stone-1.abc.part"
    left.mkdir()
    with pytest.raises(KeyboardInterrupt):
        build([Stone("stone", fails=KeyboardInterrupt())])
    assert not left.exists()
    assert [path for path in cache_root().iterdir() if path.is_dir()] == []


def test_a_tool_that_is_missing_or_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotBuildError, match="no-such-tool is not installed"):
        run("no-such-tool", folder=tmp_path)
    with pytest.raises(CannotBuildError, match=r"failed after .* s:\n.*no-such-folder"):
        run("ls", "no-such-folder", folder=tmp_path)


def test_every_version_is_locked_with_a_hash_and_names_no_registry() -> None:
    for part in PARTS:
        if isinstance(part, GoProgram):
            for name in ("go.mod", "go.sum"):
                assert "://" not in (HERE / "go" / part.name / name).read_text()
            required = (HERE / "go" / part.name / "go.mod").read_text()
            assert f" v{part.release}" in required, part.name
        elif isinstance(part, ModuleFiles):
            assert {line.split()[2][:3] for line in part.lock.read_text().splitlines()} == {"h1:"}
        elif isinstance(part, NodePackages):
            locked = json.loads((HERE / "npm" / part.name / "package-lock.json").read_text())["packages"]
            assert all("integrity" in entry and "resolved" not in entry for name, entry in locked.items() if name)


def test_a_module_whose_hash_is_another_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "lock"
    lock.write_text("example.org/module v1.0.0 h1:expected=\n")
    told = json.dumps({"Sum": "h1:other=", "Dir": str(tmp_path)})
    go = tmp_path / "go"
    go.write_text(f"#!/bin/sh\nprintf '%s' '{told}'\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(CannotBuildError, match="has the hash h1:other=, the lock says h1:expected="):
        ModuleFiles("files", lock, (("example.org/module", "*"),)).build(tmp_path)
