"""The private bare repository: a cache that borrows the clone's objects, shared by runs, made anew when damaged."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.command import DAMAGE_MARK, Command
from gitops_rollout.repository.place import Place

# Part of the key: a release that lays the cache out differently takes another folder.
_LAYOUT = 2
_PATIENCE_SECONDS = 600.0
# No hook of the user's runs for our commands; packing happens in the foreground, so that nothing is left running; and
# a cache that is made anew when it is damaged need not wait for the disk. What is fetched stays a pack, which is there
# whole or not at all: unpacked, a commit stands before its trees, and a run that is killed leaves it without them.
_CONFIG = (
    "[core]\n\thooksPath = /dev/null\n\tlogAllRefUpdates = false\n\tfsync = none\n"
    "[gc]\n\tautoDetach = false\n"
    "[fetch]\n\tunpackLimit = 1\n"
)
# Stands in a private repository while history is cut there.
_CUTTING = "cutting"


def cache_folder(given: Path | None) -> Path:
    """Where private repositories live: `given`, else `gitops-rollout` in the user's cache folder (XDG)."""
    if given is None:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        given = Path(base) / "gitops-rollout"
    try:
        given.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise RepositoryError(
            f"cannot make the cache folder {given}: {error.strerror}",
            "Set XDG_CACHE_HOME to a folder that can be written.",
        ) from None
    return given.resolve()


@dataclass(frozen=True, slots=True)
class Store:
    """One private repository; `git` runs there."""

    path: Path
    git: Command

    @property
    def beside(self) -> Path:
        """A folder for what else is worth keeping about this one repository; it may be deleted at any time."""
        return self.path.with_suffix(".kept")

    def shallow(self) -> frozenset[str]:
        """Commits whose parents are not here, though they have some."""
        try:
            return frozenset((self.path / "shallow").read_text("ascii").split())
        except FileNotFoundError:
            return frozenset()

    def has(self, oid: str) -> bool:
        """Whether an object is here or in the clone that lends its objects."""
        return self.git.attempt("cat-file", "-e", oid).status == 0

    @contextmanager
    def cutting(self) -> Iterator[None]:
        """While a fetch cuts history off: git brings the commits first, and only then notes whose parents are missing.

        What a process leaves that was killed in between is made anew.
        """
        mark = self.path / _CUTTING
        mark.touch()
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)

    @property
    def half_cut(self) -> bool:
        """Whether history is being cut here: by another process, or, where the lock is free, by one that was killed."""
        return (self.path / _CUTTING).exists()

    @contextmanager
    def lock(self) -> Iterator[int]:
        """Hold the right to move refs here; yields the descriptor, which git processes may keep after we die.

        What a killed git left behind is removed first: nobody else is at work while the lock is held.
        """
        with lock_file(self.path.with_suffix(".lock")) as descriptor:
            for name in ("shallow.lock", "packed-refs.lock", "HEAD.lock", "config.lock", "gc.pid.lock"):
                (self.path / name).unlink(missing_ok=True)
            for left in (self.path / "refs").rglob("*.lock"):
                left.unlink(missing_ok=True)
            if self.half_cut:
                raise self.git.damaged("cannot fetch")
            yield descriptor


def open_store(place: Place, object_format: str, cache: Path, outside: Command) -> Store:
    """The private repository for a place: found, or made; one that is damaged is made anew."""
    key = "\n".join((str(_LAYOUT), object_format, str(place.folder), place.fetch.url, str(place.objects)))
    path = cache / f"{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()[:20]}.git"
    store = Store(path, Command(path, path, dict(outside.environment)))
    if not _sound(store, object_format):
        with lock_file(path.with_suffix(".lock")):
            if not _sound(store, object_format):
                try:
                    _make(path, place, object_format, outside)
                except OSError as error:
                    raise _unwritable(path, error) from None
    return store


def _unwritable(path: Path, error: OSError) -> RepositoryError:
    return RepositoryError(f"cannot write {path}: {error.strerror}", "Make room there, or use another cache folder.")


def _sound(store: Store, object_format: str) -> bool:
    # Whoever cuts history right now is waited for: this is asked again once the lock is free.
    if not (store.path / "objects").is_dir() or store.half_cut or (store.path / DAMAGE_MARK).exists():
        return False
    asked = store.git.attempt("rev-parse", "--is-bare-repository", "--show-object-format")
    return asked.status == 0 and asked.stdout.decode().split() == ["true", object_format]


def _make(path: Path, place: Place, object_format: str, outside: Command) -> None:
    """Build it beside its place and move it there, so that nobody sees half of it."""
    fresh, old = (path.with_suffix(f".{word}-{os.getpid()}") for word in ("new", "old"))
    shutil.rmtree(fresh, ignore_errors=True)
    outside.run(
        f"cannot make the private repository {path}",
        "init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", str(fresh),
    )  # fmt: skip
    with (fresh / "config").open("a") as config:
        config.write(_CONFIG)
    if place.objects is not None:
        (fresh / "objects" / "info").mkdir(exist_ok=True)
        (fresh / "objects" / "info" / "alternates").write_text(_quoted(place.objects), "utf-8", "surrogateescape")
    if path.exists():
        path.rename(old)
    fresh.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _quoted(path: Path) -> str:
    """A line of `objects/info/alternates`, C-quoted where it could be taken for something else."""
    text = str(path)
    if text.startswith(('"', "#")) or "\n" in text:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"\n'
    return f"{text}\n"


@contextmanager
def lock_file(path: Path) -> Iterator[int]:
    """Hold a lock between processes; it ends with the process, and with the git processes that inherit it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RepositoryError(
                        f"another run has held {path} for {_PATIENCE_SECONDS:.0f} s",
                        "End that run, or use another cache folder.",
                    ) from None
                time.sleep(0.02)
        yield descriptor
    finally:
        os.close(descriptor)
