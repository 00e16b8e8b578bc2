"""GitLab's merge trains and auto-merge. Both keep to a head: GitLab takes a merge request out when it is pushed to."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gitops_rollout.forges.http import Client, Refused, Waiting

# GitLab 17.11 calls it `auto_merge`, earlier ones `when_pipeline_succeeds` (docs.gitlab.com/api/merge_trains).
_WHEN_READY = {"auto_merge": True, "when_pipeline_succeeds": True}
_REFUSALS = (400, 405, 406, 409, 422)
_IN_TRAIN = ("idle", "fresh", "stale", "merging", "skip_merged")


def enqueue(client: Client, project: str, number: int, head: str) -> str | None:
    """Have GitLab merge a merge request, bound to its head; None where it merged at once, else why it will not.

    Raises `Waiting` where it merges it later, now asked for or already.
    """
    path = f"/projects/{quote(project, safe='')}"
    request = client.get(f"{path}/merge_requests/{number}") or {}
    if request.get("merge_when_pipeline_succeeds"):
        raise Waiting("GitLab merges it when its pipeline succeeds (auto-merge)")
    if (client.get(path) or {}).get("merge_trains_enabled"):
        return _board(client, f"{path}/merge_trains/merge_requests/{number}", head)
    order = {"sha": head, "should_remove_source_branch": False, "merge_when_pipeline_succeeds": True, **_WHEN_READY}
    try:
        after = client.write("PUT", f"{path}/merge_requests/{number}/merge", order) or {}
    except Refused as refused:
        return _why(refused)
    if after.get("state") == "merged":
        return None
    raise Waiting("GitLab merges it when its pipeline succeeds (auto-merge)")


def _board(client: Client, path: str, head: str) -> str | None:
    there: Mapping[str, Any] = client.get(path) or {}
    if there.get("status") in _IN_TRAIN:
        raise Waiting("it is in the merge train")
    try:
        client.write("POST", path, {"sha": head, **_WHEN_READY})
    except Refused as refused:
        return f"the merge train did not take it: {_why(refused)}"
    raise Waiting("it goes with the merge train")


def _why(refused: Refused) -> str:
    if refused.status not in _REFUSALS:
        raise refused
    return refused.message
