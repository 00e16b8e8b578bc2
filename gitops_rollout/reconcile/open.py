"""Opens the doors of a run: repository, policy at the base commit, live sources, forge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gitops_rollout.model.commits import OURSELVES
from gitops_rollout.model.doors import Forge, LiveSource, Progress, PullStore, Repository
from gitops_rollout.model.errors import PolicyError, UsageError
from gitops_rollout.model.policy import ClusterPolicy, Policy
from gitops_rollout.model.targets import Origin
from gitops_rollout.reconcile.observation.reach import reach_of
from gitops_rollout.reconcile.world import World, silent


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for. `now` is the instant to decide at, `replayed` whether a person gave it.

    `try_config` is the text of a policy that is not committed yet. `needs_policy` is True where a run without a
    policy file is an error, `needs_live` False where no cluster is read.
    """

    repo: str
    now: datetime
    replayed: bool = False
    base: str | None = None
    config: str = ".gitops-rollout.yaml"
    config_given: bool = False
    try_config: tuple[str, bytes] | None = None
    needs_policy: bool = False
    needs_live: bool = True
    live: tuple[tuple[str, str], ...] = ()
    forge: str | None = None
    only: tuple[str, ...] = ()


def open_world(request: Request, cache: Path | None = None, progress: Progress = silent) -> World:
    """The world of one run.

    `RepositoryError`, `PolicyError`, `SourceError` or `UsageError` where a door cannot be opened; a cluster that does
    not answer is no such case: it is found out when it is read.
    """
    from gitops_rollout.repository import open_repository

    repository = open_repository(request.repo, base=request.base, cache=cache, progress=progress)
    branch, commit = repository.base_commit(request.base)
    policy, notes = read_policy(repository, commit, request)
    policy = with_clusters(policy, request.live)
    repository.settings = policy.commits
    return World(
        repository=repository,
        policy=policy,
        base_branch=branch,
        base_commit=commit,
        sources=sources_of(policy, request) if request.needs_live else (),
        forge=_forge(repository, policy, branch, request, repository.remote.shown),
        now=request.now,
        replayed=request.replayed,
        committers=frozenset({OURSELVES.email, policy.commits.committer.email}),
        origin=Origin(repository.remote.shown, branch),
        cache=repository.store.beside,
        only=request.only,
        notes=notes,
        progress=progress,
    )


def read_policy(repository: Repository, commit: str, request: Request) -> tuple[Policy, tuple[str, ...]]:
    """The policy at the base commit (or the one to try), and what is to be said about it."""
    from gitops_rollout.config.load import load_policy

    if request.try_config is not None:
        path, data = request.try_config
        return load_policy(data, path), (f"{path}: tried; it is not what stands in Git",)
    found = repository.read_file(commit, request.config)
    if found is not None:
        return load_policy(found, request.config), ()
    hint = "`gitops-rollout init --write` writes one; commit it to the base branch"
    if request.needs_policy or request.config_given:
        raise PolicyError(f"{request.config}: no such file at the base commit {commit[:12]}", hint)
    note = f"no policy file {request.config} at the base commit: the defaults apply, nothing is proposed ({hint})"
    return load_policy(None, request.config), (note,)


def with_clusters(policy: Policy, live: Sequence[tuple[str, str]]) -> Policy:
    """The policy with the one cluster of `--live` where it names none: then every path goes there."""
    names = [cluster for cluster, _ in live]
    if policy.clusters:
        unknown = sorted(set(names) - {cluster.name for cluster in policy.clusters})
        if unknown:
            known = ", ".join(cluster.name for cluster in policy.clusters)
            raise UsageError(f"--live names {', '.join(unknown)}, which the policy does not", f"it names: {known}")
        return policy
    if len(names) > 1:
        raise PolicyError(
            f"--live names {len(names)} clusters, and no policy says which paths go to which",
            "`gitops-rollout init` proposes `clusters` with their `paths`; try them with `plan --try-config FILE`",
        )
    return replace(policy, clusters=tuple(ClusterPolicy(name) for name in names or ["default"]))


def sources_of(policy: Policy, request: Request) -> tuple[LiveSource, ...]:
    """The live sources of the policy's clusters; `--live` goes before `context`. `UsageError` where there is none."""
    from gitops_rollout.cluster.sources import open_source

    given: Mapping[str, str] = dict(request.live)
    if not given and not any(cluster.context for cluster in policy.clusters):
        raise UsageError(
            "no live source: nothing shows what the clusters run",
            "give --live CLUSTER=snapshot:FILE or CLUSTER=kube:CONTEXT, or name `context` in the policy's clusters",
        )
    sources = []
    for cluster in policy.clusters:
        source = given.get(cluster.name) or (f"kube:{cluster.context}" if cluster.context else None)
        if source is not None:
            sources.append(open_source(cluster.name, source, reach_of(cluster, request.only)))
    return tuple(sources)


def _forge(repository: PullStore, policy: Policy, branch: str, request: Request, remote: str) -> Forge | None:
    from gitops_rollout.forges import open_forge

    return open_forge(request.forge, repository, policy.forge, branch, request.now, remote, via=policy.commits.via)
