"""Environments that hold a build of this project and what it declares to need, and nothing else of ours."""

import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def make_environment(folder: Path, wheel: Path) -> Path:
    """Install `wheel` into a new environment at `folder`, with the dependencies it declares; returns its `bin`.

    The dependencies, and theirs, are linked from the environment of the tests, so that no network is needed. What
    only the tests need is not there: a dependency that nobody declared is missed.
    """
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in sorted(_closure("gitops-rollout")):
        for entry in _entries(distribution(name)):
            link = packages / entry.relative_to(_site(distribution(name)))
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(entry)
    return folder / "bin"


def _closure(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """Names of the distributions that `name` needs here, directly or through others."""
    found: set[str] = set()
    pending = [(name, extras)]
    while pending:
        current, chosen = pending.pop()
        for text in distribution(current).requires or []:
            wanted = Requirement(text)
            needed = wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in {"", *chosen})
            if needed and (needed_name := canonicalize_name(wanted.name)) not in found:
                found.add(needed_name)
                pending.append((needed_name, frozenset(wanted.extras)))
    return found


def _entries(installed: Distribution) -> Iterator[Path]:
    """Files and packages of a distribution; of a namespace package, what stands in it."""
    site = _site(installed)
    tops = {Path(file).parts[0] for file in installed.files or [] if not str(file).startswith(("..", "__pycache__"))}
    for top in sorted(tops):
        entry = site / top
        if entry.is_dir() and not (entry / "__init__.py").exists() and entry.suffix != ".dist-info":
            yield from (child for child in sorted(entry.iterdir()) if child.name != "__pycache__")
        else:
            yield entry


def _site(installed: Distribution) -> Path:
    return Path(str(installed.locate_file("")))
