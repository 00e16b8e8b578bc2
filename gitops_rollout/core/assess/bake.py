"""The time after a promotion in which a failing analysis still rolls back."""

from gitops_rollout.core.assess.harm import verdict_on
from gitops_rollout.core.assess.known import Known
from gitops_rollout.core.assess.reliance import trouble
from gitops_rollout.core.assess.timing import bakes_from, is_past
from gitops_rollout.core.history import ran_before
from gitops_rollout.core.memory import known_bad
from gitops_rollout.model.observation import Bake, Verdict


def bake_of(known: Known) -> Bake:
    """Whether the bake window is open, whether the promoted revision fails in it, and whether to go back is safe."""
    since = bakes_from(known.line, known.live.service)
    is_open = since is not None and not is_past(since, known.facts.settings.bake, known.facts.seen_at)
    rolled = known.tracking.latest_rolledout
    failing = verdict_on(known, rolled) is Verdict.FAIL
    why_not = previous_trouble(known)
    return Bake(open=is_open, failing=failing, previous_usable=not why_not, trouble=why_not)


def previous_trouble(known: Known) -> str:
    """Why the previous revision is nothing to go back to, in words; empty where it is.

    It must be ready and stay, run another model, be what Git ran just before, and not be known-bad.
    After a `git revert` of a canary KServe's previous revision is the bad one, after a change of metadata it is the
    same model: going back to either is no rollback.
    """
    name = known.tracking.previous_rolledout
    version, before = known.version(name), ran_before(known.line)
    unreliable = trouble(known, name)
    if unreliable:
        return unreliable
    if version is None or before is None:
        return "what it runs stands nowhere in Git's history"
    if version.digest == known.today.digest:
        return "it runs the same model"
    if version.digest != before.digest:
        return "it is not what Git ran just before"
    bad = version.target in known_bad(known.line, known.component, known.facts.rollbacks)
    return "its model was taken back" if bad else ""
