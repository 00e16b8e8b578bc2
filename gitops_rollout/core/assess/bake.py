"""The time after a promotion in which a failing analysis still rolls back."""

from gitops_rollout.core.assess.harm import verdict_on
from gitops_rollout.core.assess.known import Known
from gitops_rollout.core.assess.readiness import is_ready
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
    return Bake(open=is_open, failing=failing, previous_usable=is_previous_usable(known))


def is_previous_usable(known: Known) -> bool:
    """Whether the previous revision is ready, runs another model, is what Git ran just before, and is not known-bad.

    After a `git revert` of a canary KServe's previous revision is the bad one, after a change of metadata it is the
    same model: going back to either is no rollback.
    """
    name = known.tracking.previous_rolledout
    version, before = known.version(name), ran_before(known.line)
    if version is None or before is None or not is_ready(known.revision(name)):
        return False
    if version.digest == known.today.digest or version.digest != before.digest:
        return False
    return version.target not in known_bad(known.line, known.component, known.facts.rollbacks)
