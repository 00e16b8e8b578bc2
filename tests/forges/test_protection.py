"""What each forge asks for before a merge, as it says so itself."""

from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.core.protection import can_merge_unattended, is_binding
from gitops_rollout.model.protection import Answer, Protection
from gitops_rollout.model.remarks import READY
from tests.forges.hosted_bench import GitHubBench, GitLabBench
from tests.forges.test_gitea import GiteaBench
from tests.servers.gitea import Gitea

REVIEWS = {"type": "pull_request", "ruleset_id": 5, "parameters": {"required_approving_review_count": 2,
           "require_code_owner_review": True, "require_last_push_approval": False}}  # fmt: skip
CHECKS = {"type": "required_status_checks", "ruleset_id": 5, "parameters": {
    "strict_required_status_checks_policy": True, "required_status_checks": [{"context": READY}]}}  # fmt: skip
QUEUE = {"type": "merge_queue", "ruleset_id": 5, "parameters": {}}
SIGNED = {"type": "required_signatures", "ruleset_id": 5}
RULES = "rules/branches/main"


def answers(rules: Protection) -> tuple[Answer, Answer]:
    return is_binding(rules)[0], can_merge_unattended(rules, signing=False)[0]


@pytest.fixture
def github(tmp_path: Path) -> GitHubBench:
    return GitHubBench(tmp_path)


@pytest.fixture
def gitlab(tmp_path: Path) -> GitLabBench:
    return GitLabBench(tmp_path)


def test_github_rulesets(github: GitHubBench) -> None:
    github.fake.rules = {RULES: [CHECKS, {"type": "deletion"}], "rulesets/5": {"current_user_can_bypass": "never"}}
    assert answers(github.forge().protection()) == (Answer.YES, Answer.YES)
    github.fake.rules[RULES] = [CHECKS, REVIEWS, {"type": "update", "ruleset_id": 5}]
    rules = github.forge().protection()
    assert answers(rules) == (Answer.YES, Answer.NO)
    assert rules.blocks == ("2 approving reviews", "reviews by code owners", "the rule update")
    github.fake.rules["rulesets/5"] = {"current_user_can_bypass": "always"}
    assert answers(github.forge().protection()) == (Answer.YES, Answer.YES)


def test_github_queue_and_signatures(github: GitHubBench) -> None:
    weak = {**CHECKS, "parameters": {**CHECKS["parameters"], "strict_required_status_checks_policy": False}}  # type: ignore[dict-item]
    github.fake.rules = {RULES: [weak]}
    assert answers(github.forge().protection()) == (Answer.NO, Answer.YES)
    github.fake.rules = {RULES: [weak, QUEUE]}
    assert answers(github.forge().protection()) == (Answer.YES, Answer.YES)
    github.fake.rules = {RULES: [SIGNED], "rulesets/5": {}}
    rules = github.forge().protection()
    assert can_merge_unattended(rules, signing=True)[0] is Answer.YES
    assert can_merge_unattended(rules, signing=False)[0] is Answer.NO


def test_github_branch_protection(github: GitHubBench) -> None:
    shown = {"protection": {"enabled": True, "required_status_checks": {"contexts": [READY]}}}
    github.fake.rules = {"branches/main": shown, "branches/main/protection": 403}
    rules = github.forge().protection()
    assert rules.checks == (READY,)
    assert answers(rules) == (Answer.UNKNOWN, Answer.UNKNOWN)
    full: dict[str, Any] = {"required_status_checks": {"strict": True, "contexts": [READY]}}
    github.fake.rules["branches/main/protection"] = full
    assert answers(github.forge().protection()) == (Answer.YES, Answer.YES)
    full |= {"required_pull_request_reviews": {"required_approving_review_count": 1}, "lock_branch": {"enabled": True}}
    assert github.forge().protection().blocks == ("1 approving review", "a lock on the branch")


def test_github_credentials_that_may_not_write(github: GitHubBench) -> None:
    github.fake.rules = {"": {"permissions": {"push": False}}}
    assert answers(github.forge().protection())[1] is Answer.NO


def test_githubs_requests_are_allowed(github: GitHubBench, github_mock: str) -> None:
    from tests.forges.test_github_requests import ask

    protected = {"protection": {"enabled": True}}
    github.fake.rules = {RULES: [REVIEWS], "rulesets/5": {}, "branches/main": protected}
    github.forge().protection()
    for method, path, body in github.fake.asked:
        answer = ask(f"{github_mock}{path}", method, body)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
    assert len(github.fake.asked) == 5


def test_gitlab(gitlab: GitLabBench) -> None:
    member = {"permissions": {"project_access": {"access_level": 30}}}
    strict = {**member, "only_allow_merge_if_pipeline_succeeds": True, "merge_method": "ff"}
    gitlab.fake.rules = {"": strict}
    assert answers(gitlab.forge().protection()) == (Answer.YES, Answer.YES)
    gitlab.fake.rules = {"": {**strict, "merge_method": "merge"}}
    assert answers(gitlab.forge().protection()) == (Answer.NO, Answer.YES)
    gitlab.fake.rules = {"": {**strict, "merge_method": "merge", "merge_trains_enabled": True}}
    assert answers(gitlab.forge().protection()) == (Answer.YES, Answer.YES)
    maintainers = {"merge_access_levels": [{"access_level": 40}], "code_owner_approval_required": True}
    approvals = [{"approvals_required": 2, "protected_branches": []}, {"approvals_required": 0}]
    gitlab.fake.rules = {"": member, "protected_branches/main": maintainers, "approval_rules": approvals}
    blocks = gitlab.forge().protection().blocks
    assert blocks == ("approvals by code owners", "the protected branch, which lets only others merge", "2 approvals")
    gitlab.fake.rules = {"": member, "approval_rules": 403}
    assert answers(gitlab.forge().protection()) == (Answer.UNKNOWN, Answer.UNKNOWN)
    gitlab.fake.rules = {"": {"permissions": {"project_access": {"access_level": 20}}}}
    assert answers(gitlab.forge().protection())[1] is Answer.NO


def test_a_real_gitea(gitea: Gitea, tmp_path: Path) -> None:
    bench = GiteaBench(tmp_path, server=gitea)
    path = f"/repos/{gitea.user}/{bench.name}/branch_protections"
    asks = {
        "rule_name": "main",
        "enable_push": True,
        "enable_status_check": True,
        "status_check_contexts": [f"*{READY}*"],
        "block_on_outdated_branch": True,
    }
    gitea.call("POST", path, asks, token=gitea.owner_token).ok()
    rules = bench.forge().protection()
    assert rules.checks == (f"*{READY}*",)
    assert answers(rules) == (Answer.YES, Answer.YES), rules
    gitea.call("PATCH", f"{path}/main", {"required_approvals": 2}, token=gitea.owner_token).ok()
    assert bench.forge().protection().blocks == ("2 approving reviews",)
