"""The life of a pull request, run after run, on the embedded forge."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gitops_rollout.model.change import Did, Draft
from gitops_rollout.model.decision import Action, Reason
from gitops_rollout.model.policy import Limits, Merge, PullPolicy
from gitops_rollout.reconcile.pulls.judge import judge_pulls
from gitops_rollout.reconcile.pulls.upkeep import commit_request, draft_of
from tests.reconcile.forge_world import ForgeWorld, first_repository

CHANGE = "prod/fraud/score"
SCORE = "clusters/prod/score.yaml"


def test_opened_when_due_and_found_again() -> None:
    world = ForgeWorld()
    assert world.run(world.due("promote"))[CHANGE].did is Did.CREATED
    refs = dict(world.repository.refs)
    assert world.run(world.due("promote"))[CHANGE].did is Did.FOUND
    assert world.repository.refs == refs, "a still world makes no writes"
    (pull,) = world.open()
    assert world.repository.trees[pull.head][SCORE] == b"model: 1\n"


def test_a_passing_hold_keeps_it() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    for reason in (Reason.NO_DATA, Reason.WINDOW_CLOSED, Reason.UNREACHABLE, Reason.OUT_OF_SYNC):
        assert world.run(world.holding(reason))[CHANGE].did is Did.FOUND
    assert len(world.open()) == 1


@pytest.mark.parametrize("reason", [Reason.BASELINE_NOT_READY, Reason.KNOWN_BAD, Reason.MASS_FAILURE])
def test_a_contrary_hold_closes_it(reason: Reason) -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    assert world.run(world.holding(reason))[CHANGE].did is Did.CLOSED
    assert not world.open()
    assert world.run(world.due("promote"))[CHANGE].did is Did.CREATED, "our own close is no veto"


def test_arrival_closes_it() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.run(world.stable())
    assert not world.open()


def test_a_new_candidate_supersedes_it_with_a_link() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    report = world.run(world.due("promote", candidate="score-predictor-00003"))[CHANGE]
    assert (report.did, report.number) == (Did.SUPERSEDED, 2)
    assert [pull.number for pull in world.open()] == [2]
    assert "#2" in world.forge().events(1)[-1].text


def test_a_new_candidate_closes_it_even_while_nothing_is_due() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.run(world.holding(candidate="score-predictor-00003"))
    assert not world.open()


def test_the_next_step_supersedes_the_one_before() -> None:
    world = ForgeWorld()
    world.run(world.due("step", 25))
    world.run(world.due("step", 50))
    (pull,) = world.open()
    assert pull.branch.startswith("gitops-rollout/prod/fraud/score/step-50-")


def test_not_fresh_is_closed_even_when_the_same_is_written_again() -> None:
    """s2, s3, s2 again: the content is what it was, the ground is not."""
    world = ForgeWorld()
    world.run(world.due("promote"))
    before = world.repository.read_file(world.base, SCORE)
    assert before is not None
    world.commit(SCORE, b"model: 3\npercent: 10\n")
    world.commit(SCORE, before)
    assert world.run(world.holding())[CHANGE].did is Did.CLOSED
    assert not world.open()


def test_a_base_that_moves_elsewhere_changes_nothing() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    (pull,) = world.open()
    world.commit("README", b"something else")
    refs = dict(world.repository.refs)
    assert world.run(world.due("promote"))[CHANGE].did is Did.FOUND
    assert world.repository.refs == refs
    assert world.open() == [pull]


def test_other_words_are_written_once() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    assert world.run(world.due("promote", text="Other words"))[CHANGE].did is Did.UPDATED
    assert world.run(world.due("promote", text="Other words"))[CHANGE].did is Did.FOUND
    assert world.open()[0].body.startswith("Other words")


def test_a_persons_own_words_in_the_body_stay() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    (pull,) = world.open()
    commit = pull.head
    edited = pull.body.replace("Why", "Why\n\nI looked at this. - Ada")
    draft = Draft(CHANGE, pull.branch, commit, "main", pull.title, edited)
    world.forge("person").update(pull, draft)
    assert world.run(world.due("promote"))[CHANGE].did is Did.FOUND
    assert "Ada" in world.open()[0].body


def test_a_persons_close_is_a_veto_until_the_candidate_changes() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.person_closes(1)
    verdict = world.verdict(world.due("promote"))
    assert (verdict.action, verdict.reason, verdict.did) == (Action.HOLD, Reason.VETOED, Did.VETOED)
    assert world.run(world.due("promote"))[CHANGE].did is not Did.CREATED
    world.commit(SCORE, b"model: 1\npercent: 11\n")
    world.run(world.due("promote"))
    assert not world.open(), "another base is no other candidate"
    world.run(world.due("promote", candidate="score-predictor-00003"))
    assert len(world.open()) == 1


def test_a_veto_of_one_step_is_none_of_the_next() -> None:
    world = ForgeWorld()
    world.run(world.due("step", 25))
    world.person_closes(1)
    world.run(world.due("step", 25))
    assert not world.open()
    world.run(world.due("step", 50))
    assert len(world.open()) == 1


def test_reopening_ends_a_veto_and_a_later_close_is_one_again() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.person_closes(1)
    pull = world.forge().pull(1)
    assert pull is not None
    world.forge("person").reopen(pull)
    assert world.run(world.due("promote"))[CHANGE].did is Did.FOUND
    world.person_closes(1)
    assert world.run(world.due("promote"))[CHANGE].did is Did.VETOED


def test_one_that_we_closed_and_a_person_reopened_counts_as_theirs_from_then_on() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.run(world.holding(Reason.BASELINE_NOT_READY))
    pull = world.forge().pull(1)
    assert pull is not None
    assert pull.closed_by_us
    world.forge("person").reopen(pull)
    world.run(world.due("promote"))
    world.person_closes(1)
    assert world.run(world.due("promote"))[CHANGE].did is Did.VETOED


def test_a_rollbacks_veto_expires() -> None:
    world = ForgeWorld(limits=Limits(rollback_veto=timedelta(hours=5)))
    world.run(world.due("rollback", 0))
    world.person_closes(1)
    verdict = world.verdict(world.due("rollback", 0))
    assert verdict.reason is Reason.VETOED
    assert "until 2026-01-01T06:00:00" in verdict.message
    world.hours = 6.1
    assert world.run(world.due("rollback", 0))[CHANGE].did is Did.CREATED


def test_a_deleted_branch_is_no_veto() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    (pull,) = world.open()
    del world.repository.refs[f"refs/heads/{pull.branch}"]
    world.run(world.due("promote"))
    world.run(world.due("promote"))
    (again,) = world.open()
    assert again.number == 2
    assert again.branch in {ref.removeprefix("refs/heads/") for ref in world.repository.refs}


def test_a_persons_revert_is_a_veto() -> None:
    world = ForgeWorld()
    before = world.repository.read_file(world.base, SCORE)
    assert before is not None
    world.run(world.due("promote"))
    world.person_merges(1)
    merged = world.base
    world.commit(SCORE, before, f'Revert "promote"\n\nThis reverts commit {merged}.')
    standing = replace(world.due("promote"), reverted=frozenset({merged}))
    assert world.run(standing)[CHANGE].did is Did.VETOED
    assert not world.open()


def test_what_is_merged_is_in_flight_for_a_run_that_has_not_seen_it() -> None:
    world = ForgeWorld()
    late, ground = world.due("promote"), world.ground()
    world.run(world.due("promote"))
    world.person_merges(1)
    verdict = judge_pulls(replace(ground, forge=world.forge()), [late]).verdicts[CHANGE]
    assert verdict.reason is Reason.IN_FLIGHT
    assert not verdict.effects


def test_commits_by_others_are_left_alone_whatever_is_due() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    (pull,) = world.open()
    world.person_commits(pull.branch)
    refs = dict(world.repository.refs)
    for standing in (world.due("promote"), world.due("step", 25), world.holding(Reason.KNOWN_BAD), world.stable()):
        report = world.run(standing)[CHANGE]
        assert report.did is Did.FOUND
        assert "commits by others" in report.message
    assert world.repository.refs == refs


def test_a_rollback_closes_it_all_the_same_and_leaves_their_branch() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    (pull,) = world.open()
    theirs = world.person_commits(pull.branch)
    world.run(world.due("rollback", 0))
    (rollback,) = world.open()
    assert rollback.branch.startswith("gitops-rollout/prod/fraud/score/rollback-")
    assert world.repository.refs[f"refs/heads/{pull.branch}"] == theirs


def test_a_rollback_closes_the_promotion_before_it_opens() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.hours = 2
    assert world.run(world.due("rollback", 0))[CHANGE].did is Did.SUPERSEDED
    assert [pull.number for pull in world.open()] == [2]


def test_a_rollback_is_latched() -> None:
    world = ForgeWorld()
    world.run(world.due("rollback", 0))
    verdict = world.verdict(world.due("promote"))
    assert verdict.action is Action.ROLLBACK
    for standing in (world.due("promote"), world.holding(), world.stable(), world.holding(Reason.KNOWN_BAD)):
        assert world.run(standing)[CHANGE].did is Did.FOUND
    assert [pull.number for pull in world.open()] == [1]
    world.run(world.due("promote", candidate="score-predictor-00003"))
    assert [pull.number for pull in world.open()] == [2], "a new candidate withdraws it"


def test_a_latched_rollback_yields_to_a_touched_target() -> None:
    world = ForgeWorld()
    world.run(world.due("rollback", 0))
    world.commit(SCORE, b"model: 3\npercent: 10\n")
    world.run(world.holding())
    assert not world.open()


def test_a_rollback_about_another_digest_supersedes_the_one_before() -> None:
    world = ForgeWorld()
    world.run(world.due("rollback", 0))
    world.run(world.due("rollback", 0, candidate="score-predictor-00003"))
    assert [pull.number for pull in world.open()] == [2]


def test_caps_hold_promotions_and_spare_rollbacks() -> None:
    names = ("a", "b", "c", "d")
    world = ForgeWorld(first_repository(names), limits=Limits(open=2))
    promotions = [world.due("promote", name=name) for name in names[:3]]
    world.run(*promotions, world.due("rollback", 0, name="d"))
    assert len(world.open()) == 3
    held = judge_pulls(world.ground(), promotions).verdicts["prod/fraud/c"]
    assert (held.reason, held.effects) == (Reason.OPEN_LIMIT, ())


def test_a_target_that_is_gone_from_git_takes_its_pull_request_along() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.covered = frozenset({"staging"})
    world.run()
    assert len(world.open()) == 1, "another run's clusters are not our business"
    world.covered = frozenset({"prod"})
    world.run()
    assert not world.open()


def test_what_the_policy_withholds_is_left_alone() -> None:
    world = ForgeWorld()
    world.run(world.due("promote"))
    world.commit(SCORE, b"model: 3\npercent: 10\n")
    world.run(replace(world.holding(Reason.SUSPENDED), withheld=True))
    assert len(world.open()) == 1


def test_the_policy_may_have_rollbacks_merged() -> None:
    world = ForgeWorld(policy=PullPolicy(merge=Merge.AUTO))
    world.run(world.due("rollback", 0))
    assert len(world.open()) == 1, "observed again before it is merged"
    assert world.run(world.due("rollback", 0))[CHANGE].did is Did.MERGED
    assert world.repository.read_file(world.base, SCORE) == b"model: 1\npercent: 0\n"


def test_without_analysis_no_promotion_is_merged_by_itself() -> None:
    world = ForgeWorld(policy=PullPolicy(merge=Merge.AUTO))
    world.run(world.due("promote"))
    assert world.run(world.due("promote"))[CHANGE].did is Did.FOUND
    assert len(world.open()) == 1


def test_rebuilt_when_it_no_longer_applies() -> None:
    world = ForgeWorld()
    touched = world.touched()
    world.run(world.due("promote"))
    (pull,) = world.open()
    # Somebody writes a line beside ours: the file has moved, the target has not been touched.
    world.commit(SCORE, b"model: 1\npercent: 10\n# note\n")
    standing = world.due("promote")
    proposal = standing.proposal
    assert proposal is not None
    same = replace(proposal.change, id=pull.branch[-8:], branch=pull.branch)
    moved = replace(proposal, change=same, files={SCORE: b"model: 1\n# note\n"})
    assert world.run(replace(standing, touched=touched, proposal=moved))[CHANGE].did is Did.UPDATED
    (rebuilt,) = world.open()
    assert rebuilt.number == pull.number
    assert world.repository.trees[rebuilt.head][SCORE] == b"model: 1\n# note\n"
    assert world.repository.infos[rebuilt.head].parents == (world.base,)


def test_two_runs_that_decide_differently_at_the_same_moment_leave_the_lower_number() -> None:
    world = ForgeWorld()
    world.repository.before_push.append(lambda: world.run(world.due("step", 25)))
    report = world.run(world.due("promote"))[CHANGE]
    assert (report.did, report.number) == (Did.FOUND, 1)
    assert [pull.number for pull in world.open()] == [1]


def test_a_rollback_survives_whatever_was_opened_at_the_same_moment() -> None:
    world = ForgeWorld()
    world.repository.before_push.append(lambda: world.run(world.due("step", 25)))
    world.run(world.due("rollback", 0))
    (pull,) = world.open()
    assert pull.branch.startswith("gitops-rollout/prod/fraud/score/rollback-")


def test_two_that_are_open_for_one_change_become_one() -> None:
    """A run that died after it had opened the new one and before it closed the old one."""
    world = ForgeWorld()
    world.run(world.due("step", 25))
    step, promote = world.due("step", 25), world.due("promote")
    commit = world.repository.commit([commit_request(promote.proposal)])[0]
    world.forge().publish([draft_of(promote.proposal, commit)])
    assert len(world.open()) == 2
    world.run(replace(world.holding(), change=step.change))
    assert [pull.number for pull in world.open()] == [2], "the newer one has superseded the older"
