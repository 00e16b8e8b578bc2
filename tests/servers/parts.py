"""How each kind of part is made: a Go program, files of Go modules, Debian packages, npm packages."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from tests.servers.cache import cache_root

HERE = Path(__file__).parent
LONGEST = 40 * 60  # seconds that one command may take


class CannotBuildError(Exception):
    """A part cannot be had here; the message says why and what would help."""


class Part(Protocol):
    """Something that is built into a folder of its own."""

    name: str

    @property
    def version(self) -> str:
        """What the cache is keyed on."""

    def build(self, place: Path) -> None:
        """Make it in the empty folder `place`; raises `CannotBuildError`."""


def place_of(part: Part) -> Path:
    """The folder of a part in the cache, whether it is there yet or not."""
    return cache_root() / f"{part.name}-{part.version}"


def run(*command: str, folder: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a tool to its end and return what it printed; what it complained of becomes the error's text."""
    if shutil.which(command[0]) is None:
        raise CannotBuildError(f"{command[0]} is not installed")
    began = time.monotonic()
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired as error:
        raise CannotBuildError(f"`{command[0]} {command[1]}` took longer than {LONGEST // 60} minutes") from error
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        took = round(time.monotonic() - began)
        raise CannotBuildError(f"`{' '.join(command[:3])}` failed after {took} s:\n{last}")
    return done.stdout


@dataclass(frozen=True)
class GoProgram:
    """A program of a Go module; `go/<name>/` holds the module file and the hashes of all that it needs."""

    name: str
    release: str
    package: str
    tags: str = ""
    flags: str = "-s -w"
    beside: tuple[str, ...] = ()  # folders of the module that the program reads at run time

    @property
    def version(self) -> str:
        """The release, and a hash over how it is built."""
        modules = b"".join((HERE / "go" / self.name / file).read_bytes() for file in ("go.mod", "go.sum"))
        return f"{self.release}-{short_hash(modules + repr(self).encode())}"

    def build(self, place: Path) -> None:
        """Compile it, and copy the folders that it reads beside it."""
        folder = HERE / "go" / self.name
        command = ["go", "build", "-mod=readonly", "-tags", self.tags, "-ldflags", self.flags]
        run(*command, "-o", str(place / self.name), self.package, folder=folder)
        if self.beside:
            module = Path(run("go", "list", "-m", "-f", "{{.Dir}}", self.package, folder=folder).strip())
            for name in self.beside:
                shutil.copytree(module / name, place / name, copy_function=shutil.copyfile)
                make_writable(place / name)


@dataclass(frozen=True)
class ModuleFiles:
    """Files out of Go modules that are downloaded whole; `lock` has a line `module version hash` for each of them."""

    name: str
    lock: Path
    files: tuple[tuple[str, str], ...]  # module, pattern of paths in it

    @property
    def version(self) -> str:
        """A hash over what is asked for: there is no one version of several modules."""
        return short_hash(self.lock.read_bytes() + repr(self.files).encode())

    def build(self, place: Path) -> None:
        """Download each module, compare its hash with the lock's, and copy the files."""
        for line in self.lock.read_text().splitlines():
            module, version, digest = line.split()
            told = json.loads(run("go", "mod", "download", "-json", f"{module}@{version}", folder=place))
            if told["Sum"] != digest:
                raise CannotBuildError(f"{module} {version} has the hash {told['Sum']}, the lock says {digest}")
            for _, pattern in (wanted for wanted in self.files if wanted[0] == module):
                found = list(Path(told["Dir"]).glob(pattern))
                if not found:
                    raise CannotBuildError(f"{module} {version} has no {pattern}")
                for path in found:
                    shutil.copyfile(path, place / path.name)


@dataclass(frozen=True)
class DebianPackage:
    """A Debian package, unpacked without being installed: no service starts and no user is made."""

    name: str
    package: str

    @property
    def version(self) -> str:
        """The name of the Debian release: the version is what that release has."""
        release = Path("/etc/os-release")
        lines = release.read_text().splitlines() if release.exists() else []
        words = dict(line.split("=", 1) for line in lines if "=" in line)
        return words.get("VERSION_CODENAME", "unknown").strip('"')

    def build(self, place: Path) -> None:
        """Download the package with apt-get and unpack it."""
        try:
            run("apt-get", "download", self.package, folder=place)
        except CannotBuildError:
            run("apt-get", "update", folder=place)  # a fresh machine has no package lists yet
            run("apt-get", "download", self.package, folder=place)
        (archive,) = place.glob("*.deb")
        run("dpkg-deb", "-x", str(archive), str(place), folder=place)
        archive.unlink()


@dataclass(frozen=True)
class NodePackages:
    """Packages of npm; `npm/<name>/` holds their exact versions and hashes. `drop` names files not needed here."""

    name: str
    drop: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """A hash over the lock file: there is no one version of several packages."""
        return short_hash((HERE / "npm" / self.name / "package-lock.json").read_bytes())

    def build(self, place: Path) -> None:
        """Install what the lock file says, and nothing that runs on installation."""
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / "npm" / self.name / name, place / name)
        run("npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", folder=place)
        for pattern in self.drop:
            for path in place.glob(pattern):
                path.unlink()


def short_hash(raw: bytes) -> str:
    """Enough of a hash to tell one recipe from another."""
    return sha256(raw).hexdigest()[:8]


def make_writable(folder: Path) -> None:
    """Files of Go's module cache are read-only; a cache of one's own must be removable."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
