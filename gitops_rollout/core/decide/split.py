"""Outcomes of rows 17 to 22: percent 1 to 99, and what nobody foresaw."""

from gitops_rollout.core.decide.conditions import ready_is_rolled
from gitops_rollout.core.decide.early import waiting
from gitops_rollout.core.decide.outcomes import alarm, forward, hold, name, roll_back
from gitops_rollout.model.decision import Action, ComponentDecision, Reason
from gitops_rollout.model.observation import Observation, Readiness, Verdict


def tracking_regressed(seen: Observation) -> ComponentDecision:
    """Row 17."""
    message = f"the percent was put on {name(seen.ready)}, which served everything: KServe takes that for a rollback"
    return alarm(
        seen, Reason.TRACKING_REGRESSED, f"{message} to {name(seen.rolled)}; remove the percent, or say 0 to mean it"
    )


def bad_baseline(seen: Observation) -> ComponentDecision:
    """Row 18, and wherever a 0 would send more to a baseline that is no better."""
    if seen.baseline_known_bad:
        message = f"the baseline {name(seen.rolled)} was taken back itself: going back to it helps nobody"
        return alarm(seen, Reason.BASELINE_KNOWN_BAD, f"{message}; write a good spec")
    why = seen.baseline_trouble or "it is not ready"
    message = f"the canary fails, and its baseline {name(seen.rolled)} is nothing to go back to: {why}"
    return alarm(seen, Reason.BASELINE_NOT_READY, message)


def canary_not_ready(seen: Observation) -> ComponentDecision:
    """Row 19."""
    if seen.created_readiness is Readiness.FAILED:
        message = f"{name(seen.created)} failed ({seen.readiness_message}): back to {name(seen.rolled)}"
        return roll_back(seen, Reason.CANARY_FAILED, message, candidate=seen.created, model=seen.model)
    if seen.created_readiness is Readiness.OVERDUE:
        message = f"{name(seen.created)} was not ready by the deadline: back to {name(seen.rolled)}"
        return roll_back(seen, Reason.DEADLINE_EXCEEDED, message, candidate=seen.created, model=seen.model)
    if seen.ready is not None and not ready_is_rolled(seen) and seen.ready_is_bad:
        return _wrong_revision(seen)
    return waiting(seen)


def _wrong_revision(seen: Observation) -> ComponentDecision:
    """While the new revision is not ready its share goes to the latest ready one, which was taken back."""
    if seen.baseline_known_bad or not seen.baseline_ready:
        return bad_baseline(seen)
    message = f"until {name(seen.created)} is ready its share goes to {name(seen.ready)}, which was taken back"
    model = None if seen.ready is None else seen.ready.model
    return roll_back(seen, Reason.WRONG_REVISION_SERVED, f"{message}: to 0", candidate=seen.ready, model=model)


def nothing_to_split(seen: Observation) -> ComponentDecision:
    """Row 20."""
    message = f"{name(seen.rolled)} is the baseline itself: remove the percent, which splits nothing"
    return forward(seen, Action.PROMOTE, Reason.NOTHING_TO_SPLIT, message)


def canary(seen: Observation) -> ComponentDecision:
    """Row 21."""
    if seen.named_by_rollback or seen.verdict is Verdict.FAIL:
        cause = "is named by a rollback pull request" if seen.named_by_rollback else "fails its analysis"
        message = f"{name(seen.ready)} {cause}: back to {name(seen.rolled)}"
        return roll_back(seen, Reason.ANALYSIS_FAILED, message, candidate=seen.ready, model=seen.model)
    if seen.known_bad:
        return hold(seen, Reason.KNOWN_BAD, f"model {seen.model} was taken back: nothing is proposed for it")
    if seen.verdict in (Verdict.NO_DATA, Verdict.INCONCLUSIVE):
        return _undecided(seen)
    if not seen.soaked:
        message = f"{name(seen.ready)} soaks at {seen.desired} %"
        return hold(seen, Reason.SOAKING, message, not_before=seen.soaked_at)
    if not seen.window_open:
        message = f"{name(seen.ready)} has soaked at {seen.desired} % and waits for a window"
        return hold(seen, Reason.WINDOW_CLOSED, message, not_before=seen.window_opens_at)
    passed = "passed its analysis" if seen.verdict is Verdict.PASS else "has no analysis"
    message = f"{name(seen.ready)} has soaked at {seen.desired} % and {passed}"
    if seen.next_step is not None:
        return forward(seen, Action.STEP, Reason.SOAKED, f"{message}: raise to {seen.next_step} %", seen.next_step)
    return forward(seen, Action.PROMOTE, Reason.SOAKED, f"{message}: remove the percent, which gives it everything")


def _undecided(seen: Observation) -> ComponentDecision:
    reason = Reason.NO_DATA if seen.verdict is Verdict.NO_DATA else Reason.INCONCLUSIVE
    open_checks = [one for one in seen.evidence if one.verdict is seen.verdict]
    told = "; ".join(f"{one.name}: {one.message or one.verdict}" for one in open_checks)
    return hold(seen, reason, f"{name(seen.ready)} cannot be judged yet ({told or seen.verdict})")


def unrecognised(seen: Observation) -> ComponentDecision:
    """Row 22."""
    message = (
        f"no rule fits: percent {seen.desired}, created {name(seen.created)}, ready {name(seen.ready)}, "
        f"rolled {name(seen.rolled)}, previous {name(seen.previous)}"
    )
    return alarm(seen, Reason.UNRECOGNISED, message)
