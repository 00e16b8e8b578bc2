"""Checks all that a run needs, one thing after another; what fails hides only what cannot be asked without it."""

from collections.abc import Callable
from typing import TypeVar

from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.policy import Policy
from gitops_rollout.reconcile.open import Request, read_policy
from gitops_rollout.reconcile.setup import ailments
from gitops_rollout.repository import open_repository

Made = TypeVar("Made")


def examine(request: Request, *, cluster: bool = False) -> list[Finding]:
    """All findings, in the order in which a run would meet them; nothing is written to remote, cluster or clone.

    With `cluster` each cluster is looked into, too, also where the repository cannot be read.
    """
    policy, findings = _examine(request)
    if cluster:
        found, problems = _try("cluster", lambda: ailments.clusters(policy, request))
        findings += problems or found or []
    return findings


def _examine(request: Request) -> tuple[Policy, list[Finding]]:
    """The policy, as far as it could be read, and what was found."""
    git, findings = _try("git", ailments.git)
    findings += git or []
    if any(finding.level is Level.ERROR for finding in findings):
        return Policy(), findings
    repository, problems = _try("repository", lambda: open_repository(request.repo, base=request.base))
    findings += problems
    if repository is None:
        return Policy(), findings
    findings.append(Finding("repository", Level.OK, f"{repository.place.kind} at {repository.place.shown}"))
    base, problems = _try("remote", lambda: repository.base_commit(request.base))
    findings += problems
    if base is None:
        return Policy(), findings
    branch, commit = base
    findings.append(Finding("remote", Level.OK, f"{repository.remote.shown}, {branch} at {commit[:12]}"))
    read, problems = _try("policy", lambda: read_policy(repository, commit, request))
    findings += problems
    policy = read[0] if read is not None else Policy()
    checks: dict[str, Callable[[], list[Finding]]] = {
        "policy": lambda: ailments.policy(policy, read[1]) if read is not None else [],
        "targets": lambda: ailments.targets(repository, branch, commit, policy),
        "live": lambda: ailments.live(policy, request),
        "forge": lambda: ailments.forge(repository, policy, branch, commit, request),
        "templates": lambda: ailments.templates(repository, commit),
    }
    for name, check in checks.items():
        found, problems = _try(name, check)
        findings += problems or found or []
    return policy, findings


def _try(check: str, make: Callable[[], Made]) -> tuple[Made | None, list[Finding]]:
    """What `make` makes, or the findings that say why it could not."""
    try:
        return make(), []
    except RolloutError as error:
        details = [Finding(check, Level.ERROR, detail) for detail in error.details]
        return None, [Finding(check, Level.ERROR, error.message, error.hint), *details]
