"""GitHub's merge queue: only GraphQL can add to it, and it takes the expected head along."""

from collections.abc import Mapping
from typing import Any

from gitops_rollout.forges.http import Client

# What PUT …/merge answers where a ruleset or branch protection asks for the queue.
_WORDS = ("merge queue",)
ENQUEUE = """\
mutation Enqueue($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head}) {
    mergeQueueEntry { position state }
  }
}
"""


def must_be_queued(refusal: str) -> bool:
    """Whether a refused merge says that the merge queue must be used."""
    return any(word in refusal.lower() for word in _WORDS)


def enqueue(client: Client, raw: Mapping[str, Any] | None, head: str) -> str:
    """Add a pull request to the queue with its expected head; returns what to tell people, success or not."""
    if raw is None:
        return "it is gone"
    answer = client.write("POST", "/graphql", {"query": ENQUEUE, "variables": {"pull": raw["node_id"], "head": head}})
    errors = (answer or {}).get("errors")
    if errors:
        return f"the merge queue did not take it: {' '.join(str(errors[0].get('message', '')).split())[:300]}"
    return "it is in the merge queue now"
