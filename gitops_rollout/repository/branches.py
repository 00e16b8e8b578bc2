"""Finds the base branch at the remote and brings its commits into the private repository."""

import difflib
from collections.abc import Iterable, Sequence

from gitops_rollout.model.doors import Progress
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.remote import Remote
from gitops_rollout.repository.store import Store

HEADS = "refs/heads/"
_OURS = "refs/remotes/rollout/"


def find_base(remote: Remote, branch: str | None) -> tuple[str, str]:
    """Name and commit of a branch at the remote, of its default branch without a name."""
    if branch is None:
        refs = remote.refs("HEAD")
        target = refs.get("symref:HEAD", "")
        if target.startswith(HEADS) and "HEAD" in refs:
            return target.removeprefix(HEADS), refs["HEAD"]
    else:
        branch = branch.removeprefix(HEADS)
        refs = remote.refs(HEADS + branch)
        if HEADS + branch in refs:
            return branch, refs[HEADS + branch]
    raise _no_base(remote, branch)


def _no_base(remote: Remote, branch: str | None) -> RepositoryError:
    names = [ref.removeprefix(HEADS) for ref in remote.refs(HEADS + "*") if ref.startswith(HEADS)]
    if not names:
        return RepositoryError(f"the repository {remote.shown} is empty", "Push a first commit to it.")
    if branch is None:
        return RepositoryError(
            f"the repository {remote.shown} has no default branch", f"Pass --base with one of: {_some(names)}."
        )
    likely = difflib.get_close_matches(branch, names, n=3) or names
    return RepositoryError(
        f"there is no branch {branch} in {remote.shown}", f"Pass --base with a branch that exists: {_some(likely)}."
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def bring_base(store: Store, remote: Remote, branch: str, commit: str, progress: Progress) -> str:
    """Have the branch's commit in the private repository; returns the commit, newer if the branch moved meanwhile."""
    if not store.half_cut and store.has(f"{commit}^{{commit}}"):
        return commit
    with store.lock() as hold:
        if store.has(f"{commit}^{{commit}}"):
            return commit
        progress(f"fetching {branch} from {remote.shown}")
        known = store.git.attempt("for-each-ref", "--count=1", "--format=%(refname)").stdout.strip()
        new = store.git.attempt("rev-parse", "--verify", "--quiet", _OURS + branch).status != 0
        # History is fetched when it is asked for; a store that has all of it must not be cut.
        shallow = new and remote.place.objects is None and (not known or store.shallow())
        _fetch(store, remote, [f"+{HEADS}{branch}:{_OURS}{branch}"], 1 if shallow else None, hold)
        found = store.git.run(f"cannot read the branch {branch}", "rev-parse", "--verify", _OURS + branch)
        return found.decode("ascii").strip()


def bring_commits(store: Store, remote: Remote, commits: Iterable[str], progress: Progress) -> None:
    """Have commits of the remote here, as far as it still has them."""
    missing = absent(store, commits)
    if not missing:
        return
    with store.lock() as hold:
        missing = absent(store, missing)
        if not missing:
            return
        progress(f"fetching {len(missing)} commits from {remote.shown}")
        # In a shallow store the history behind an older commit would all come along; two commits show what it changed.
        depth = 2 if store.shallow() else None
        try:
            _fetch(store, remote, missing, depth, hold)
        except RepositoryError:
            # Gone from the remote, or it gives out only what its refs name: ask for those refs.
            refs = remote.refs()
            wanted = [ref for ref, oid in refs.items() if oid in set(missing) and ref.startswith("refs/")]
            if wanted:
                _fetch(store, remote, wanted, depth, hold)


def _fetch(store: Store, remote: Remote, wanted: Iterable[str], depth: int | None, hold: int) -> None:
    if depth is None:
        remote.fetch(store.git, wanted, hold=hold)
        return
    with store.cutting():
        remote.fetch(store.git, wanted, f"--depth={depth}", hold=hold)


def absent(store: Store, commits: Iterable[str]) -> list[str]:
    """Those of the commits that are not here."""
    asked = list(dict.fromkeys(commits))
    if not asked:
        return []
    feed = "".join(f"{oid}\n" for oid in asked).encode()
    lines = store.git.run("cannot look for commits", "cat-file", "--batch-check", stdin=feed).split(b"\n")
    return [oid for oid, line in zip(asked, lines, strict=False) if line.endswith(b" missing")]


def reaches_beginning(store: Store, commit: str) -> bool:
    """Whether the first-parent history of a commit is here to its first commit."""
    shallow = store.shallow()
    if not shallow:
        return True
    what = f"cannot read the history of {commit[:12]}"
    roots = store.git.run(what, "rev-list", "--first-parent", "--max-parents=0", commit, "--").decode("ascii").split()
    return not shallow.intersection(roots)


def deepen(store: Store, remote: Remote, branch: str, progress: Progress) -> None:
    """Fetch the whole history of a branch into a shallow store."""
    with store.lock() as hold:
        if store.shallow():
            progress(f"fetching the history of {branch} from {remote.shown}")
            remote.fetch(store.git, [f"+{HEADS}{branch}:{_OURS}{branch}"], "--unshallow", hold=hold)
