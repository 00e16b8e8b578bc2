"""Where the story is played: a remote with a forge, runs against it, and what people see of it afterwards."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.deaths import processes
from tests.deaths.gate import Gate
from tests.deaths.story import NOW, Chapter, Story
from tests.servers.gitea import Gitea
from tests.worlds import git

MOST_RUNS = 8


class Stage(Protocol):
    """One repository with its forge."""

    def begin(self, chapter: Chapter) -> None:
        """A person moves the base branch to where a chapter begins."""

    def run(self, chapter: Chapter, fatal: int | None = None, *, before: bool = True) -> tuple[int, Sequence[str]]:
        """One run, killed before or after an effect if `fatal` says which; its exit code and its effects."""

    def start(self, chapter: Chapter, name: str = "one") -> processes.Run:
        """Start a run without waiting for it."""

    def said(self) -> str:
        """What the last run printed."""

    def seen(self) -> Any:
        """All that people can see: branches, pull requests with all that belongs to them."""


def settle(stage: Stage, chapter: Chapter) -> list[str]:
    """Run until a run writes nothing; all effects until then. No run on the way may fail."""
    effects: list[str] = []
    for _ in range(MOST_RUNS):
        code, done = stage.run(chapter)
        assert code == 0, stage.said()
        if not done:
            return effects
        effects += done
    raise AssertionError(f"it never comes to rest: {effects}")


def ended(run: processes.Run) -> int:
    """Its exit code; whatever happens, nothing of it is left running."""
    try:
        return run.end()
    finally:
        run.kill()


@dataclass
class LocalStage:
    """The embedded forge in a bare repository; its hooks stand before and after every push."""

    root: Path
    story: Story
    runs: int = 0
    last: processes.Run | None = None

    def __post_init__(self) -> None:
        self.gate.mkdir(parents=True)
        shutil.copytree(self.story.seed, self.remote)
        for hook, text in (("pre-receive", _BEFORE), ("post-receive", _AFTER)):
            file = self.remote / "hooks" / hook
            file.write_text(text.replace("GATE", str(self.gate)), encoding="utf-8")
            file.chmod(0o755)

    @property
    def gate(self) -> Path:
        return self.root / "gate"

    @property
    def remote(self) -> Path:
        return self.root / "remote.git"

    def begin(self, chapter: Chapter) -> None:
        git(self.remote, "update-ref", "refs/heads/main", chapter.base)

    def run(self, chapter: Chapter, fatal: int | None = None, *, before: bool = True) -> tuple[int, Sequence[str]]:
        files = {"effects": "", "before": "", "after": "", "victim": ""}
        if fatal is not None:
            files["before" if before else "after"] = str(fatal)
        for name, text in files.items():
            (self.gate / name).write_text(text, encoding="utf-8")
        self.last = self.start(chapter)
        (self.gate / "victim").write_text(str(self.last.pid), encoding="utf-8")
        code = ended(self.last)
        return code, (self.gate / "effects").read_text(encoding="utf-8").splitlines()

    def start(self, chapter: Chapter, name: str = "one") -> processes.Run:
        """Start a run without waiting for it; each name has a cache of its own, as each CI runner has."""
        options = ["--repo", str(self.remote), "--live", f"prod={chapter.live}", "--now", NOW.isoformat()]
        environment = {"XDG_CACHE_HOME": str(self.root / f"cache-{name}")}
        return processes.start(["reconcile", *options], self.root / f"said-{name}", environment)

    def said(self) -> str:
        return self.last.said() if self.last else ""

    def seen(self) -> Any:
        listed = git(self.remote, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        refs = dict(line.split(" ", 1) for line in listed)
        pulls = {}
        for ref in refs:
            if ref.startswith("refs/gitops-rollout/pulls/"):
                names = git(self.remote, "ls-tree", "-r", "--name-only", ref).splitlines()
                pulls[ref] = {name: _read(git(self.remote, "show", f"{ref}:{name}"), name) for name in names}
        heads = {ref: commit for ref, commit in refs.items() if ref.startswith("refs/heads/")}
        return heads, pulls, sorted(refs.keys() - heads.keys())


def _read(text: str, name: str) -> Any:
    return json.loads(text) if name.endswith(".json") else text


# The hooks of git that stand before and after the refs of a push are moved (githooks(5)).
_BEFORE = """#!/bin/sh
number=$(wc -l < 'GATE/effects')
echo "push" $(cut -d' ' -f3 | sort) >> 'GATE/effects'
if [ "$number" = "$(cat 'GATE/before')" ]; then kill -s KILL -- -"$(cat 'GATE/victim')"; exit 1; fi
"""
_AFTER = """#!/bin/sh
number=$(($(wc -l < 'GATE/effects') - 1))
if [ "$number" = "$(cat 'GATE/after')" ]; then kill -s KILL -- -"$(cat 'GATE/victim')"; fi
"""


@dataclass
class GiteaStage:
    """A repository on a real Gitea, reached through a gate."""

    root: Path
    story: Story
    server: Gitea
    gate: Gate
    name: str
    last: processes.Run | None = None
    git_user: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        self.server.new_repository(self.name)
        self.begin(self.story.chapters[0])

    def ready(self) -> None:
        """Wait until the server has taken in the first push."""
        self.server.await_first_push(self.name)

    def begin(self, chapter: Chapter) -> None:
        remote = self.server.remote(self.name)
        git(self.story.seed, "push", "--quiet", "--force", remote, f"{chapter.base}:refs/heads/main")

    def run(self, chapter: Chapter, fatal: int | None = None, *, before: bool = True) -> tuple[int, Sequence[str]]:
        self.gate.open(fatal, before=before)
        self.last = self.start(chapter)
        run = self.last
        self.gate.kill = lambda: processes.kill(run.pid)
        code = ended(run)
        return code, list(self.gate.effects)

    def start(self, chapter: Chapter, name: str = "one") -> processes.Run:
        """Start a run without waiting for it; each name has a cache of its own, as each CI runner has."""
        host = self.gate.url.removeprefix("http://")
        user, token = self.git_user or (self.server.user, self.server.token)
        remote = f"http://{user}:{token}@{host}/{self.server.user}/{self.name}.git"
        options = ["--repo", remote, "--live", f"prod={chapter.live}", "--forge", "gitea"]
        environment = {"XDG_CACHE_HOME": str(self.root / f"cache-{name}"), "GITEA_TOKEN": self.server.token}
        return processes.start(["reconcile", *options], self.root / f"said-{name}", environment)

    def said(self) -> str:
        return self.last.said() if self.last else ""

    def seen(self) -> Any:
        repo = f"/repos/{self.server.user}/{self.name}"
        branches = {raw["name"]: raw["commit"]["id"] for raw in self.ask(f"{repo}/branches?limit=50")}
        # The instant of a merge is its own; what it brought is not.
        git(self.story.seed, "fetch", "--quiet", self.server.remote(self.name), "refs/heads/main")
        branches["main"] = git(self.story.seed, "rev-parse", "FETCH_HEAD^{tree}")
        pulls = {}
        for raw in self.ask(f"{repo}/pulls?state=all&limit=50"):
            number = raw["number"]
            comments = [one["body"] for one in self.ask(f"{repo}/issues/{number}/comments")]
            statuses = self.ask(f"{repo}/commits/{raw['head']['sha']}/statuses")
            pulls[number] = {
                "branch": raw["head"]["label"],
                "head": raw["head"]["sha"],
                "state": "merged" if raw["merged"] else raw["state"],
                "title": raw["title"],
                "body": raw["body"],
                "labels": sorted(label["name"] for label in raw["labels"]),
                "comments": sorted(comments),
                "statuses": sorted({(one["context"], one["status"], one["description"]) for one in statuses}),
            }
        return branches, pulls, sorted(label["name"] for label in self.ask(f"{repo}/labels?limit=50"))

    def ask(self, path: str) -> Any:
        return self.server.call("GET", path, token=self.server.owner_token).ok()
