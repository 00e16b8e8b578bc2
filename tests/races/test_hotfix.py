"""The hotfix race: a promotion is approved, a new model is merged to the base, then the promotion is merged.

Git merges the two without a conflict, for they change different lines, and all traffic would go to a model that nobody
has tried. On every forge that merge is red, and refused where we are asked to make it.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from gitops_rollout.core.lifecycle.verdicts import Merge
from gitops_rollout.core.pull_marker import format_marker, marker_of
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.model.change import Change, Did, Draft, Proposal, PullRequest
from gitops_rollout.model.policy import Merge as WhoMerges
from gitops_rollout.model.policy import Policy, PullPolicy
from gitops_rollout.reconcile.checks.check import check
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.desk import Desk
from gitops_rollout.reconcile.pulls.judge import Ground
from gitops_rollout.reconcile.pulls.merge import merge_pull
from gitops_rollout.reconcile.pulls.upkeep import merge
from tests.core.changes import a_change
from tests.forges.benches import KINDS, make_bench
from tests.forges.git_bench import GitBench
from tests.forges.memory import EPOCH
from tests.forges.test_gitea import GiteaBench
from tests.servers.gitea import Gitea
from tests.servers.http import until

PATH = "clusters/prod/score.yaml"
CONTEXT = "gitops-rollout/ready"


def manifest(version: str, percent: int | None) -> bytes:
    lines = [
        "apiVersion: serving.kserve.io/v1beta1",
        "kind: InferenceService",
        "metadata: {name: score, namespace: fraud}",
        "spec:",
        "  predictor:",
        *([f"    canaryTrafficPercent: {percent}"] if percent is not None else []),
        "    minReplicas: 2",
        "    maxReplicas: 4",
        "    timeout: 30",
        "    model:",
        "      modelFormat: {name: sklearn}",
        f"      storageUri: s3://models/score/{version}",
    ]
    return "\n".join([*lines, ""]).encode()


HOTFIX = manifest("v3", 10)


@dataclass
class Race:
    """A promotion of v2 that everybody has approved."""

    bench: GitBench
    change: Change
    pull: PullRequest

    def desk(self) -> Desk:
        repository = self.bench.repository()
        branch, base = repository.base_commit("main")
        return Desk(repository, self.bench.forge(), branch, base, EPOCH, Policy())

    def hotfix(self) -> str:
        return self.bench.commit_on_base(PATH, HOTFIX)

    def on_base(self) -> bytes | None:
        """What the base branch says of the target now."""
        return self.bench.file("main", PATH)


@pytest.fixture(params=KINDS)
def race(request: pytest.FixtureRequest, tmp_path: Path) -> Race:
    return approved(make_bench(request.param, tmp_path, request))


def approved(bench: GitBench) -> Race:
    bench.commit_on_base(PATH, manifest("v2", 10))
    change = a_change(base=bench.base())
    message = f"Promote score\n\n{format_trailers(change)}\n"
    commit = bench.propose(PATH, manifest("v2", None), message)
    body = f"Why\n\n{format_marker(marker_of(change))}\n"
    draft = Draft(change.identity.change, change.branch, commit, "main", "Promote score", body)
    report = bench.forge().publish([draft])[0]
    assert report.did is Did.CREATED
    assert report.number is not None
    pull = bench.forge().pull(report.number)
    assert pull is not None
    return Race(bench, change, pull)


def test_approved_and_untouched_it_may_be_merged(race: Race) -> None:
    """Otherwise the tests below would show nothing."""
    assert check(race.desk(), race.pull.head, race.pull.number).ok
    assert merge_pull(race.desk(), race.pull.number).did is Did.MERGED
    assert race.on_base() == manifest("v2", None)


def test_git_alone_would_merge_it(race: Race) -> None:
    onto = race.hotfix()
    merged = race.desk().repository.merge(onto, race.pull.head, "naive", EPOCH)
    assert merged is not None
    assert race.desk().repository.read_file(merged, PATH) == manifest("v3", None)


def test_the_required_status_is_red(race: Race) -> None:
    race.hotfix()
    checked = check(race.desk(), race.pull.head, race.pull.number)
    assert not checked.ok
    assert "not-fresh" in {finding.code for finding in checked.findings}


def test_the_tip_of_a_merge_queue_is_red_too(race: Race) -> None:
    """The commit that a queue or a merge train has made of both."""
    onto = race.hotfix()
    desk = race.desk()
    group = desk.repository.merge(onto, race.pull.head, "Merge of a queue", EPOCH)
    assert group is not None
    assert not check(desk, group).ok


def test_our_own_merge_refuses(race: Race) -> None:
    onto = race.hotfix()
    report = merge_pull(race.desk(), race.pull.number)
    assert report.did is Did.CONFLICT
    assert onto[:12] in report.message
    assert race.on_base() == HOTFIX


def test_a_run_that_decided_before_the_hotfix_does_not_merge(race: Race) -> None:
    """It observed, was slow, and now wants to merge what the policy lets it merge."""
    desk = race.desk()
    ground = Ground(
        desk.repository, desk.forge, "main", desk.base_commit, Policy().limits, EPOCH, frozenset({"us"}), frozenset()
    )
    policy = PullPolicy(merge=WhoMerges.AUTO)
    proposal = Proposal(race.change, {PATH: manifest("v2", None)}, "", "Promote", "Why", "", policy)
    race.hotfix()
    acted = Acted()
    merge(ground, acted, race.change.identity.change, Merge(race.pull, proposal))
    assert acted.reports[race.change.identity.change].did is not Did.MERGED
    assert desk.forge.merge(race.pull, desk.base_commit).did is Did.CONFLICT, "the last look is the forge's own"
    assert race.on_base() == HOTFIX


def test_a_protected_branch_refuses_a_persons_click_while_the_status_is_red(gitea: Gitea, tmp_path: Path) -> None:
    """Gitea with the status required, as a person sets it up, and with the status that `check` gives in CI."""
    bench = GiteaBench(tmp_path, server=gitea)
    race = approved(bench)
    repo = f"/repos/{gitea.user}/{bench.name}"
    rule = {"rule_name": "main", "enable_push": True, "enable_status_check": True, "status_check_contexts": [CONTEXT]}
    gitea.call("POST", f"{repo}/branch_protections", rule, token=gitea.owner_token).ok()

    def reported() -> str:
        state = "success" if check(race.desk(), race.pull.head, race.pull.number).ok else "failure"
        status = {"context": CONTEXT, "state": state}
        gitea.call("POST", f"{repo}/statuses/{race.pull.head}", status, token=gitea.owner_token).ok()
        return state

    assert reported() == "success"
    race.hotfix()
    assert reported() == "failure"
    click = {"Do": "merge", "head_commit_id": race.pull.head}
    answer = until(
        lambda: gitea.call("POST", f"{repo}/pulls/{race.pull.number}/merge", click, token=gitea.owner_token),
        lambda answer: "try again later" not in str(answer.data),
    )
    assert answer.status == 405, answer
    assert race.on_base() == HOTFIX
