"""Gitea and Forgejo: what a branch says to everybody, and its protection, which only administrators may read."""

from urllib.parse import quote

from gitops_rollout.forges.http import Client, Refused
from gitops_rollout.model.protection import Protection

_NO_RIGHT = 403
_UNLESS = {"block_on_rejected_reviews": "rejecting reviews", "block_on_official_review_requests": "requested reviews"}


def read_protection(client: Client, repo: str, branch: str) -> Protection:
    """The rules of a branch. `repo` is `/repos/{owner}/{repository}`."""
    raw = client.get(f"{repo}/branches/{quote(branch, safe='')}") or {}
    if not raw.get("protected"):
        return Protection(blocks=() if raw.get("user_can_push", True) else ("these credentials may not write",))
    checks = tuple(raw.get("status_check_contexts") or ("*",)) if raw.get("enable_status_check") else ()
    blocks = [] if raw.get("user_can_merge", True) else ["a restriction of who may merge"]
    wanted = raw.get("required_approvals") or 0
    blocks += [f"{wanted} approving review{'' if wanted == 1 else 's'}"] if wanted else []
    name = raw.get("effective_branch_protection_name") or branch
    try:
        full = client.get(f"{repo}/branch_protections/{quote(name, safe='')}")
    except Refused as refused:
        if refused.status != _NO_RIGHT:
            raise
        full = None
    if full is None:
        unknown = "whether branches must be up to date (the protection is shown to administrators)"
        return Protection(checks, blocks=tuple(blocks), unknown=(unknown,))
    return Protection(
        checks,
        bool(full.get("block_on_outdated_branch")),
        signed=bool(full.get("require_signed_commits")),
        blocks=tuple(blocks),
        unless=tuple(said for name, said in _UNLESS.items() if full.get(name)),
    )
