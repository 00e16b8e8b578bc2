"""Closed loop: merges, readiness, failures, verdicts, people and broken runs in any order."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.percent import PERCENT_ANNOTATION
from gitops_rollout.model.decision import Action
from gitops_rollout.model.requests import Ask, Request
from gitops_rollout.model.targets import Component
from tests.core.closed_loop.checks import check_edit, check_percents, check_pulls, check_rest, come_to_rest
from tests.core.closed_loop.git import set_by_hand
from tests.core.closed_loop.loop import Loop, Run, image, model_of, predictor, stated, transformer, uri

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
VERSIONS = st.integers(1, 4)
PERCENTS = st.sampled_from([None, 0, 10, 50, 100])
OUTCOMES = st.sampled_from(Outcome)
STOP = {"serving.kserve.io/stop": "true"}


class ClosedLoop(RuleBasedStateMachine):
    """One InferenceService with a predictor. Every run is checked; at the end it must come to rest."""

    parts: tuple[Component, ...] = (Component.PREDICTOR,)

    def __init__(self) -> None:
        super().__init__()
        self.loop = Loop(START)
        self.late: Run | None = None
        self.taken: set[str] = set()
        self.rows: set[int] = set()
        self.taken_pairs: set[tuple[Component, str]] = set()
        self.ending, self.fails = Outcome.READY, False

    @initialize(follows=st.integers(0, 9), ending=OUTCOMES, fails=st.booleans())
    def begin(self, follows: int, ending: Outcome, fails: bool) -> None:
        self.ending, self.fails = ending, fails
        self._commit(stated(predictor(1), transformer(1) if len(self.parts) > 1 else None))
        if follows:
            self._follow(Outcome.READY)

    # people

    @rule(part=st.sampled_from(Component), version=VERSIONS, percent=PERCENTS)
    def a_person_writes_a_model(self, part: Component, version: int, percent: int | None) -> None:
        if part in self.parts:
            made = predictor(version, percent) if part is Component.PREDICTOR else transformer(version, percent)
            before = self.loop.git.manifest
            self._write({**before.spec, part: made}, keep=percent == 0)

    @rule(part=st.sampled_from(Component), percent=PERCENTS, keep=st.booleans())
    def a_person_writes_a_percent(self, part: Component, percent: int | None, keep: bool) -> None:
        if part in self.parts:
            self._commit(set_by_hand(self.loop.git.manifest, part, percent, keep_comment=keep))

    @rule(part=st.sampled_from(Component), version=VERSIONS, percent=st.sampled_from([0, 10]), outcome=OUTCOMES)
    def a_canary_begins(self, part: Component, version: int, percent: int, outcome: Outcome) -> None:
        self.a_person_writes_a_model(part, version, percent)
        self._follow(outcome)

    @rule()
    def a_person_reverts(self) -> None:
        texts = [arrival.manifest for _, arrival in self.loop.git.commits if arrival is not None]
        before = texts[-2] if len(texts) > 1 else None
        if before is not None:
            self._commit(before)

    @rule(on=st.booleans())
    def a_person_stops_or_resumes(self, on: bool) -> None:
        manifest = self.loop.git.manifest
        self._commit(type(manifest)(**{**_fields(manifest), "annotations": STOP if on else {}}))

    @rule(note=st.integers(0, 9))
    def a_person_changes_metadata(self, note: int) -> None:
        manifest = self.loop.git.manifest
        self._commit(type(manifest)(**{**_fields(manifest), "labels": {"note": str(note)}}))

    @rule(there=st.booleans())
    def a_percent_stands_where_nobody_reads_it(self, there: bool) -> None:
        manifest = self.loop.git.manifest
        self._commit(
            type(manifest)(**{**_fields(manifest), "annotations": {PERCENT_ANNOTATION: "10"} if there else {}})
        )

    @rule()
    def somebody_commits_elsewhere(self) -> None:
        self.loop.git.commit_elsewhere()

    @rule(part=st.sampled_from(Component), percent=PERCENTS)
    def a_hand_patches_the_cluster(self, part: Component, percent: int | None) -> None:
        self.loop.cluster.patch(part, percent, self.loop.now)

    @precondition(lambda self: self.loop.open_numbers())
    @rule(which=st.integers(0, 9), lose_comment=st.booleans(), lose_trailers=st.booleans())
    def a_person_merges(self, which: int, lose_comment: bool, lose_trailers: bool) -> None:
        numbers = self.loop.open_numbers()
        number = numbers[which % len(numbers)]
        decision = self.loop.hub.proposals[number].change.decision
        texts = dict(self.loop.git.manifest.spec)
        if self.loop.merge(number, lose_comment=lose_comment, lose_trailers=lose_trailers):
            if decision.requested is not None and decision.action is Action.START:
                self._wanted_after_all(decision.to_percents)
            self._remember(decision.action, decision.to_percents, texts, named=decision.marker_models)

    @rule(ask=st.sampled_from(Ask), anyway=st.booleans())
    def a_person_asks(self, ask: Ask, anyway: bool) -> None:
        before = set(self.loop.open_numbers())
        against = self.loop.ask(Request(ask, "a person's", anyway))
        assert len(self.loop.open_numbers()) <= max(1, len(before))
        if any(one.firm or not anyway for one in against):
            assert set(self.loop.open_numbers()) == before, "what is refused changes nothing"

    @precondition(lambda self: self.loop.open_numbers())
    @rule()
    def a_person_closes(self) -> None:
        self.loop.hub.close_by_hand(self.loop.open_numbers()[0], self.loop.now)

    @precondition(lambda self: self.loop.open_numbers())
    @rule(outcome=OUTCOMES, minutes=st.sampled_from([1, 40]), lose_comment=st.booleans())
    def a_merge_takes_effect(self, outcome: Outcome, minutes: int, lose_comment: bool) -> None:
        self.a_person_merges(0, lose_comment, lose_comment)
        self._follow(outcome)
        self.loop.now += timedelta(minutes=minutes)

    # the cluster

    @rule()
    def the_engine_syncs(self) -> None:
        self.loop.cluster.apply(self.loop.git.manifest, self.loop.now)

    @rule(part=st.sampled_from(Component))
    def kserve_passes(self, part: Component) -> None:
        self.loop.cluster.kserve(part, self.loop.now)

    @rule(part=st.sampled_from(Component), outcome=OUTCOMES)
    def knative_passes(self, part: Component, outcome: Outcome) -> None:
        self.loop.cluster.knative(part, outcome, self.loop.now)

    @rule(outcome=OUTCOMES)
    def all_settles(self, outcome: Outcome) -> None:
        self._follow(outcome)

    @rule(part=st.sampled_from(Component), number=st.integers(0, 3))
    def a_ready_revision_fails(self, part: Component, number: int) -> None:
        self.loop.cluster.crash(part, number, self.loop.now)

    @rule(part=st.sampled_from(Component), version=VERSIONS)
    def baseline_and_canary_fail(self, part: Component, version: int) -> None:
        self.loop.failing |= {uri(version), image(version)}
        chapter = self.loop.cluster.chapters.get(part)
        rolled = None if chapter is None else chapter.world.tracking.latest_rolledout
        for number, revision in enumerate(() if chapter is None else chapter.world.revisions):
            if revision.name == rolled:
                self.loop.cluster.crash(part, number, self.loop.now)

    @rule(part=st.sampled_from(Component), number=st.integers(0, 1))
    def a_revision_is_collected(self, part: Component, number: int) -> None:
        self.loop.cluster.collect(part, number, self.loop.now)

    @rule(minutes=st.sampled_from([1, 20, 40, 70, 300]))
    def time_passes(self, minutes: int) -> None:
        self.loop.now += timedelta(minutes=minutes)

    @rule(version=VERSIONS)
    def a_verdict_flips(self, version: int) -> None:
        self.loop.failing ^= {uri(version), image(version)}

    @rule(silent=st.booleans())
    def measurements_come_and_go(self, silent: bool) -> None:
        self.loop.silent = silent

    # runs

    @rule()
    def a_clean_run(self) -> None:
        run = self.loop.look()
        self._check(run)
        self.loop.act(run)
        check_pulls(self.loop, run)

    @rule(minutes=st.sampled_from([35, 70]))
    def time_passes_and_a_clean_run(self, minutes: int) -> None:
        self.loop.now += timedelta(minutes=minutes)
        self.a_clean_run()

    @rule(effects=st.integers(0, 2))
    def a_run_is_killed(self, effects: int) -> None:
        run = self.loop.look()
        self._check(run)
        self.loop.act(run, effects)

    @rule()
    def a_slow_run_looks(self) -> None:
        self.late = self.loop.look()
        self._check(self.late)

    @rule()
    def a_slow_run_acts(self) -> None:
        if self.late is not None:
            self.loop.act(self.late)
            self.late = None

    def teardown(self) -> None:
        if not self.loop.git.commits:
            return
        self.loop.failing = {one(version) for one in (uri, image) for version in range(1, 5)} if self.fails else set()
        self.loop.silent = False
        rest, _ = come_to_rest(self.loop, self.ending)
        check_rest(rest)
        check_pulls(self.loop, rest)

    def _check(self, run: Run) -> None:
        self.rows |= {one.row for one in run.decision.components.values()}
        check_percents(run)
        check_edit(self.loop, run, frozenset(self.taken))
        if run.decision.action in (Action.START, Action.STEP) and len(self.parts) == 1:
            stated_uri = self.loop.git.manifest.spec["predictor"]["model"]["storageUri"]
            assert stated_uri not in self.taken, (stated_uri, run.decision)
        if run.decision.action in (Action.START, Action.STEP):
            model = model_of(self.loop.git.manifest)
            for part in run.decision.to_percents:
                assert (part, model) not in self.taken_pairs, (part, model, run.decision)
        for pull in self.loop.hub.open_pulls():
            assert parse_branch(pull.branch) is not None

    def _write(self, spec: dict[str, object], *, keep: bool) -> None:
        manifest = self.loop.git.manifest
        self._commit(
            type(manifest)(**{**_fields(manifest), "spec": spec, "comments": manifest.comments if keep else {}})
        )

    def _commit(self, manifest: object) -> None:
        before = self.loop.git.manifest.spec if self.loop.git.commits else {}
        was_model = model_of(self.loop.git.manifest) if before else ""
        self.loop.git.commit(manifest, self.loop.now)  # type: ignore[arg-type]  # a manifest of whichever rule
        after = self.loop.git.manifest.spec
        model = model_of(self.loop.git.manifest)
        for part in after:
            percent = after[part].get("canaryTrafficPercent")
            was = before.get(part, {}).get("canaryTrafficPercent")
            if percent not in (None, 0) and (percent != was or model != was_model):
                self.taken_pairs.discard((part, model))
            if percent != 0 and after[part] != before.get(part):
                self.taken -= set(_runs(after[part]))  # a person wants it, whatever became of it before

    def _remember(self, action: Action, to: object, texts: dict[str, object], named: object) -> None:
        """A merged rollback takes back what its marker names, else what Git states."""
        if action is Action.ROLLBACK:
            self.taken_pairs |= set(named.items())  # type: ignore[attr-defined]  # components to digests
        if action is Action.ROLLBACK and len(self.parts) == 1:
            models = set(named.values())  # type: ignore[attr-defined]  # a mapping of components to digests
            known = {_digest(version): uri(version) for version in range(1, 5)}
            self.taken |= {known[model] for model in models if model in known}

    def _wanted_after_all(self, parts: Iterable[Component]) -> None:
        """A merged retry: a person set a percent for what was taken back."""
        manifest = self.loop.git.manifest
        self.taken_pairs -= {(part, model_of(manifest)) for part in parts}
        for part in parts:
            self.taken -= set(_runs(manifest.spec[part]))

    def _follow(self, outcome: Outcome) -> None:
        self.loop.cluster.apply(self.loop.git.manifest, self.loop.now)
        self.loop.cluster.settle(outcome, self.loop.now)


def _fields(manifest: object) -> dict[str, object]:
    return {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}  # type: ignore[attr-defined]  # frozen


def _runs(part: dict[str, object]) -> list[str]:
    model = part.get("model")
    return [str(model["storageUri"])] if isinstance(model, dict) else []


def _digest(version: int) -> str:
    return model_of(stated(predictor(version)))


class ClosedLoopOfTwo(ClosedLoop):
    """The same with a transformer beside the predictor."""

    parts = (Component.PREDICTOR, Component.TRANSFORMER)


EXAMPLES = settings.default.max_examples if settings.default else 100
SLOW = settings(
    max_examples=min(EXAMPLES, 40) if EXAMPLES <= 100 else EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestClosedLoop = ClosedLoop.TestCase
TestClosedLoop.settings = SLOW
TestClosedLoopOfTwo = ClosedLoopOfTwo.TestCase
TestClosedLoopOfTwo.settings = SLOW
