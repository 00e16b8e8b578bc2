"""100 proposals in Git: making their commits, and pushing them, in a repository of 5,000 files."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.repository import GitRepository, open_repository
from tests.bench.figures import Figure, compare

COMMITS = 100
FILES = 5_000
ROUNDS = 9
COMMIT_MOST, PUSH_MOST, BARE_MOST = 3.0, 2.0, 1.5
DATE = "1700000000 +0000"


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        remote = folder / "remote.git"
        _git(folder, "init", "-q", "--bare", "-b", "main", str(remote))
        _git(remote, "fast-import", "--quiet", stdin=_first_commit())
        repository = open_repository(str(remote), cache=folder / "cache")
        _, base = repository.base_commit()
        yield _commits(folder, repository, base)
        yield from _pushes(folder)


def _commits(folder: Path, repository: GitRepository, base: str) -> Figure:
    """Each round writes other bytes: what is there already would cost nothing."""
    bare = folder / "bare.git"
    _git(folder, "clone", "-q", "--bare", str(folder / "remote.git"), str(bare))
    rounds = iter(range(1_000_000))
    return compare(
        f"making {COMMITS} commits, one file each",
        "git fast-import of the same stream",
        lambda: _git(bare, "fast-import", "--quiet", stdin=_stream(base, next(rounds))),
        lambda: repository.commit(_requests(base, next(rounds))),
        COMMIT_MOST,
        rounds=ROUNDS,
    )


def _pushes(folder: Path) -> Iterator[Figure]:
    """Commits are made before the clock starts; each push goes to a remote that nobody has pushed to yet.

    The server's disk is not waited for: how long it takes to be sure of a ref is no figure of ours. In processor time a
    hundred cost 2.3 times one (2.9 times with deltas): about 20 ms go into the server's hundred ref files, the rest
    into packing 500 objects and checking them there.
    """
    _git(folder / "remote.git", "config", "core.fsync", "none")
    ones, hundreds = ([_ready(folder, f"{kind}-{turn}") for turn in range(ROUNDS)] for kind in ("one", "hundred"))
    plain, leased = ([_ready(folder, f"{kind}-{turn}") for turn in range(ROUNDS)] for kind in ("plain", "leased"))
    yield compare(
        f"pushing {COMMITS} branches",
        "pushing one branch",
        lambda: _push(*ones.pop(), most=1),
        lambda: _push(*hundreds.pop()),
        PUSH_MOST,
        rounds=ROUNDS,
    )
    yield compare(
        f"pushing {COMMITS} branches, with leases",
        "git push of as many",
        lambda: _push_plainly(*plain.pop()),
        lambda: _push(*leased.pop()),
        BARE_MOST,
        rounds=ROUNDS,
    )


def _ready(folder: Path, name: str) -> tuple[GitRepository, Sequence[str]]:
    remote = folder / f"{name}.git"
    shutil.copytree(folder / "remote.git", remote)
    repository = open_repository(str(remote), cache=folder / "cache")
    _, base = repository.base_commit()
    return repository, repository.commit(_requests(base, 2_000))


def _push_plainly(repository: GitRepository, commits: Sequence[str]) -> None:
    refspecs = [f"{commit}:refs/heads/{commit}" for commit in commits]
    _git(repository.store.path, "push", "-q", repository.remote.shown, *refspecs)


def _push(repository: GitRepository, commits: Sequence[str], most: int = COMMITS) -> None:
    results = repository.push([[RefUpdate(f"refs/heads/{commit}", commit, None)] for commit in commits[:most]])
    if not all(result.accepted for result in results):
        raise RuntimeError("a push was refused")


def _path(number: int) -> str:
    return f"clusters/{number % 20}/{number % 500}/service-{number}.yaml"


def _requests(base: str, turn: int) -> list[CommitRequest]:
    return [
        CommitRequest(base, {_path(number): _content(number, turn)}, f"Promote {number}\n") for number in range(COMMITS)
    ]


def _content(number: int, turn: int) -> bytes:
    return f"kind: InferenceService\nname: service-{number}\npercent: {turn}\n".encode()


def _first_commit() -> bytes:
    files = b"".join(
        b"M 100644 inline %b\ndata %d\n%b\n" % (_path(number).encode(), len(_content(number, 0)), _content(number, 0))
        for number in range(FILES)
    )
    return f"commit refs/heads/main\ncommitter Bench <bench@localhost> {DATE}\ndata 5\nFirst\n".encode() + files


def _stream(base: str, turn: int) -> bytes:
    """What bare git needs to be told for the same commits, each on a branch of its own."""
    parts = []
    for number in range(COMMITS):
        content, message = _content(number, turn), f"Promote {number}\n"
        parts.append(
            f"commit refs/heads/b{number}\nauthor Bench <bench@localhost> {DATE}\n"
            f"committer Bench <bench@localhost> {DATE}\ndata {len(message)}\n{message}\nfrom {base}\n"
            f"M 100644 inline {_path(number)}\ndata {len(content)}\n".encode()
            + content
            + b"\n"
        )
    return b"".join((*parts, *(f"reset refs/heads/b{number}\n\n".encode() for number in range(COMMITS))))


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(["git", *arguments], cwd=folder, input=stdin, check=True, capture_output=True)
