"""Whether two commits propose the same: signed by another key or at another moment, they differ in their ids alone."""

from gitops_rollout.core.trailers import without_base
from gitops_rollout.model.doors import CommitInfo


def same_commit(one: CommitInfo | None, other: CommitInfo | None) -> bool:
    """Whether both have the same parents, the same tree, and say the same."""
    if one is None or other is None or not one.tree:
        return False
    said = without_base(one.message) == without_base(other.message)
    return said and (one.tree, one.parents) == (other.tree, other.parents)
