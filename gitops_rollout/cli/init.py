"""`gitops-rollout init`: a policy file fitted to the repository that it finds."""

from pathlib import Path

import click

from gitops_rollout.cli.options import Options, examples, shared_options
from gitops_rollout.model.errors import UsageError


@click.command(
    name="init",
    epilog=examples("gitops-rollout init", "gitops-rollout init --write", "gitops-rollout init > draft.yaml"),
)
@shared_options(outputs=("text",), live=False, forge=False, only=False)
@click.option("--write", is_flag=True, help="Write it into the clone's work tree, to be reviewed and committed.")
@click.option("--force", is_flag=True, help="With --write: replace a file that is there.")
def command(options: Options, write: bool, force: bool) -> None:
    """Print a commented policy file fitted to this repository, and say on stderr what was found.

    Clusters are guessed from Argo CD Applications, Flux Kustomizations and folders. The file observes only: nothing is
    proposed until you write `mode: propose`.
    """
    from gitops_rollout.cli.output import note
    from gitops_rollout.cli.runs import progress
    from gitops_rollout.forges import KINDS
    from gitops_rollout.model.targets import Origin
    from gitops_rollout.reconcile.setup.suggest import suggest_policy
    from gitops_rollout.repository import open_repository

    target = _target(options) if write else None
    if target is not None and target.exists() and not force:
        raise UsageError(f"{target} exists", "--force replaces it; without --write it is printed")
    repository = open_repository(options.repo, base=options.base, progress=progress())
    branch, commit = repository.base_commit(options.base)
    if repository.read_file(commit, options.config) is not None:
        note(f"{options.config} stands in {branch} already: this is a fresh suggestion beside it")
    suggestion = suggest_policy(repository, commit, Origin(repository.remote.shown, branch), KINDS)
    for line in suggestion.found:
        note(line)
    if target is None:
        click.echo(suggestion.text, nl=False)
        return
    _write(target, suggestion.text, force)
    note(f"wrote {target}: review it, commit it to {branch}, then run `gitops-rollout plan`")


def _target(options: Options) -> Path:
    """Where the file goes: below the root of the clone that `--repo` lies in."""
    start = Path(options.repo).resolve()
    root = next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)
    if root is None:
        raise UsageError(f"--write needs a clone, and {options.repo} is none", "print it, and commit it by hand")
    target = (root / options.config).resolve()
    if not target.is_relative_to(root):
        raise UsageError(f"--config {options.config} leads out of the clone", "give a path inside it")
    return target


def _write(target: Path, text: str, force: bool) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}", "nothing was written") from error
