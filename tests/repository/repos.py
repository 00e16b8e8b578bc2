"""Real repositories for the tests, made and looked at with git itself."""

import hashlib
import os
import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str, stdin: bytes | None = None, **variables: str) -> str:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=False, env=environment
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr.decode()}"
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def commit(folder: Path, files: dict[str, str | bytes | None], message: str = "Change", at: int = 1_700_000_000) -> str:
    """Write (None: remove) the files in a work tree and commit them at a time of their own."""
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    git(folder, "add", "--all")
    date = f"{at} +0100"
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
    return git(folder, "rev-parse", "HEAD")


def make_remote(folder: Path, object_format: str = "sha1") -> tuple[Path, Path]:
    """A bare repository and a clone of it with one commit pushed."""
    remote, clone = folder / "remote ü.git", folder / "a clone"
    git(folder, "init", "-q", "--bare", "-b", "main", f"--object-format={object_format}", str(remote))
    git(folder, "init", "-q", "-b", "main", f"--object-format={object_format}", str(clone))
    git(clone, "remote", "add", "origin", str(remote))
    commit(clone, {"apps/iris.yaml": "percent: 10\n", "räume/a b.yaml": "x: 1\n"}, "First")
    git(clone, "push", "-q", "-u", "origin", "main")
    return remote, clone


def digest(folder: Path) -> str:
    """Names, contents, modes and times of everything below a folder."""
    summary = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        facts = (str(path.relative_to(folder)), status.st_mode, status.st_mtime_ns, status.st_size)
        summary.update(repr(facts).encode() + hashlib.sha256(content).digest())
    return summary.hexdigest()
