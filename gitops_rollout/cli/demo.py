"""`demo`: the whole job on the example repository, with the commands that anybody would type."""

import contextlib
import io
import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from gitops_rollout.cli.example import Example, load_example
from gitops_rollout.cli.main import group
from gitops_rollout.cli.options import PREFIX, examples
from gitops_rollout.data import data_path
from gitops_rollout.model.errors import RolloutError

TARGET = "prod-eu/fraud/score"
LAST_LINES = 3
CLUSTERS = ("prod-eu", "prod-us", "staging")


@click.command(epilog=examples("gitops-rollout demo", "gitops-rollout demo --folder rollout-demo"))
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where the demo's repository is put; must not exist. Default: a new temporary folder.",
)
def command(folder: Path | None) -> int:
    """Show the whole job on an example repository: plan, open pull requests, do nothing twice, merge, go on.

    Everything happens in one folder, which is kept so that you can look around: a repository of models with its remote,
    and snapshots of three clusters, whose statuses were recorded from KServe's and Knative's own controllers.
    """
    source = data_path("examples")
    example = load_example(source)
    place = _place(folder)
    _build(example, source, place)
    return Tour(example, place).run()


class Tour:
    """Types the commands of the demo and shows what they say."""

    def __init__(self, example: Example, place: Path) -> None:
        self.now = example.now.isoformat().replace("+00:00", "Z")
        self.place = place

    def run(self) -> int:
        """All steps in order; returns the worst exit code."""
        before = dict(os.environ)
        for name in [name for name in before if name.startswith(PREFIX)]:
            del os.environ[name]  # what the caller set is meant for repositories of their own
        os.environ["XDG_CACHE_HOME"] = str(self.place / "cache")
        try:
            with contextlib.chdir(self.place / "models"):
                return self._steps()
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _steps(self) -> int:
        say(
            f"The example is in {self.place}: models (a clone), models.git (its remote), live (what the clusters show)."
        )
        self._watch("live")
        say("", "1. What would be done? Nothing is written.")
        codes = [self._type("plan", "--now", self.now)]
        say("", "2. Do it: one commit and one pull request for each change that is due.")
        codes.append(self._type("reconcile", "--now", self.now))
        say("", "3. Again: nothing is due that is not open already, so nothing is written.")
        codes.append(self._type("reconcile", "--now", self.now, lines=LAST_LINES))
        say("", "4. The pull requests, kept in the remote itself by the embedded forge.")
        codes.append(self._type("pulls", "list"))
        number = self._number()
        if number is None:
            raise RolloutError(f"the example has no pull request for {TARGET}", "please report this")
        codes.append(self._type("pulls", "show", str(number)))
        say("", f"5. A person agrees with #{number} and merges it.")
        codes.append(self._type("pulls", "merge", str(number)))
        say("", "6. The cluster does not show it yet: the next run waits, and the others stay as they are.")
        codes.append(self._type("reconcile", "--now", self.now, "--only", TARGET))
        say("", "7. The GitOps engine applied it, and KServe moved the traffic (the recorded status of that moment).")
        self._watch("live/later")
        codes.append(self._type("status", "--now", self.now, "--only", TARGET))
        self._farewell()
        return max(codes)

    def _watch(self, folder: str) -> None:
        files = {
            cluster: f"../{folder}/{cluster}.json"
            if (self.place / folder / f"{cluster}.json").exists()
            else f"../live/{cluster}.json"
            for cluster in CLUSTERS
        }
        value = " ".join(f"{cluster}=snapshot:{file}" for cluster, file in files.items())
        os.environ[f"{PREFIX}_LIVE"] = value
        say("", f"$ cd {shlex.quote(str(self.place / 'models'))}", f"$ export {PREFIX}_LIVE={shlex.quote(value)}")

    def _type(self, *args: str, lines: int | None = None) -> int:
        """Run a command as it is typed; `lines` shows only so many of its last lines, and says so."""
        say(f"$ gitops-rollout {shlex.join(args)}" + (f" | tail -n {lines}" if lines else ""), "")
        if lines is None:
            return _run(args)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = _run(args)
        say(*out.getvalue().splitlines()[-lines:])
        return code

    def _number(self) -> int | None:
        """The number of the pull request that the demo merges, read as a script would."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            _run(["plan", "--now", self.now, "--only", TARGET, "--output", "json"])
        pull = json.loads(out.getvalue())["targets"][0]["pullRequest"]
        number = pull and pull["number"]
        return number if isinstance(number, int) else None

    def _farewell(self) -> None:
        say(
            "",
            "Where to look:",
            f"  git -C {shlex.quote(str(self.place / 'models.git'))} log --oneline --graph --all",
            f"  {self.place / 'models' / '.gitops-rollout.yaml'} is the policy; the manifests are beside it",
            "  (the clone's own files were never touched: git pull there brings the merge)",
            "What to try (after the two lines with $ cd and $ export above):",
            f"  gitops-rollout plan --now {self.now} --output json",
            "  gitops-rollout pulls list",
            "On your own repository: gitops-rollout init, then gitops-rollout plan; it observes until told to propose.",
            f"To clean up: rm -r {shlex.quote(str(self.place))}",
        )


def say(*lines: str) -> None:
    """Lines of the demo itself, on stdout with what the commands print."""
    for line in lines:
        click.echo(line)


def _run(args: Sequence[str]) -> int:
    code = group.main(args, prog_name="gitops-rollout", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _place(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="gitops-rollout-demo-"))
    if folder.exists():
        raise RolloutError(f"{folder} exists already", "choose another --folder")
    folder.mkdir(parents=True)
    return folder.resolve()


def _build(example: Example, source: Path, place: Path) -> None:
    from gitops_rollout.repository.creation import WholeCommit, clone_repository, create_repository

    commits = [WholeCommit(commit.at, commit.message, commit.files) for commit in example.commits]
    create_repository(place / "models.git", example.branch, example.author, commits)
    clone_repository(place / "models.git", place / "models")
    shutil.copytree(source / "live", place / "live")
