"""An open pull request of ours, with what its branch and its commit say of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gitops_rollout.core.pull_marker import parse_marker
from gitops_rollout.core.trailers import Trailers
from gitops_rollout.model.change import PullRequest
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.observation import RevisionRef
from gitops_rollout.model.targets import Component

_BRANCH = re.compile(
    r"gitops-rollout/(?P<change>[^/\s]+/[^/\s]+/[^/\s]+)/"
    r"(?P<action>promote|rollback|start|restore|step-[0-9]{1,3})-(?P<id>[0-9a-f]{8})"
)


@dataclass(frozen=True, slots=True)
class BranchName:
    """The parts of a branch of ours: change `prod/fraud/score`, action `promote` or `step-25`, id of 8 hex digits."""

    change: str
    action: str
    id: str


def parse_branch(branch: str) -> BranchName | None:
    """The parts of a branch name, None where it is not one of ours."""
    match = _BRANCH.fullmatch(branch)
    return BranchName(match["change"], match["action"], match["id"]) if match else None


@dataclass(frozen=True, slots=True)
class Opened:
    """An open pull request and the facts that it is judged by.

    `trailers` and `message` are its head commit's. `ours` is False where others committed to the branch. `stale` says
    why it is not fresh, None where it is. `applies` is False where merging it would not give what is proposed now.
    """

    pull: PullRequest
    name: BranchName
    trailers: Trailers
    message: str = ""
    ours: bool = True
    stale: str | None = None
    applies: bool = True

    @property
    def rollback(self) -> bool:
        """Whether it goes back."""
        return self.name.action == "rollback"

    @property
    def requested(self) -> bool:
        """Whether a person asked for it: their commit says so, not the text that anybody can edit."""
        return self.ours and self.trailers.requested

    def new_candidate(self, decision: Decision) -> bool:
        """Whether the decision is about another candidate revision than the pull request."""
        return _another(self.trailers.candidates, decision.candidate)

    def new_baseline(self, decision: Decision) -> bool:
        """Whether the decision is about another baseline revision than the pull request."""
        return _another(self.trailers.baselines, decision.baseline)

    @property
    def marked_closed(self) -> bool:
        """Whether it is open although we marked it as closed: killed in between, or reopened by a person."""
        marker = parse_marker(self.pull.body)
        return self.pull.closed_by_us or (marker is not None and marker.closed_by_us)

    def moved_on(self, decision: Decision) -> bool:
        """Whether the baseline is neither the one that was named nor the candidate itself, which a 0 goes back from."""
        named = self.trailers.candidates
        return _another(self.trailers.baselines, decision.baseline) and _another(named, decision.baseline)


def _another(then: Mapping[Component, RevisionRef], now: Mapping[Component, RevisionRef]) -> bool:
    """Names are used again, so uids decide; where either side has none, names do."""
    for component in then.keys() & now.keys():
        old, new = then[component], now[component]
        if old.uid and new.uid:
            if old.uid != new.uid:
                return True
        elif old.name != new.name:
            return True
    return False
