"""Everything together: Git, a cluster, a forge, a clock, verdicts; and runs that look, decide and act on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gitops_rollout.core.assess import assess, subjects
from gitops_rollout.core.decide import decide_target
from gitops_rollout.core.identity import branch_name, change_name, identify, identity_id
from gitops_rollout.core.lifecycle.admission import Gate
from gitops_rollout.core.lifecycle.judge import Case, judge
from gitops_rollout.core.lifecycle.named import carried, rollback_records
from gitops_rollout.core.lifecycle.verdicts import Verdict as PullVerdict
from gitops_rollout.core.requests.decision import requested_decision
from gitops_rollout.core.requests.objections import objections
from gitops_rollout.core.runs import running_models
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.model.change import Change, Proposal, PullRequest, PullState, Standing
from gitops_rollout.model.decision import CHANGING, Decision
from gitops_rollout.model.observation import Measurement, TargetFacts, TargetObservation
from gitops_rollout.model.policy import Analysis, Limits, Settings
from gitops_rollout.model.requests import Objection, Request
from gitops_rollout.model.targets import Component, Manifest, Source, Target, TargetKey
from tests.core.closed_loop.cluster import Cluster
from tests.core.closed_loop.git import PATH, Git
from tests.core.closed_loop.hub import Hub

KEY = TargetKey("prod", "models", "iris")
SOURCE = Source(PATH, 0, 1)
SETTINGS = Settings(
    steps=(10, 50),
    soak=timedelta(minutes=30),
    deadline=timedelta(hours=1),
    bake=timedelta(hours=1),
    analysis=(Analysis("error-rate", "prometheus", fail_above=0.01),),
)


@dataclass(frozen=True)
class Run:
    """What one run saw and decided, and what it is about to do."""

    facts: TargetFacts
    observation: TargetObservation
    decision: Decision
    proposal: Proposal | None
    verdict: PullVerdict | None


@dataclass
class Loop:
    """The whole world. `failing` are the storage URIs (or images) whose analysis fails now, `silent` has no data."""

    now: datetime
    git: Git = field(default_factory=Git)
    cluster: Cluster = field(default_factory=lambda: Cluster(KEY))
    hub: Hub = field(default_factory=Hub)
    failing: set[str] = field(default_factory=set)
    silent: bool = False
    opened: list[str] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)

    def copy(self) -> "Loop":
        return replace(
            self,
            git=self.git.copy(),
            cluster=self.cluster.copy(),
            hub=self.hub.copy(),
            failing=set(self.failing),
            opened=list(self.opened),
        )

    def look(self) -> Run:
        """Observe, assess, decide and judge; changes nothing."""
        change = change_name(SOURCE, [KEY])
        facts, observation, decision, proposal = self._decide(self.hub.open_pulls())
        if proposal is not None and proposal.change.branch not in {pull.branch for pull in self.hub.open_pulls()}:
            facts, observation, decision, proposal = self._decide([*self.hub.open_pulls(), *self.hub.ended(change)])
        return self._judge(facts, observation, decision, proposal)

    def ask(self, request: Request) -> tuple[Objection, ...]:
        """A person's decision goes through the same pipe, unless something speaks against it."""
        change = change_name(SOURCE, [KEY])
        facts, observation, table, _ = self._decide([*self.hub.open_pulls(), *self.hub.ended(change)])
        against = objections(request.ask, observation, facts.live)
        if not any(one.firm or not request.anyway for one in against):
            decision = requested_decision(request, observation, table)
            proposal = self.propose(observation, decision)
            self.act(self._judge(facts, observation, decision, proposal, overrule=request.anyway))
        return against

    def _judge(
        self,
        facts: TargetFacts,
        observation: TargetObservation,
        decision: Decision,
        proposal: Proposal | None,
        *,
        overrule: bool = False,
    ) -> Run:
        change = change_name(SOURCE, [KEY])
        standing = Standing(change, SOURCE, (KEY,), decision, observation.last_touched, proposal)
        opened = self.hub.opened(self.git, self.git.head, observation.last_touched)
        gate = Gate(self.hub.ended, self.limits, self.now, overrule)
        verdicts = judge(Case([standing], opened, gate, covered={"prod"}))
        return Run(facts, observation, decision, proposal, verdicts.get(change))

    def act(self, run: Run, effects: int | None = None) -> None:
        """Do a run's effects, or only the first few: then it was killed."""
        before = set(self.hub.pulls)
        for effect in (run.verdict.effects if run.verdict else ())[:effects]:
            self.hub.do(effect, self.now)
        self.opened += [self.hub.proposals[number].change.branch for number in self.hub.pulls if number not in before]

    def run(self) -> Run:
        """One clean run."""
        run = self.look()
        self.act(run)
        return run

    def merge(self, number: int, *, lose_comment: bool = False, lose_trailers: bool = False) -> bool:
        return self.hub.merge(number, self.git, self.now, lose_comment=lose_comment, lose_trailers=lose_trailers)

    def facts(self, pulls: Iterable[PullRequest] = ()) -> TargetFacts:
        """What is known; `pulls` are those that are looked at for the models that rollbacks name."""
        target = Target(KEY, self.git.manifest)
        records = rollback_records(pulls, change_name(SOURCE, [KEY]), self.touched_below)
        facts = TargetFacts(target, SETTINGS, self.cluster.look(), self.git.history(), self.now, self.now, records)
        return replace(facts, measurements=self.measure(facts))

    def measure(self, facts: TargetFacts) -> tuple[Measurement, ...]:
        """Every subject is measured: 1 where what it runs fails now, 0 where it does not."""
        if self.silent:
            return ()
        found: list[Measurement] = []
        for subject in subjects(facts):
            live = facts.live.components[subject.component] if facts.live else None
            revision = next((one for one in live.revisions if one.name == subject.revision), None) if live else None
            runs = {revision.source_uri, *(one.get("image") for one in revision.containers)} if revision else set()
            value = 1.0 if runs & self.failing else 0.0
            found.append(Measurement("error-rate", subject.component, subject.revision, value, 1000))
        return tuple(found)

    def open_numbers(self) -> list[int]:
        return [pull.number for pull in self.hub.pulls.values() if pull.state is PullState.OPEN]

    def _decide(self, pulls: Iterable[PullRequest]) -> tuple[TargetFacts, TargetObservation, Decision, Proposal | None]:
        facts = self.facts(pulls)
        observation = assess(facts)
        decision = decide_target(observation)
        return facts, observation, decision, self.propose(observation, decision)

    def touched_below(self, base: str) -> str | None:
        arrivals = [sha for sha, arrival in self.git.commits if arrival is not None]
        below = [sha for sha in arrivals if self.git.touched_since(sha, base) is not None]
        return below[-1] if below else None

    def propose(
        self, observation: TargetObservation, decision: Decision, keys: tuple[TargetKey, ...] = (KEY,)
    ) -> Proposal | None:
        """What a decision would write, bound to this base; None where it changes nothing."""
        if decision.action not in CHANGING:
            return None
        identity = identify(change_name(SOURCE, keys), decision, observation.last_touched)
        change = Change(
            identity=identity,
            id=identity_id(identity),
            branch=branch_name(identity),
            source=SOURCE,
            targets=keys,
            decision=decision,
            base_branch="main",
            base_commit=self.git.head,
            models=dict(observation.models.components),
            earlier=carried([observation], decision),
        )
        title = f"{decision.action} {decision.reason}"
        return Proposal(
            change,
            {},
            "",
            title,
            decision.message,
            f"{title}\n\n{format_trailers(change, note=decision.requested or '')}",
        )


def stated(predictor: Mapping[str, Any], transformer: Mapping[str, Any] | None = None) -> Manifest:
    spec = {"predictor": predictor} if transformer is None else {"predictor": predictor, "transformer": transformer}
    return Manifest(SOURCE, "iris", "models", spec)


def predictor(version: int, percent: int | None = None) -> dict[str, Any]:
    part: dict[str, Any] = {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": uri(version)}}
    return part if percent is None else {**part, "canaryTrafficPercent": percent}


def transformer(version: int, percent: int | None = None) -> dict[str, Any]:
    part: dict[str, Any] = {"containers": [{"name": "kserve-container", "image": image(version)}]}
    return part if percent is None else {**part, "canaryTrafficPercent": percent}


def uri(version: int) -> str:
    return f"s3://models/iris/v{version}"


def image(version: int) -> str:
    return f"example.com/transformer:{version}"


def model_of(manifest: Manifest) -> str:
    return running_models(manifest.spec).target


def due(run: Run) -> Sequence[Component]:
    return sorted(run.decision.to_percents)
