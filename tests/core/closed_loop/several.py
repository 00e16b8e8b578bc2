"""One document that feeds several clusters, each of which follows at its own pace and may be out of reach."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import Member, decide_document, decide_target
from gitops_rollout.core.forecast.live import spec_of
from gitops_rollout.core.forecast.simulate import settle
from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.core.identity import change_name
from gitops_rollout.core.lifecycle.admission import Gate
from gitops_rollout.core.lifecycle.judge import Case, judge
from gitops_rollout.core.lifecycle.named import rollback_records
from gitops_rollout.core.lifecycle.verdicts import Verdict
from gitops_rollout.model.change import Held, Proposal, PullRequest, Standing
from gitops_rollout.model.decision import FORWARD, Action, Decision, Reason
from gitops_rollout.model.observation import TargetFacts
from gitops_rollout.model.policy import Limits
from gitops_rollout.model.targets import Target, TargetKey
from tests.core.closed_loop.checks import by_model
from tests.core.closed_loop.cluster import Cluster
from tests.core.closed_loop.git import edited
from tests.core.closed_loop.loop import SETTINGS, SOURCE, Loop

NAMES = ("asia", "eu", "us")


@dataclass(frozen=True)
class Look:
    """What one run saw of each cluster, and what it decided of the document."""

    members: tuple[Member, ...]
    decision: Decision
    proposal: Proposal | None
    verdict: Verdict | None


@dataclass
class Several(Loop):
    """The loop with several clusters in the place of one; those in `away` give no answer."""

    clusters: dict[str, Cluster] = field(
        default_factory=lambda: {name: Cluster(TargetKey(name, "models", "iris")) for name in NAMES}
    )
    away: set[str] = field(default_factory=set)

    def see(self) -> Look:
        """Observe and decide each cluster, then the document as one, and judge what is open."""
        change = change_name(SOURCE, self.keys)
        members, decision, proposal = self._decide_all(self.hub.open_pulls())
        if proposal is not None and proposal.change.branch not in {pull.branch for pull in self.hub.open_pulls()}:
            pulls = [*self.hub.open_pulls(), *self.hub.ended(change)]
            members, decision, proposal = self._decide_all(pulls)
        arrivals = self.git.history().arrivals
        touched = arrivals[0].commit if arrivals else None
        standing = Standing(change, SOURCE, self.keys, decision, touched, proposal)
        opened = self.hub.opened(self.git, self.git.head, touched)
        gate = Gate(self.hub.ended, Limits(), self.now)
        verdicts = judge(Case([standing], opened, gate, covered=set(NAMES) - self.away))
        return Look(members, decision, proposal, verdicts.get(change))

    @property
    def keys(self) -> tuple[TargetKey, ...]:
        return tuple(sorted(cluster.key for cluster in self.clusters.values()))

    def _decide_all(self, pulls: Iterable[PullRequest]) -> tuple[tuple[Member, ...], Decision, Proposal | None]:
        members = tuple(self._member(cluster, pulls) for cluster in self.clusters.values())
        decision = decide_document(members)
        seen = next((one.observation for one in members if one.observation is not None), None)
        return members, decision, None if seen is None else self.propose(seen, decision, self.keys)

    def clean_run(self) -> Look:
        look = self.see()
        for effect in look.verdict.effects if look.verdict else ():
            self.hub.do(effect, self.now)
        return look

    def follow(self, name: str, outcome: Outcome) -> None:
        self.clusters[name].apply(self.git.manifest, self.now)
        self.clusters[name].settle(outcome, self.now)

    def _member(self, cluster: Cluster, pulls: Iterable[PullRequest]) -> Member:
        if cluster.key.cluster in self.away:
            return Member(cluster.key, held=Held(cluster.key, Reason.UNREACHABLE, "no answer"))
        target, history = Target(cluster.key, self.git.manifest), self.git.history()
        records = rollback_records(pulls, change_name(SOURCE, self.keys), self.touched_below)
        facts = TargetFacts(target, SETTINGS, cluster.look(), history, self.now, self.now, records)
        observation = assess(replace(facts, measurements=self.measure(facts)))
        return Member(cluster.key, observation, decide_target(observation))


def check(loop: Several, look: Look) -> None:
    """All must agree to go forward, one failure goes back, and no edit sends more to what fails or was taken back."""
    own = [member.decision for member in look.members if member.decision is not None]
    decision = look.decision
    if decision.action in FORWARD:
        assert not loop.away, decision.message
        assert all(one.action in FORWARD or one.action is Action.STABLE for one in own), decision.message
        rolled = {_baselines(member) for member in look.members}
        assert len(rolled) == 1, decision.message
    if any(one.action is Action.ROLLBACK for one in own):
        assert decision.action is Action.ROLLBACK or decision.reason is Reason.CLUSTERS_DIVERGE, decision.message
    if decision.action is Action.ROLLBACK:
        assert set(decision.to_percents.values()) == {0}
        assert any(one.action is Action.ROLLBACK for one in own), decision.message
        _check_rollback(loop, look)


def _baselines(member: Member) -> tuple[str | None, ...]:
    seen = member.observation.components.values() if member.observation else ()
    return tuple(one.rolled.model if one.rolled else None for one in seen)


def _check_rollback(loop: Several, look: Look) -> None:
    """Through the simulator: in no cluster that was seen does a known-bad model get more."""
    manifest = edited(loop.git.manifest, look.decision)
    for member in look.members:
        if member.observation is None:
            continue
        for component in look.decision.to_percents:
            chapter = loop.clusters[member.key.cluster].chapters.get(component)
            seen = member.observation.components[component]
            if chapter is None or not seen.baseline_known_bad or seen.rolled is None:
                continue
            spec = spec_of(component, manifest.spec, manifest.labels, manifest.annotations)
            before = by_model(chapter.world)
            after = by_model(settle(chapter.world, spec, Outcome.READY))
            bad = {model for model in after if after[model] > before.get(model, 0)}
            own = member.decision is not None and member.decision.action is Action.ROLLBACK
            assert own or not bad, (member.key, before, after)


def come_to_rest(loop: Several, outcome: Outcome) -> Look:
    """All clusters are there again and follow; whatever is proposed is merged, until nothing is any more."""
    loop.away.clear()
    for _ in range(len(SETTINGS.steps) + 5):
        for _ in range(2):
            for name in loop.clusters:
                loop.follow(name, outcome)
            loop.now += timedelta(hours=2)
        look = loop.clean_run()
        check(loop, look)
        numbers = loop.open_numbers()
        if not numbers:
            return look
        assert len(numbers) == 1
        assert loop.merge(numbers[0])
    raise AssertionError(f"still moving: {loop.see().decision}")
