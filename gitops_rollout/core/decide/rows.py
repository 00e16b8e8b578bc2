"""The decision table, from top to bottom: the first row whose conditions all hold decides."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gitops_rollout.core.decide import arrival, early, split, zero
from gitops_rollout.core.decide import conditions as when
from gitops_rollout.core.decide.outcomes import alarm, hold
from gitops_rollout.model.decision import FORWARD, Action, ComponentDecision, Reason
from gitops_rollout.model.observation import Observation


@dataclass(frozen=True, slots=True)
class Row:
    """One row. With a known-bad baseline that serves, the holds of a `watched` row are alarms.

    What a row with `needs_history` would move forward waits while Git's history is not known to its beginning.
    """

    number: int
    title: str
    conditions: tuple[when.Condition, ...]
    outcome: Callable[[Observation], ComponentDecision]
    watched: bool = False
    needs_history: bool = False

    def matches(self, observation: Observation) -> bool:
        """Whether every condition holds."""
        return all(condition.holds(observation) for condition in self.conditions)

    def decide(self, observation: Observation) -> ComponentDecision:
        """What the row says of an observation that it matches."""
        decision = self.outcome(observation)
        if self.watched and _is_quiet_hold(decision) and observation.baseline_known_bad:
            decision = alarm(observation, Reason.BASELINE_KNOWN_BAD, f"a known-bad baseline serves; {decision.message}")
        if self.needs_history and not observation.history_complete and decision.action in FORWARD:
            message = "Git's history is cut off before what would decide: fetch more of it"
            decision = hold(observation, Reason.HISTORY_TOO_SHALLOW, message)
        return replace(decision, row=self.number)


def _is_quiet_hold(decision: ComponentDecision) -> bool:
    return decision.action is Action.HOLD and not decision.alarm


ROWS: tuple[Row, ...] = (
    Row(1, "not in the cluster", (when.MISSING,), early.missing),
    Row(2, "a percent that KServe ignores or refuses", (when.PERCENT_UNUSABLE,), early.unusable_percent),
    Row(3, "stopped or inert", (when.HALTED,), early.halted),
    Row(4, "harm first", (when.BOTH_SPLIT, when.HARMFUL, when.BASELINE_GOOD), early.harm),
    Row(5, "out of sync", (when.OUT_OF_SYNC,), arrival.out_of_sync),
    Row(6, "the baseline is gone", (when.BASELINE_GONE,), early.baseline_gone),
    Row(7, "not settled", (when.UNSETTLED,), early.unsettled),
    Row(
        8,
        "a new revision without a split",
        (when.NO_PERCENT_OR_HUNDRED, when.CREATED_NOT_READY),
        early.unguarded,
        watched=True,
    ),
    Row(9, "percent 100", (when.HUNDRED, when.CREATED_READY), early.cleanup),
    Row(10, "serving", (when.NO_PERCENT, when.CREATED_READY, when.READY_ROLLED), early.serving),
    Row(11, "no baseline", (when.BELOW_HUNDRED, when.NOTHING_ROLLED), early.no_baseline),
    Row(
        12,
        "0, and the latest serves everything",
        (when.ZERO, when.CREATED_READY, when.READY_ROLLED),
        zero.zero_serves,
        needs_history=True,
    ),
    Row(13, "0, and the baseline's spec is back", (when.ZERO, when.BASELINE_SPEC), zero.restoring, watched=True),
    Row(14, "0, and taken back", (when.ZERO, when.TAKEN_BACK), zero.taken_back, watched=True),
    Row(
        15,
        "0, and a new spec is not ready",
        (when.ZERO, when.NEW_SPEC, when.CREATED_NOT_READY),
        zero.starting_up,
        watched=True,
    ),
    Row(
        16,
        "0, and a new spec is ready",
        (when.ZERO, when.NEW_SPEC, when.CREATED_READY, when.READY_NOT_ROLLED),
        zero.ready_at_zero,
        needs_history=True,
    ),
    Row(
        17,
        "a percent on what served everything",
        (when.SPLIT, when.READY_NOT_ROLLED, when.PREVIOUS_ROLLED, when.REGRESSED),
        split.tracking_regressed,
    ),
    Row(
        18,
        "a failing canary over a baseline that is no better",
        (when.SPLIT, when.CANARY_FAILING, when.BASELINE_BAD),
        split.bad_baseline,
    ),
    Row(
        19,
        "the canary is not ready",
        (when.SPLIT, when.CREATED_NOT_READY),
        split.canary_not_ready,
        watched=True,
    ),
    Row(20, "nothing to split", (when.SPLIT, when.CREATED_READY, when.READY_ROLLED), split.nothing_to_split),
    Row(
        21,
        "an active canary",
        (when.SPLIT, when.CREATED_READY, when.READY_NOT_ROLLED),
        split.canary,
        needs_history=True,
    ),
    Row(22, "anything else", (when.ANYTHING,), split.unrecognised),
)
