"""Which targets of a run are shown: by phase, by reason, or only what somebody should look at."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.report.counts import kind_of, summarise


@dataclass(frozen=True, slots=True)
class Selection:
    """What to show; what is empty or False lets everything through. `phases` match any component of a target."""

    phases: Collection[str] = ()
    reasons: Collection[str] = ()
    alarms: bool = False

    def shows(self, target: TargetReport) -> bool:
        """Whether a target is shown; all that is asked for must hold."""
        if self.phases and not any(seen.phase in self.phases for seen in target.components.values()):
            return False
        if self.reasons and target.decision.reason not in self.reasons:
            return False
        return not self.alarms or kind_of(target) in ("alarm", "error")


def select(report: RunReport, selection: Selection) -> RunReport:
    """The report with the targets that are asked for, counted anew; what belongs to no one target stays."""
    shown = tuple(target for target in report.targets if selection.shows(target))
    return replace(report, targets=shown, summary=summarise(shown))
