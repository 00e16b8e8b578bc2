"""A target on its way through a run: what was seen of it, and what is decided so far."""

from dataclasses import dataclass, replace

from gitops_rollout.model.decision import Action, Decision, Reason
from gitops_rollout.model.history import History
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.observation import TargetObservation
from gitops_rollout.model.policy import Settings
from gitops_rollout.model.targets import Target


@dataclass(frozen=True, slots=True)
class Judged:
    """One target with its settings, what was seen, and its decision.

    `decision` is what the evidence asks for; `kept_back` stands in its place in every report where something beside
    the evidence holds it (an old view, the policy, a refused edit). `observation` is None where there was nothing to
    observe. `withheld` is True when policy keeps the run's hands off the target: its pull requests are then left
    alone, too.
    """

    target: Target
    settings: Settings
    history: History
    decision: Decision
    kept_back: Decision | None = None
    live: LiveInferenceService | None = None
    observation: TargetObservation | None = None
    withheld: bool = False
    error: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> Decision:
        """The decision as it is reported and acted on."""
        return self.kept_back or self.decision

    def kept(self, reason: Reason, message: str, *, alarm: bool = False) -> "Judged":
        """The same target kept back: what it would have done stays visible in the percents of its decision."""
        kept = replace(self.decision, action=Action.HOLD, reason=reason, message=message, alarm=alarm)
        return replace(self, kept_back=kept)


def hold(reason: Reason, message: str, *, alarm: bool = False) -> Decision:
    """A hold of a target about which nothing else is known."""
    return Decision(Action.HOLD, reason, message, alarm=alarm)
