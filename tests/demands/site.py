"""A repository of a team, a simulated cluster that follows it, and whole runs from the command line."""

import contextlib
import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from gitops_rollout.cli.main import run
from tests.deaths.story import HOUR, NOW, START, path, policy, service
from tests.worlds import POLICY, Place, git, make_place

OURS = "refs/heads/gitops-rollout/"


@dataclass
class Site:
    """`live` is what the cluster makes of what Git has."""

    place: Place
    now: datetime = NOW
    live: str = "simulated:"
    said: list[str] = field(default_factory=list)

    def reconcile(self, code: int = 0, repo: Path | None = None) -> dict[str, dict[str, Any]]:
        """One run; its targets by name."""
        live = f"prod={self.live}"
        where = ["--repo", str(repo or self.place.remote), "--live", live, "--now", self.now.isoformat()]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            assert run(["reconcile", *where, "--forge", "local", "--output", "json"]) == code, err.getvalue()
        self.said.append(out.getvalue() + err.getvalue())
        return {target["name"]: target for target in json.loads(out.getvalue())["targets"]}

    def pulls(self, state: str | None = "open") -> dict[int, dict[str, Any]]:
        """The pull requests of the embedded forge, by number."""
        prefix = "refs/gitops-rollout/pulls/"
        found = {
            int(ref.removeprefix(prefix)): json.loads(git(self.place.remote, "show", f"{ref}:pull.json"))
            for ref in self.place.refs(prefix)
        }
        return {number: pull for number, pull in found.items() if state in (None, pull["state"])}

    def branches(self) -> dict[str, str]:
        """Our branches and their commits."""
        return self.place.refs(OURS)

    def commit(self, files: dict[str, str | bytes | None], message: str = "By a person") -> str:
        """A person commits to the base branch, an hour before now."""
        return self.place.commit(files, message, self.now - HOUR)

    def person(self, *arguments: str) -> str:
        """A person works with git in a clone of their own."""
        return git(self.place.person, *arguments, when=self.now)

    def pulls_command(self, *arguments: str) -> int:
        """A person uses `gitops-rollout pulls`."""
        with contextlib.redirect_stdout(io.StringIO()):
            return run(["pulls", *arguments, "--repo", str(self.place.remote), "--forge", "local"])


def make_site(root: Path, *names: str, more: str = "") -> Site:
    """A repository with canaries of these names (`score` if none is given) at 10 %; `more` is added to the policy."""
    place = make_place(root)
    names = names or ("score",)
    place.commit({POLICY: policy() + more} | {path(name): service(name) for name in names}, "Serve", START)
    place.commit({path(name): service(name, "v2", 10) for name in names}, "Try v2", START + HOUR)
    return Site(place)
