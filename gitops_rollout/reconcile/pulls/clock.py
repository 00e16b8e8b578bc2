"""Reads the clock of each rollback: the one place where a merged rollback's pull request is looked up again."""

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.lifecycle.verdicts import Verdict
from gitops_rollout.core.rollback_clock import Pulled, rollback_clock, rolled_back
from gitops_rollout.model.change import Did, PullReport, PullRequest, PullState
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.observation import TargetFacts
from gitops_rollout.model.rollback import RollbackClock, Stage
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.reconcile.world import World


def clock_of(
    world: World, judged: Judged, decision: Decision, change: str, verdict: Verdict | None, report: PullReport | None
) -> RollbackClock | None:
    """The clock of one target's rollback, None where it has none.

    `decision` is what came of it once pull requests were judged, `report` what this run did about one. Of a rollback
    that was merged and is not live yet the forge is asked when its pull request was opened; no answer is unknown.
    """
    facts = facts_of(world, judged)
    pull = _of_this_run(world, verdict, report) if decision.action is Action.ROLLBACK else None
    clock = rollback_clock(facts, judged.observation, decision, pull)
    if clock is None or decision.action is Action.ROLLBACK or clock.stage is Stage.DONE:
        return clock
    found = _ended(world, change, {version.commit for version in rolled_back(facts).values() if version})
    return clock if found is None else rollback_clock(facts, judged.observation, decision, _pulled(found))


def facts_of(world: World, judged: Judged) -> TargetFacts:
    """What was known of a target when it was judged."""
    return TargetFacts(judged.target, judged.settings, judged.live, judged.history, world.now, world.now)


def _of_this_run(world: World, verdict: Verdict | None, report: PullReport | None) -> Pulled | None:
    if report is None or report.number is None or report.state is PullState.CLOSED:
        return None
    known = verdict.pull if verdict is not None else None
    merged = world.now if report.did is Did.MERGED else None
    if known is not None and known.number == report.number:
        return Pulled(known.number, known.url, known.created, merged, known.draft)
    opened = world.now if report.did in (Did.CREATED, Did.SUPERSEDED) else None
    return Pulled(report.number, report.url or "", opened, merged)


def _ended(world: World, change: str, commits: set[str]) -> PullRequest | None:
    """The merged pull request that made one of these commits of the base branch."""
    if world.forge is None:
        return None
    try:
        ended = world.forge.ended_pulls(f"gitops-rollout/{change}/")
    except RolloutError:
        return None  # the instant stays unknown, and is said to be
    named = [(parse_branch(pull.branch), pull) for pull in ended if pull.merged_commit in commits]
    return next((pull for name, pull in named if name is not None and name.action == "rollback"), None)


def _pulled(pull: PullRequest) -> Pulled:
    return Pulled(pull.number, pull.url, pull.created, pull.ended, pull.draft)
