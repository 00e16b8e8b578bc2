"""The refs that the embedded forge keeps in the remote repository."""

from gitops_rollout.core.lifecycle.opened import parse_branch

ROOT = "refs/gitops-rollout/"
PULLS = f"{ROOT}pulls/"
OPEN = f"{ROOT}open/"
ENDED = f"{ROOT}ended/"
HEADS = "refs/heads/"
OURS = f"{HEADS}gitops-rollout/"


def pull_ref(number: int) -> str:
    """Where a pull request is kept."""
    return f"{PULLS}{number}"


def lock_ref(branch: str) -> str:
    """The lock of the open pull request of a proposal; it holds the same commit as its pull ref."""
    name = parse_branch(branch)
    return f"{OPEN}{name.id if name else branch}"


def ended_ref(branch: str, number: int) -> str:
    """The entry of an ended pull request under its change: finds those of one change without reading all others."""
    name = parse_branch(branch)
    return f"{ENDED}{name.change if name else branch}/{number}"


def change_of(prefix: str) -> str:
    """The change in a prefix of branch names: `prod/fraud/score` of `gitops-rollout/prod/fraud/score/`."""
    return prefix.removeprefix("gitops-rollout/").strip("/")


def branch_ref(branch: str) -> str:
    """The ref of a branch."""
    return f"{HEADS}{branch}"


def number_of(ref: str) -> int:
    """The number at the end of a pull or ended ref, 0 where there is none."""
    last = ref.rpartition("/")[2]
    return int(last) if last.isdecimal() and len(last) < 10 else 0
