"""Branches that nobody needs any more go; those that somebody may still want stay."""

from dataclasses import replace

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.model.change import Standing
from gitops_rollout.model.decision import Reason
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.leftovers import tidy
from tests.reconcile.forge_world import MAIN, ForgeWorld

SCORE = "clusters/prod/score.yaml"


def tidied(world: ForgeWorld, *standings: Standing) -> set[str]:
    """The actions of the branches that are left."""
    acted = Acted()
    tidy(world.ground(), acted, standings)
    assert not acted.errors
    return {name.action for branch in branches(world) if (name := parse_branch(branch)) is not None}


def branches(world: ForgeWorld) -> list[str]:
    refs = world.repository.refs
    return [ref.removeprefix("refs/heads/") for ref in refs if ref.startswith("refs/heads/") and ref != MAIN]


def left_behind(world: ForgeWorld, how: str) -> str:
    """A step whose pull request has ended while its branch stays, as when a run dies in between."""
    world.run(world.due("step", 25))
    (pull,) = world.open()
    if how == "merged":
        world.person_merges(pull.number)
    elif how == "closed by us":
        world.run(world.holding(Reason.BASELINE_NOT_READY))
    else:
        world.person_closes(pull.number)
    world.repository.refs[f"refs/heads/{pull.branch}"] = pull.head
    return pull.branch


def test_the_branch_of_a_merged_one_goes() -> None:
    world = ForgeWorld()
    left_behind(world, "merged")
    assert tidied(world, world.holding()) == set()


def test_the_branch_of_one_that_we_closed_goes() -> None:
    world = ForgeWorld()
    left_behind(world, "closed by us")
    assert tidied(world, world.holding()) == set()


def test_what_a_person_closed_stays_to_be_reopened_until_its_ground_has_moved() -> None:
    world = ForgeWorld()
    left_behind(world, "closed by a person")
    assert tidied(world, world.holding()) == {"step-25"}
    world.commit(SCORE, b"model: 3\npercent: 10\n")
    assert tidied(world, world.holding()) == set()


def test_what_is_open_and_what_this_run_proposes_stay() -> None:
    world = ForgeWorld()
    left_behind(world, "closed by us")
    assert tidied(world, world.due("step", 25)) == {"step-25"}, "it is about to be opened, perhaps by another run"
    world.run(world.due("promote"))
    assert tidied(world, world.holding()) == {"promote"}


def test_commits_by_others_are_never_deleted() -> None:
    world = ForgeWorld()
    branch = left_behind(world, "merged")
    world.person_commits(branch)
    world.commit(SCORE, b"model: 3\npercent: 10\n")
    assert tidied(world, world.holding()) == {"step-25"}


def test_what_the_policy_withholds_and_what_is_not_in_this_run_stay() -> None:
    world = ForgeWorld()
    left_behind(world, "merged")
    assert tidied(world, replace(world.holding(), withheld=True)) == {"step-25"}
    assert tidied(world) == {"step-25"}
