"""GitHub: branch protection and rulesets.

Rulesets that apply to a branch can be read by everybody (`GET /repos/{owner}/{repo}/rules/branches/{branch}`); the
settings of a branch protection by administrators, others see that there is one and which checks it requires.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gitops_rollout.forges.http import Client, Refused
from gitops_rollout.model.protection import Protection

PAGE = 100
# Rules that a pull request of ours meets by itself, or that are about something else than merging.
_HARMLESS = frozenset(
    {
        "creation", "deletion", "non_fast_forward", "required_linear_history", "branch_name_pattern",
        "tag_name_pattern", "copilot_code_review",
    }
)  # fmt: skip
_SIGNED = "required_signatures"


def read_protection(client: Client, repo: str, branch: str, caveat: str) -> Protection:
    """The rules of a branch. `repo` is `/repos/{owner}/{repository}`; `caveat` what these credentials cannot do."""
    found = [_access(client.get(repo) or {})]
    found.append(_rulesets(client, repo, branch))
    found.append(_classic(client, repo, branch))
    checks = tuple(dict.fromkeys(name for one in found for name in one.checks))
    blocks = [block for one in found for block in one.blocks]
    if checks and caveat:
        blocks.append("required checks, which these credentials do not start")
    return Protection(
        checks=checks,
        up_to_date=any(one.up_to_date for one in found),
        queue=any(one.queue for one in found),
        signed=any(one.signed for one in found),
        blocks=tuple(dict.fromkeys(blocks)),
        unless=tuple(text for one in found for text in one.unless),
        unknown=tuple(text for one in found for text in one.unknown),
    )


def _access(raw: Mapping[str, Any]) -> Protection:
    if raw.get("archived"):
        return Protection(blocks=("the repository is archived",))
    may = (raw.get("permissions") or {}).get("push")
    return Protection(blocks=("these credentials may not write to the repository",)) if may is False else Protection()


def _rulesets(client: Client, repo: str, branch: str) -> Protection:
    checks: list[str] = []
    blocks: list[str] = []
    strict = queue = signed = False
    passed: dict[int, bool] = {}
    for rule in client.pages(f"{repo}/rules/branches/{quote(branch, safe='')}", PAGE):
        kind, asks = rule["type"], rule.get("parameters") or {}
        if kind == "required_status_checks":
            checks += [check["context"] for check in asks.get("required_status_checks") or ()]
            strict = strict or bool(asks.get("strict_required_status_checks_policy"))
        elif kind == "merge_queue":
            queue = True
        elif kind == _SIGNED:
            signed = signed or not _bypassed(client, repo, rule.get("ruleset_id"), passed)
        elif kind not in _HARMLESS:
            said = (
                _reviews(asks, "require_code_owner_review")
                if kind == "pull_request"
                else [f"the rule {kind.replace('_', ' ')}"]
            )
            if said and not _bypassed(client, repo, rule.get("ruleset_id"), passed):
                blocks += said
    return Protection(tuple(checks), strict, queue, signed=signed, blocks=tuple(blocks))


def _classic(client: Client, repo: str, branch: str) -> Protection:
    path = f"{repo}/branches/{quote(branch, safe='')}"
    summary = (client.get(path) or {}).get("protection") or {}
    if not summary.get("enabled"):
        return Protection()
    shown = tuple((summary.get("required_status_checks") or {}).get("contexts") or ())
    try:
        raw = client.get(f"{path}/protection")
    except Refused as refused:
        if refused.status != 403:
            raise
        raw = None
    if raw is None:
        return Protection(shown, unknown=("the branch protection (it needs administration: read)",))
    required = raw.get("required_status_checks") or {}
    blocks = _reviews(raw.get("required_pull_request_reviews") or {}, "require_code_owner_reviews")
    blocks += ["a restriction of who may push"] if raw.get("restrictions") else []
    blocks += ["a lock on the branch"] if _enabled(raw, "lock_branch") else []
    return Protection(
        tuple(required.get("contexts") or shown),
        bool(required.get("strict")),
        signed=_enabled(raw, _SIGNED),
        blocks=tuple(blocks),
        unless=("unresolved conversations",) if _enabled(raw, "required_conversation_resolution") else (),
    )


def _enabled(raw: Mapping[str, Any], name: str) -> bool:
    return bool((raw.get(name) or {}).get("enabled"))


def _reviews(asks: Mapping[str, Any], owners: str) -> list[str]:
    count = asks.get("required_approving_review_count") or 0
    said = [f"{count} approving review{'' if count == 1 else 's'}"] if count else []
    said += ["reviews by code owners"] if asks.get(owners) else []
    said += ["an approval of the last push"] if asks.get("require_last_push_approval") else []
    return said


def _bypassed(client: Client, repo: str, ruleset: int | None, passed: dict[int, bool]) -> bool:
    """Whether these credentials may pass a ruleset; each is asked for once."""
    if ruleset is None:
        return False
    if ruleset not in passed:
        said = (client.get(f"{repo}/rulesets/{ruleset}") or {}).get("current_user_can_bypass")
        passed[ruleset] = said in ("always", "pull_requests_only", "exempt")
    return passed[ruleset]
