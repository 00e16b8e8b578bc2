"""Whatever happens in whatever order: at rest at most one open pull request a change, and nobody overwritten."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.lifecycle.vetoes import by_a_person
from gitops_rollout.model.change import PullState, Standing
from gitops_rollout.model.decision import Reason
from tests.reconcile.forge_world import ForgeWorld

CHANGE = "prod/fraud/score"
SCORE = "clusters/prod/score.yaml"
CANDIDATES = st.sampled_from(["score-predictor-00002", "score-predictor-00003"])
HOLDS = st.sampled_from([Reason.SOAKING, Reason.UNREACHABLE, Reason.KNOWN_BAD, Reason.BASELINE_NOT_READY])


class Lifecycle(RuleBasedStateMachine):
    """A person, a moving base, and runs with any decision."""

    def __init__(self) -> None:
        super().__init__()
        self.world = ForgeWorld()
        self.theirs: dict[str, str] = {}
        self.vetoed: set[tuple[str, str]] = set()
        self.last: tuple[str, int | None] = ("score-predictor-00002", None)

    def settle(self, standing: Standing) -> None:
        """Two runs: the second one changes nothing, or the first one left something undone."""
        self.world.hours += 0.01
        self.world.run(standing)
        self.world.hours += 0.01
        self.world.run(standing)
        refs = dict(self.world.repository.refs)
        self.world.hours += 0.01
        self.world.run(standing)
        assert self.world.repository.refs == refs, "a still world makes no writes"
        assert len(self.world.open()) <= 1
        for branch, head in self.theirs.items():
            assert self.world.repository.refs[f"refs/heads/{branch}"] == head

    def opened(self, standing: Standing) -> bool:
        assert standing.proposal is not None
        return any(pull.branch == standing.proposal.change.branch for pull in self.world.open())

    @rule(candidate=CANDIDATES, step=st.sampled_from([25, 50, None]))
    def forward(self, candidate: str, step: int | None) -> None:
        self.last = candidate, step
        standing = self.world.due("promote" if step is None else "step", step, candidate)
        self.settle(standing)
        key = ("promote" if step is None else f"step-{step}", candidate)
        mine = [pull for pull in self.world.open() if pull.branch not in self.theirs]
        rollback = any((name := parse_branch(pull.branch)) and name.action == "rollback" for pull in mine)
        if key in self.vetoed:
            assert not self.opened(standing), "a person's no stays a no"
        elif not self.theirs and not rollback:
            assert self.opened(standing), "what is due and nobody said no to is open"

    @rule()
    def forward_again(self) -> None:
        self.forward(*self.last)

    @rule(candidate=CANDIDATES)
    def back(self, candidate: str) -> None:
        standing = self.world.due("rollback", 0, candidate)
        self.settle(standing)
        if ("rollback", candidate) not in self.vetoed and not self.theirs:
            assert self.opened(standing)

    @rule(candidate=CANDIDATES, reason=HOLDS)
    def hold(self, candidate: str, reason: Reason) -> None:
        self.settle(self.world.holding(reason, candidate))

    @rule()
    def stable(self) -> None:
        self.settle(self.world.stable())

    @rule(model=st.integers(1, 3))
    def base_touches_the_target(self, model: int) -> None:
        self.world.commit(SCORE, b"model: %d\npercent: 10\n" % model)

    @rule(text=st.binary(max_size=3))
    def base_moves_elsewhere(self, text: bytes) -> None:
        self.world.commit("README", text)

    @precondition(lambda self: self.world.open())
    @rule()
    def person_closes(self) -> None:
        pull = self.world.open()[0]
        self.world.person_closes(pull.number)
        name = parse_branch(pull.branch)
        assert name is not None
        candidate = "score-predictor-00003" if "uid-00003" in pull.body else "score-predictor-00002"
        self.vetoed.add((name.action, candidate))

    @precondition(lambda self: self.world.open())
    @rule()
    def person_deletes_the_branch(self) -> None:
        branch = self.world.open()[0].branch
        self.world.repository.refs.pop(f"refs/heads/{branch}", None)
        self.theirs.pop(branch, None)

    @precondition(lambda self: self.world.open() and not self.world.open()[0].branch_deleted)
    @rule()
    def person_commits(self) -> None:
        branch = self.world.open()[0].branch
        self.theirs[branch] = self.world.person_commits(branch)

    @precondition(lambda self: not self.world.open() and self.world.forge().all_pulls())
    @rule()
    def person_reopens_the_last(self) -> None:
        last = self.world.forge().all_pulls()[-1]
        name = parse_branch(last.branch)
        if last.state is PullState.CLOSED and name is not None and last.branch not in self.theirs:
            self.world.forge("person").reopen(replace(last))
            candidate = "score-predictor-00003" if "uid-00003" in last.body else "score-predictor-00002"
            others = self.world.forge().all_pulls()[:-1]
            noes = [pull for pull in others if pull.state is PullState.CLOSED and by_a_person(pull)]
            same = [(parse_branch(pull.branch), "uid-00003" in pull.body) for pull in noes]
            if not any(other and (other.action, is_3) == (name.action, candidate[-1] == "3") for other, is_3 in same):
                self.vetoed.discard((name.action, candidate))


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(stateful_step_count=20)
