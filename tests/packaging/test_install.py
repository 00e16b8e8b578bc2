"""The wheel, the source distribution and an editable checkout, each installed elsewhere and put to work."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.environments import make_environment

ROOT = Path(__file__).parent.parent.parent


def hook(name: str, checkout: Path, out: Path) -> Path:
    """Call a build hook of hatchling in `checkout`, as pip and build do; returns what it wrote into `out`."""
    out.mkdir(exist_ok=True)
    script = f"import sys, hatchling.build as b; print(b.{name}(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(out)], cwd=checkout, check=True, capture_output=True, text=True
    )
    return out / done.stdout.split()[-1]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that a clone of this work tree would have, in another place."""
    place = tmp_path_factory.mktemp("checkout") / "gitops-rollout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    return place


@pytest.fixture(scope="session", params=["wheel", "sdist", "editable"])
def programs(request: pytest.FixtureRequest, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that has the project installed in one of three ways."""
    place = tmp_path_factory.mktemp(request.param)
    if request.param == "wheel":
        built = hook("build_wheel", checkout, place)
    elif request.param == "sdist":
        with tarfile.open(hook("build_sdist", checkout, place)) as archive:
            archive.extractall(place, filter="data")
        (source,) = (path for path in place.iterdir() if path.is_dir())
        built = hook("build_wheel", source, place / "built")
    else:
        built = hook("build_editable", checkout, place)
    return make_environment(place / "environment", built)


def run(program: Path, *args: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run as a person would who has nothing else: no variable of this test run, another folder, an empty home."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    return subprocess.run([program, *args], cwd=home, env=environment, capture_output=True, text=True, check=False)


def test_the_demo_runs(programs: Path, tmp_path: Path) -> None:
    done = run(programs / "gitops-rollout", "demo", "--folder", "here", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Where to look" in done.stdout
    assert (tmp_path / "here" / "models.git").is_dir()


def test_every_command_can_be_imported(programs: Path, tmp_path: Path) -> None:
    script = (
        "from importlib import import_module; from gitops_rollout.cli.commands import COMMANDS;"
        "[import_module(f'gitops_rollout.cli.{entry.module}').command for entry in COMMANDS.values()]"
    )
    done = run(programs / "python", "-c", script, home=tmp_path)
    assert done.returncode == 0, done.stderr


def test_python_dash_m_is_the_same_program(programs: Path, tmp_path: Path) -> None:
    said = [
        run(programs / "gitops-rollout", "--version", home=tmp_path).stdout,
        run(programs / "python", "-m", "gitops_rollout", "--version", home=tmp_path).stdout,
    ]
    assert said[0] == said[1]
    assert said[0].startswith("gitops-rollout, version ")


def test_the_environment_has_nothing_of_the_tests(programs: Path, tmp_path: Path) -> None:
    for module in ("pytest", "hypothesis", "jsonschema"):
        assert run(programs / "python", "-c", f"import {module}", home=tmp_path).returncode != 0


def test_the_wheel_holds_the_package_its_data_and_nothing_else(checkout: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(hook("build_wheel", checkout, tmp_path)) as wheel:
        names = wheel.namelist()
    assert {name.split("/")[0].rpartition(".")[2] for name in names} == {"gitops_rollout", "dist-info"}
    for name in (
        "py.typed",
        "_data/templates/pull_request.md.j2",
        "_data/examples/repo/.gitops-rollout.yaml",
        "_data/examples/live/prod-eu.json",
        "_data/schema/plan.json",
    ):
        assert f"gitops_rollout/{name}" in names
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]
