"""What is said on pull requests: the status of each head, and one comment, through the life of a proposal."""

from dataclasses import dataclass, replace

from gitops_rollout.core.comment_marker import verdict_digest, with_digest
from gitops_rollout.core.lifecycle.verdicts import Verdict
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import PullState, Standing
from gitops_rollout.model.decision import Reason
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.policy import Merge, PullPolicy
from gitops_rollout.model.remarks import Remark
from gitops_rollout.reconcile.pulls.act import act
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.judge import judge_pulls
from tests.reconcile.forge_world import ForgeWorld

CHANGE = "prod/fraud/score"
SCORE = "clusters/prod/score.yaml"


@dataclass
class TalkingWorld(ForgeWorld):
    """Runs that also comment: on what stands for a change, in words that are the same for the same verdict."""

    statuses: bool = True
    fails: bool = False

    def ground(self):  # type: ignore[no-untyped-def]  # as its parent's
        return replace(super().ground(), statuses=self.statuses)

    def voice(self, standing: Standing):  # type: ignore[no-untyped-def]  # a closure
        def say(verdict: Verdict) -> str:
            if self.fails:
                raise ForgeError("templates/evidence_comment.md.j2:1: broken")
            words = f"{standing.decision.action} {standing.decision.reason} {verdict.message}"
            return with_digest(words, verdict_digest([words]))

        return say

    def go(self, standing: Standing) -> Acted:
        ground = self.ground()
        self.last_acted = act(ground, judge_pulls(ground, [standing]), self.voice(standing))
        return self.last_acted

    def said(self, number: int = 1) -> Remark:
        forge = self.forge()
        pull = forge.pull(number)
        assert pull is not None
        return forge.remarks_on(pull)

    def status(self, number: int = 1) -> tuple[str, str] | None:
        said = self.said(number).status
        return None if said is None else (str(said.state), said.description)


def test_due_held_and_due_again() -> None:
    world = TalkingWorld()
    world.go(world.due("promote"))
    assert world.status() == ("success", "due: promote (soaked)")
    world.go(world.holding(Reason.NO_DATA))
    assert world.status() == ("pending", "held: no-data")
    assert (world.said().comment or "").startswith("hold no-data")
    world.go(world.due("promote"))
    assert world.status() == ("success", "due: promote (soaked)")
    assert (world.said().comment or "").startswith("promote soaked")


def test_a_still_world_is_not_written_to_and_says_so() -> None:
    world = TalkingWorld()
    assert world.go(world.due("promote")).reports[CHANGE].remarked
    refs = dict(world.repository.refs)
    world.hours = 7
    assert not world.go(world.due("promote")).reports[CHANGE].remarked
    assert world.repository.refs == refs


def test_what_is_contrary_fails_before_it_is_closed() -> None:
    world = TalkingWorld()
    world.go(world.due("promote"))

    class Unwilling(LocalForge):
        def close(self, *arguments: object, **options: object) -> object:  # type: ignore[override]  # it only fails
            raise ForgeError("503")

    ground = replace(world.ground(), forge=Unwilling(world.repository, world.ground().now))
    standing = world.holding(Reason.BASELINE_NOT_READY)
    acted = act(ground, judge_pulls(ground, [standing]))
    assert "503" in acted.errors[CHANGE]
    assert world.status() == ("failure", "contrary: not to be merged")
    world.go(standing)
    assert not world.open()


def test_a_merge_of_our_own_comes_after_the_status() -> None:
    """Branch protection may ask for it."""
    world = TalkingWorld(policy=PullPolicy(merge=Merge.AUTO))
    world.go(world.due("rollback", 0))
    world.go(world.due("rollback", 0))
    pull = world.forge().pull(1)
    assert pull is not None
    assert pull.state is PullState.MERGED
    assert world.status() == ("success", "due: rollback (soaked)")


def test_a_rollback_that_stands_is_due_whatever_is_held() -> None:
    world = TalkingWorld()
    world.go(world.due("rollback", 0))
    world.go(world.holding(Reason.UNREACHABLE))
    assert world.status() == ("success", "due: rollback (soaked)")
    assert "stands until" in (world.said().comment or "")


def test_others_commits_are_told_and_get_no_status_of_ours() -> None:
    world = TalkingWorld()
    world.go(world.due("promote"))
    (pull,) = world.open()
    world.person_commits(pull.branch)
    world.go(world.due("promote"))
    assert world.status() is None
    assert "commits by others" in (world.said().comment or "")
    world.commit(SCORE, b"model: 3\npercent: 10\n")
    world.go(world.due("promote"))
    assert world.status() is None, "without our trailers nothing tells what it was decided on"


def test_a_suspended_target_is_left_alone() -> None:
    world = TalkingWorld()
    world.go(world.due("promote"))
    refs = dict(world.repository.refs)
    world.go(replace(world.holding(Reason.SUSPENDED), withheld=True))
    assert world.repository.refs == refs


def test_statuses_can_be_left_out() -> None:
    world = TalkingWorld(statuses=False)
    world.go(world.due("promote"))
    assert world.status() is None
    assert world.said().comment


def test_a_comment_that_cannot_be_made_fails_its_change_and_keeps_the_status() -> None:
    world = TalkingWorld(fails=True)
    acted = world.go(world.due("promote"))
    assert "broken" in acted.errors[CHANGE]
    assert world.status() == ("success", "due: promote (soaked)")
    assert len(world.open()) == 1
