"""A small forge: numbered pull requests over branches that hold one commit each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gitops_rollout.core.freshness import staleness
from gitops_rollout.core.lifecycle.opened import Opened, parse_branch
from gitops_rollout.core.lifecycle.verdicts import Close, Effect, Open, Unmark, Update
from gitops_rollout.core.pull_marker import body_of
from gitops_rollout.core.trailers import parse_trailers
from gitops_rollout.model.change import Proposal, PullRequest, PullState
from tests.core.closed_loop.git import PATH, Git, edited


@dataclass
class Hub:
    """`proposals` holds what each pull request's branch would merge. Two open ones on one branch are refused."""

    pulls: dict[int, PullRequest] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)

    def copy(self) -> "Hub":
        return Hub(dict(self.pulls), dict(self.proposals))

    def open_pulls(self) -> list[PullRequest]:
        return [pull for pull in self.pulls.values() if pull.state is PullState.OPEN]

    def ended(self, change: str) -> Sequence[PullRequest]:
        found = [pull for pull in self.pulls.values() if pull.state is not PullState.OPEN]
        return [pull for pull in reversed(found) if pull.branch.startswith(f"gitops-rollout/{change}/")]

    def opened(self, git: Git, head: str, touched: str | None) -> list[Opened]:
        """The open ones as a run sees them that has read the base at `head`."""
        return [self._opened(pull, git, head, touched) for pull in self.open_pulls()]

    def _opened(self, pull: PullRequest, git: Git, head: str, touched: str | None) -> Opened:
        message = self.proposals[pull.number].message
        said = parse_trailers(message)
        name = parse_branch(pull.branch)
        assert name is not None
        stale = staleness(said.base, head, touched, {PATH}, git.touched_since)
        return Opened(pull, name, said, message, ours=True, stale=stale)

    def do(self, effect: Effect, now: datetime) -> None:
        """One effect. What has changed in between is left as it is: leases make the effect fail."""
        match effect:
            case Open(proposal, supersedes):
                self._open(proposal, now)
                for close in supersedes:
                    self.do(close, now)
            case Close(pull):
                if self.pulls[pull.number].state is PullState.OPEN:
                    self._end(pull.number, PullState.CLOSED, now, closed_by_us=True)
            case Update(pull, proposal):
                if self.pulls[pull.number].state is PullState.OPEN:
                    self.proposals[pull.number] = proposal
                    body = body_of(proposal)
                    self.pulls[pull.number] = replace(self.pulls[pull.number], body=body, title=proposal.title)
            case Unmark(pull):
                self.pulls[pull.number] = replace(self.pulls[pull.number], closed_by_us=False)
            case _:
                raise AssertionError(f"unexpected {effect}")

    def close_by_hand(self, number: int, now: datetime) -> None:
        self._end(number, PullState.CLOSED, now)

    def merge(self, number: int, git: Git, now: datetime, *, lose_comment: bool, lose_trailers: bool) -> bool:
        """A person merges; refused where the pull request is not fresh."""
        pull, proposal = self.pulls[number], self.proposals[number]
        base = parse_trailers(proposal.message).base
        assert base is not None
        if staleness(base, git.head, None, {PATH}, git.touched_since):
            return False
        decision = proposal.change.decision
        message = "merged" if lose_trailers else proposal.message
        sha = git.commit(edited(git.manifest, decision, lose_comment=lose_comment), now, message)
        self._end(number, PullState.MERGED, now)
        self.pulls[number] = replace(self.pulls[number], merged_commit=sha)
        assert pull.state is PullState.OPEN
        return True

    def _open(self, proposal: Proposal, now: datetime) -> None:
        if any(pull.branch == proposal.change.branch for pull in self.open_pulls()):
            return
        number = len(self.pulls) + 1
        self.proposals[number] = proposal
        self.pulls[number] = PullRequest(
            number=number,
            url=f"https://forge.example/{number}",
            state=PullState.OPEN,
            branch=proposal.change.branch,
            head=f"{number:040x}",
            base_branch="main",
            title=proposal.title,
            body=body_of(proposal),
            created=now,
        )

    def _end(self, number: int, state: PullState, now: datetime, *, closed_by_us: bool = False) -> None:
        self.pulls[number] = replace(self.pulls[number], state=state, ended=now, closed_by_us=closed_by_us)
