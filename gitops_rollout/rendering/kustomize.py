"""Runs the real kustomize on an exported copy of files: no network, no plugins, no charts, a time limit."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gitops_rollout.model.errors import RolloutError

SECONDS = 30.0
MOST_BYTES = 50_000_000
MOST_OUTPUT = 20_000_000

_NOWHERE = "http://127.0.0.1:9"
"""The discard port: whatever kustomize would fetch over HTTP is not fetched."""


class RenderError(RolloutError):
    """A kustomization that was not, or could not be, rendered."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """A program that renders kustomizations: its path and the words before the folder."""

    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person would type."""
        return f"{Path(self.command[0]).name} {' '.join(self.command[1:])}"


def find_renderer() -> Renderer | None:
    """`kustomize build`, else `kubectl kustomize`, else None."""
    for program, verb in (("kustomize", "build"), ("kubectl", "kustomize")):
        path = shutil.which(program)
        if path is not None:
            return Renderer((path, verb))
    return None


def render(renderer: Renderer, files: Mapping[str, bytes], folder: str, seconds: float = SECONDS) -> bytes:
    """The YAML that the kustomization in `folder` comes to; `files` are all that it may use, by repository path.

    Raises `RenderError` with what kustomize said, when it fails or takes longer than `seconds`.
    """
    size = sum(len(data) for data in files.values())
    if size > MOST_BYTES:
        raise RenderError(f"{folder or '.'}: {size} bytes are too many to render", "Give it a folder of its own.")
    with tempfile.TemporaryDirectory(prefix="gitops-rollout-") as place:
        root = Path(place) / "tree"
        _export(root, files)
        empty = Path(place) / "empty"
        empty.mkdir()
        return _run(renderer, root / folder, folder, empty, seconds)


def _export(root: Path, files: Mapping[str, bytes]) -> None:
    root.mkdir()
    for path, data in files.items():
        target = root / path
        if not target.resolve().is_relative_to(root.resolve()):
            raise RenderError(f"{path} leads out of the repository")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _run(renderer: Renderer, place: Path, folder: str, empty: Path, seconds: float) -> bytes:
    # An empty PATH keeps kustomize from git and from plugins; the proxies keep it from the network.
    environment = {"PATH": str(empty), "HOME": str(empty), "XDG_CONFIG_HOME": str(empty), "TMPDIR": str(empty)}
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        environment[name] = _NOWHERE
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaint:
        try:
            done = subprocess.run(
                [*renderer.command, str(place)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=complaint,
                env=environment,
                cwd=empty,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RenderError(f"{folder or '.'}: {renderer.name} took longer than {seconds:g} s") from None
        except OSError as error:
            raise RenderError(f"{renderer.name} could not be started: {error.strerror}") from None
        if done.returncode != 0:
            complaint.seek(0)
            said = complaint.read(2000).decode("utf-8", "replace").replace(str(place.parent), "").strip()
            raise RenderError(f"{folder or '.'}: {renderer.name} failed: {said[:300]}", "Run it by hand to see more.")
        if output.seek(0, 2) > MOST_OUTPUT:
            raise RenderError(f"{folder or '.'}: {renderer.name} wrote more than {MOST_OUTPUT} bytes")
        output.seek(0)
        return output.read()
