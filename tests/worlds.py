"""A small world for tests: a bare remote, a clone, manifests committed at given instants, and live snapshots."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

POLICY = ".gitops-rollout.yaml"


def git(folder: Path, *arguments: str, when: datetime | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run git in a folder, as a person whose own settings do not reach in, at a given instant."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A Person",
        "GIT_AUTHOR_EMAIL": "person@example.org",
        "GIT_COMMITTER_NAME": "A Person",
        "GIT_COMMITTER_EMAIL": "person@example.org",
        **(env or {}),
    }
    if when is not None:
        environment["GIT_AUTHOR_DATE"] = environment["GIT_COMMITTER_DATE"] = when.isoformat()
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True)
class Place:
    """The remote, the clone that runs use, and the folder of live snapshots."""

    root: Path

    @property
    def remote(self) -> Path:
        return self.root / "remote.git"

    @property
    def clone(self) -> Path:
        return self.root / "clone"

    def snapshot(self, cluster: str) -> Path:
        return self.root / "live" / f"{cluster}.json"

    def commit(self, files: Mapping[str, str | bytes | None], message: str, when: datetime) -> str:
        """Commit files to main of the remote, as a person would from a clone of their own; None deletes."""
        git(self.person, "pull", "--quiet", "--ff-only", "origin", "main") if self._born() else None
        self._write(files)
        git(self.person, "commit", "--quiet", "--allow-empty", "--message", message, when=when)
        git(self.person, "push", "--quiet", "origin", "HEAD:main")
        return git(self.person, "rev-parse", "HEAD")

    def propose(self, branch: str, files: Mapping[str, str | bytes | None], message: str, when: datetime) -> str:
        """Push a branch with one commit on main, as a person does before a pull request."""
        git(self.person, "checkout", "--quiet", "-B", branch, "main")
        self._write(files)
        git(self.person, "commit", "--quiet", "--message", message, when=when)
        git(self.person, "push", "--quiet", "--force", "origin", branch)
        head = git(self.person, "rev-parse", "HEAD")
        git(self.person, "checkout", "--quiet", "main")
        return head

    @property
    def person(self) -> Path:
        return self.root / "person"

    def _write(self, files: Mapping[str, str | bytes | None]) -> None:
        for path, text in files.items():
            file = self.person / path
            if text is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        git(self.person, "add", "--all")

    def _born(self) -> bool:
        return bool(git(self.remote, "for-each-ref", "refs/heads/main"))

    def show(self, cluster: str, snapshots: Sequence[Mapping[str, Any]]) -> Path:
        """Put the objects of one or more recorded snapshots where the cluster's live source reads them."""
        items = [item for snapshot in snapshots for item in snapshot["items"]]
        path = self.snapshot(cluster)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), encoding="utf-8")
        return path

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """The remote's refs below a prefix."""
        lines = git(self.remote, "for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
        return dict(line.split(" ", 1) for line in lines)


def make_place(root: Path) -> Place:
    """An empty bare remote with `main` as its branch, and two clones of it."""
    place = Place(root)
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", str(place.remote))
    git(root, "clone", "--quiet", str(place.remote), str(place.person))
    git(place.person, "checkout", "--quiet", "-B", "main")
    git(root, "clone", "--quiet", str(place.remote), str(place.clone))
    return place
