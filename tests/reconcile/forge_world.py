"""One target in one file, an embedded forge in memory, and runs that judge and act: for the life of pull requests."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from gitops_rollout.core.lifecycle.verdicts import Verdict
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import Proposal, PullReport, PullRequest, Standing
from gitops_rollout.model.decision import Action, Reason
from gitops_rollout.model.policy import Limits, PullPolicy
from gitops_rollout.reconcile.pulls.act import act
from gitops_rollout.reconcile.pulls.acted import Acted
from gitops_rollout.reconcile.pulls.judge import Ground, judge_pulls
from tests.core.changes import a_change, a_decision
from tests.forges.memory import EPOCH, MemoryRepository

MAIN = "refs/heads/main"


def first_repository(names: tuple[str, ...] = ("score",)) -> MemoryRepository:
    repository = MemoryRepository()
    files = {f"clusters/prod/{name}.yaml": b"model: 1\npercent: 10\n" for name in names}
    repository.refs[MAIN] = repository.make({**files, "README": b"hello"}, "first", [], by="person")
    return repository


@dataclass
class ForgeWorld:
    """What a test does to the world, and `run`, which is one run of the tool on it."""

    repository: MemoryRepository = field(default_factory=first_repository)
    hours: float = 1
    limits: Limits = field(default_factory=Limits)
    policy: PullPolicy = field(default_factory=PullPolicy)
    covered: frozenset[str] = frozenset({"prod"})
    last_acted: Acted = field(default_factory=Acted)

    @property
    def base(self) -> str:
        return self.repository.refs[MAIN]

    def forge(self, who: str = "gitops-rollout") -> LocalForge:
        return LocalForge(self.repository, EPOCH + timedelta(hours=self.hours), who)

    def ground(self) -> Ground:
        now = EPOCH + timedelta(hours=self.hours)
        return Ground(
            self.repository, self.forge(), "main", self.base, self.limits, now, frozenset({"us"}), self.covered
        )

    def touched(self, name: str = "score") -> str:
        """The last commit of the base that touched a target's file."""
        commit, path = self.base, f"clusters/prod/{name}.yaml"
        while parents := self.repository.infos[commit].parents:
            if self.repository.trees[parents[0]].get(path) != self.repository.trees[commit].get(path):
                return commit
            commit = parents[0]
        return commit

    def due(
        self,
        action: str,
        to: int | None = None,
        candidate: str = "score-predictor-00002",
        name: str = "score",
        text: str = "Why",
    ) -> Standing:
        """A decision that changes Git, with its proposal."""
        change = a_change(action, to, self.base, candidate, name, self.touched(name))
        path = f"clusters/prod/{name}.yaml"
        now = self.repository.read_file(self.base, path) or b""
        model = now.split(b"\n")[0]
        data = model + (b"\n" if to is None else b"\npercent: %d\n" % to)
        message = f"{action} prod/fraud/{name}\n\n{format_trailers(change)}\n"
        proposal = Proposal(change, {path: data}, "diff", f"{action} {name}", text, message, self.policy)
        return Standing(
            change.identity.change, change.source, change.targets, change.decision, self.touched(name), proposal
        )

    def holding(self, reason: Reason = Reason.SOAKING, candidate: str = "score-predictor-00002") -> Standing:
        """A decision that leaves Git as it is."""
        standing = self.due("promote", candidate=candidate)
        held = replace(a_decision(candidate=candidate), action=Action.HOLD, reason=reason, to_percents={})
        return replace(standing, decision=held, proposal=None)

    def stable(self) -> Standing:
        held = replace(a_decision(), action=Action.STABLE, reason=Reason.STABLE, to_percents={})
        return replace(self.holding(), decision=held)

    def run(self, *standings: Standing) -> dict[str, PullReport]:
        ground = self.ground()
        acted = act(ground, judge_pulls(ground, standings))
        self.last_acted = acted
        assert not acted.errors, acted.errors
        return acted.reports

    def verdict(self, standing: Standing) -> Verdict:
        return judge_pulls(self.ground(), [standing]).verdicts[standing.change]

    def open(self) -> list[PullRequest]:
        return list(self.forge().open_pulls())

    def commit(self, path: str, data: bytes, message: str = "by a person") -> str:
        commit = self.repository.make(
            {**self.repository.trees[self.base], path: data}, message, [self.base], by="person"
        )
        self.repository.refs[MAIN] = commit
        return commit

    def person_commits(self, branch: str) -> str:
        ref = f"refs/heads/{branch}"
        tip = self.repository.refs[ref]
        files = {**self.repository.trees[tip], "theirs": b"theirs"}
        self.repository.refs[ref] = self.repository.make(files, "by a person", [tip], by="person")
        return self.repository.refs[ref]

    def person_closes(self, number: int) -> None:
        pull = self.forge().pull(number)
        assert pull is not None
        self.forge("person").close(pull, "no", by_us=False, keep_branch=True)

    def person_merges(self, number: int) -> None:
        pull = self.forge().pull(number)
        assert pull is not None
        assert self.forge("person").merge(pull, self.base).state == "merged"
