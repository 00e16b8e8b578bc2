"""The embedded forge over a real repository: a bare remote, our private store, and a person with a clone."""

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import Did
from gitops_rollout.model.doors import CommitRequest
from gitops_rollout.repository.repository import GitRepository, open_repository
from tests.forges.memory import EPOCH
from tests.repository.repos import commit, git


@dataclass
class GitBench:
    """`root` holds the remote, the person's clone and the caches; each forge opens a cache of its own."""

    root: Path
    runs: int = 0

    def __post_init__(self) -> None:
        self.prepare()
        git(self.root, "init", "-q", "-b", "main", str(self.clone))
        git(self.clone, "remote", "add", "origin", self.url)
        names = ("score", "score-b", "a", "b", "c")
        files: dict[str, str | bytes | None] = {f"clusters/prod/{name}.yaml": "percent: 10\n" for name in names}
        commit(self.clone, {**files, "README": "hello"}, "First")
        git(self.clone, "push", "-q", "-u", "origin", "HEAD:main")
        self.settle()

    def prepare(self) -> None:
        """Make the remote."""
        git(self.root, "init", "-q", "--bare", "-b", "main", self.url)

    def settle(self) -> None:
        """Wait until the remote has taken in the first push."""

    @property
    def url(self) -> str:
        return str(self.root / "remote.git")

    @property
    def clone(self) -> Path:
        return self.root / "clone"

    def repository(self) -> GitRepository:
        return open_repository(self.url, cache=self.root / "cache")

    def forge(self, who: str = "gitops-rollout") -> LocalForge:
        self.runs += 1
        return LocalForge(self.repository(), EPOCH + timedelta(hours=1, seconds=self.runs), who)

    def base(self) -> str:
        return self.branches()["main"]

    def commit_on_base(self, path: str, data: bytes) -> str:
        return self._person_pushes("main", path, data)

    def propose(self, path: str, data: bytes, message: str) -> str:
        repository = self.repository()
        _, base = repository.base_commit("main")
        return repository.commit([CommitRequest(base, {path: data}, message)])[0]

    def person_commits(self, branch: str) -> str:
        return self._person_pushes(branch, "theirs", b"theirs")

    def person_closes(self, number: int) -> None:
        forge = self.forge("person")
        pull = forge.pull(number)
        assert pull is not None
        assert forge.close(pull, "no", by_us=False, keep_branch=True).did is Did.CLOSED

    def person_reopens(self, number: int) -> None:
        forge = self.forge("person")
        pull = forge.pull(number)
        assert pull is not None
        assert forge.reopen(pull).did is Did.UPDATED

    def person_deletes(self, branch: str) -> None:
        git(self.clone, "push", "-q", "origin", f":refs/heads/{branch}")

    def branches(self) -> dict[str, str]:
        listed = [line.split("\t") for line in git(self.clone, "ls-remote", "--heads", "origin").splitlines()]
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in listed}

    def file(self, branch: str, path: str) -> bytes | None:
        git(self.clone, "fetch", "-q", "origin", f"refs/heads/{branch}")
        shown = subprocess.run(["git", "show", f"FETCH_HEAD:{path}"], cwd=self.clone, capture_output=True, check=False)
        return shown.stdout if shown.returncode == 0 else None

    def _person_pushes(self, branch: str, path: str, data: bytes) -> str:
        git(self.clone, "fetch", "-q", "origin", f"refs/heads/{branch}")
        git(self.clone, "checkout", "-q", "--detach", "FETCH_HEAD")
        made = commit(self.clone, {path: data}, "By a person")
        git(self.clone, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
        return made
