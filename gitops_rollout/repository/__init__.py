"""The only room that knows git: bytes at a commit in, commits and pushes out; the caller's clone is never touched."""

from gitops_rollout.repository.facts import RepositoryFacts, facts
from gitops_rollout.repository.repository import GitRepository, open_repository

__all__ = ["GitRepository", "RepositoryFacts", "facts", "open_repository"]
