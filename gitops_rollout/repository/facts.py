"""What can be said about an opened repository: for `doctor`, and for people who ask why."""

from dataclasses import dataclass
from pathlib import Path

from gitops_rollout.repository.place import Kind
from gitops_rollout.repository.repository import GitRepository

# The oldest git that knows every option used here: `--path-format`, `--diff-merges` (2.31).
OLDEST_GIT = (2, 31)


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What a location is and which remote it leads to; addresses are without credentials.

    `git_version` is as git prints it (`2.39.5`); `git_too_old` says that it lacks options that are needed. `shallow`
    says whether the private repository lacks history by now; `borrows` whether the clone lends it objects.
    """

    kind: Kind
    location: str
    fetch_url: str
    push_url: str
    object_format: str
    git_version: str
    git_too_old: bool
    shallow: bool
    borrows: bool
    cache: Path


def facts(repository: GitRepository) -> RepositoryFacts:
    """The facts of an opened repository; asks git on this machine, never the remote."""
    place, store = repository.place, repository.store
    version = store.git.run("cannot ask git for its version", "version").decode("utf-8", "replace")
    number = version.removeprefix("git version ").split()[0]
    parts = [int(part) for part in number.split(".")[:2] if part.isdigit()]
    return RepositoryFacts(
        kind=place.kind,
        location=place.shown,
        fetch_url=place.fetch.url,
        push_url=place.push.url,
        object_format=repository.object_format,
        git_version=number,
        git_too_old=tuple(parts) < OLDEST_GIT,
        shallow=bool(store.shallow()),
        borrows=place.objects is not None,
        cache=store.path,
    )
