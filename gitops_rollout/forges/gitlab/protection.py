"""GitLab: the project's merge settings, protected branches, approval rules (docs.gitlab.com/api)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gitops_rollout.forges.http import Client, Refused
from gitops_rollout.model.protection import Protection

PAGE = 100
DEVELOPER = 30
# A merge by fast-forward, and a semi-linear one, are refused where the branch is behind.
_UP_TO_DATE = ("ff", "rebase_merge")
_NO_RIGHT = (401, 403)


def read_protection(client: Client, project: str, branch: str) -> Protection:
    """The rules of a branch. `project` is `/projects/{path}`.

    GitLab requires no status by name: where pipelines must succeed, ours is part of the pipeline like any other.
    """
    raw = client.get(project) or {}
    blocks, unknown = _access(raw), []
    blocks += _branch(client, project, branch, _level(raw))
    approvals = _approvals(client, project, branch)
    if approvals is None:
        unknown.append("approval rules")
    else:
        blocks += approvals
    return Protection(
        checks=("*",) if raw.get("only_allow_merge_if_pipeline_succeeds") else (),
        up_to_date=raw.get("merge_method") in _UP_TO_DATE,
        queue=bool(raw.get("merge_trains_enabled")),
        blocks=tuple(dict.fromkeys(blocks)),
        unless=("unresolved threads",) if raw.get("only_allow_merge_if_all_discussions_are_resolved") else (),
        unknown=tuple(unknown),
    )


def _access(raw: Mapping[str, Any]) -> list[str]:
    if raw.get("archived"):
        return ["the project is archived"]
    level = _level(raw)
    return ["these credentials may not merge (they need the role Developer)"] if 0 < level < DEVELOPER else []


def _level(raw: Mapping[str, Any]) -> int:
    """The role of these credentials, 0 where GitLab does not say it."""
    kinds = (raw.get("permissions") or {}).values()
    return max((one["access_level"] for one in kinds if one), default=0)


def _branch(client: Client, project: str, branch: str, level: int) -> list[str]:
    raw = client.get(f"{project}/protected_branches/{quote(branch, safe='')}")
    if raw is None:
        return []
    blocks = ["approvals by code owners"] if raw.get("code_owner_approval_required") else []
    levels = [one.get("access_level") for one in raw.get("merge_access_levels") or ()]
    if levels and level and not any(wanted is None or 0 < wanted <= level for wanted in levels):
        blocks.append("the protected branch, which lets only others merge")
    return blocks


def _approvals(client: Client, project: str, branch: str) -> list[str] | None:
    """What approvals block; None where they cannot be read."""
    try:
        rules = client.get(f"{project}/approval_rules", per_page=PAGE)
    except Refused as refused:
        if refused.status not in _NO_RIGHT:
            raise
        return None
    if rules is None:
        return []  # without Premium approvals are optional, and the path does not exist
    blocks = []
    for rule in rules:
        names = [one["name"] for one in rule.get("protected_branches") or ()]
        wanted = rule.get("approvals_required") or 0
        if wanted and (not names or branch in names):
            blocks.append(f"{wanted} approval{'' if wanted == 1 else 's'}")
    return blocks
