"""GitHub's merge queue and auto-merge: only GraphQL knows them, and they take the expected head along."""

from collections.abc import Mapping
from typing import Any

from gitops_rollout.forges.github.graphql import graphql
from gitops_rollout.forges.http import Client, Refused, Waiting

# What PUT …/merge answers where a ruleset or branch protection asks for the queue.
_WORDS = ("merge queue",)
# What GitHub answers where there is nothing to wait for.
_NOTHING_TO_WAIT_FOR = ("clean status", "already mergeable")
LOOK = """\
query Look($pull: ID!) {
  node(id: $pull) {
    ... on PullRequest {
      isInMergeQueue
      isMergeQueueEnabled
      headRefOid
      autoMergeRequest { enabledAt }
      repository { autoMergeAllowed mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed }
    }
  }
}
"""
ENQUEUE = """\
mutation Enqueue($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head}) {
    mergeQueueEntry { position state }
  }
}
"""
AUTO_MERGE = """\
mutation AutoMerge($pull: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: {pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: $method}) {
    pullRequest { autoMergeRequest { enabledAt } }
  }
}
"""


def must_be_queued(refusal: str) -> bool:
    """Whether a refused merge says that the merge queue must be used."""
    return any(word in refusal.lower() for word in _WORDS)


def enqueue(client: Client, node: str, head: str) -> bool:
    """Have GitHub merge the pull request `node` later, with its expected head.

    Raises `Waiting` where it does, now or already; `Refused` with the reason where it will not. False where there is
    nothing to wait for, so that it can be merged directly.
    """
    there = graphql(client, LOOK, {"pull": node}, repeatable=True).get("node") or {}
    if there.get("isInMergeQueue"):
        raise Waiting("it is in the merge queue")
    if there.get("headRefOid") not in (None, head):
        raise Refused("its branch was pushed to since it was looked at", 409)
    if there.get("autoMergeRequest"):
        raise Waiting("GitHub merges it when its requirements are met (auto-merge)")
    if there.get("isMergeQueueEnabled"):
        return _into_queue(client, node, head)
    return _auto_merge(client, node, head, there.get("repository") or {})


def _into_queue(client: Client, node: str, head: str) -> bool:
    """Into the queue; where its checks have not passed yet, GitHub takes it in once they have."""
    try:
        graphql(client, ENQUEUE, {"pull": node, "head": head})
    except Refused as refused:
        try:
            graphql(client, AUTO_MERGE, {"pull": node, "head": head, "method": "MERGE"})
        except Refused:
            raise Refused(f"the merge queue did not take it: {refused.message}", refused.status) from None
        raise Waiting("GitHub puts it into the merge queue when its requirements are met") from None
    raise Waiting("it is in the merge queue now")


def _auto_merge(client: Client, node: str, head: str, repository: Mapping[str, Any]) -> bool:
    if repository.get("autoMergeAllowed") is False:
        reason = "the repository has neither a merge queue nor auto-merge: allow one, or write `merge: auto`"
        raise Refused(reason, 405)
    ways = {"MERGE": "mergeCommitAllowed", "SQUASH": "squashMergeAllowed", "REBASE": "rebaseMergeAllowed"}
    method = next((name for name, key in ways.items() if repository.get(key) is not False), "MERGE")
    try:
        graphql(client, AUTO_MERGE, {"pull": node, "head": head, "method": method})
    except Refused as refused:
        if any(word in refused.message.lower() for word in _NOTHING_TO_WAIT_FOR):
            return False
        raise
    raise Waiting("GitHub merges it when its requirements are met (auto-merge)")
