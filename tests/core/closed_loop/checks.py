"""What must hold of every run, whatever happened before it."""

import json
from datetime import timedelta

from gitops_rollout.core.forecast.live import spec_of
from gitops_rollout.core.forecast.simulate import settle
from gitops_rollout.core.forecast.world import Outcome, World
from gitops_rollout.core.tracking import shares
from gitops_rollout.model.change import Did
from gitops_rollout.model.decision import CHANGING, Action, Reason
from gitops_rollout.model.targets import Component
from tests.core.closed_loop.git import edited
from tests.core.closed_loop.loop import SETTINGS, Loop, Run

WAITS = {
    Reason.ROLLED_BACK,
    Reason.KNOWN_BAD,
    Reason.STOPPED,
    Reason.INERT,
    Reason.NO_DATA,
    Reason.FAILED_AT_ZERO,
    Reason.MISSING,
}


def check_percents(run: Run) -> None:
    """Percent 0 never steps; a rollback writes only where there was a percent, a bake excepted."""
    decision = run.decision
    for component, percent in decision.to_percents.items():
        seen = run.observation.components[component]
        if seen.desired == 0:
            assert decision.action is not Action.STEP
        if decision.action is Action.ROLLBACK:
            assert percent == 0
            bakes = any(one.reason is Reason.BAKE_FAILED for one in decision.components.values())
            assert seen.desired is not None or bakes
        if decision.action in (Action.START, Action.PROMOTE, Action.STEP) and (seen.zeroed or seen.known_bad):
            assert seen.restored or _is_baseline(run, component), decision
        if decision.action in (Action.START, Action.STEP):
            assert percent in SETTINGS.steps


def check_edit(loop: Loop, run: Run, taken: frozenset[str]) -> None:
    """Our edit, put through the simulator to its end, sends no more to what was taken back, and only where it says."""
    decision = run.decision
    if run.proposal is None:
        return
    manifest = edited(loop.git.manifest, decision)
    for component in decision.to_percents:
        world = loop.cluster.chapters[component].world
        spec = spec_of(component, manifest.spec, manifest.labels, manifest.annotations)
        before = by_model(world)
        named = decision.baseline if decision.action is Action.ROLLBACK else decision.candidate
        wanted = _runs(world, named[component].name)
        for outcome in (Outcome.READY, Outcome.PENDING, Outcome.FAILED):
            after = by_model(settle(world, spec, outcome))
            told = (decision, outcome, before, after)
            assert {model for model, share in after.items() if share > before.get(model, 0)} <= {wanted}, told
            assert _share(after, taken) <= _share(before, taken) or wanted in taken, told
            if decision.action is Action.PROMOTE:
                assert after == {wanted: 100}, told


def check_pulls(loop: Loop, run: Run) -> None:
    """After a clean run: at most one pull request, the one that was decided; and a second run does nothing."""
    opened = loop.hub.open_pulls()
    assert len(opened) <= 1, [pull.branch for pull in opened]
    verdict = run.verdict
    if run.proposal is not None and verdict is not None and verdict.action is None:
        assert [pull.branch for pull in opened] == [run.proposal.change.branch], (verdict, run.decision)
    again = loop.look()
    if again.decision.action == run.decision.action or not opened:
        effects = again.verdict.effects if again.verdict else ()
        assert not effects, (run.decision.message, again.decision.message, [str(one)[:900] for one in effects])


def come_to_rest(loop: Loop, outcome: Outcome) -> tuple[Run, int]:
    """Merge whatever is proposed, let everything settle and time pass, until nothing is proposed any more."""

    merged = 0
    for _ in range(len(SETTINGS.steps) + 5):
        for _ in range(2):
            loop.cluster.apply(loop.git.manifest, loop.now)
            loop.cluster.settle(outcome, loop.now)
            loop.now += timedelta(hours=2)
        run = loop.run()
        numbers = loop.open_numbers()
        if not numbers:
            return run, merged
        assert loop.merge(numbers[0]), loop.hub.pulls[numbers[0]]
        merged += 1
    raise AssertionError(f"still moving after {merged} merges: {run.decision}")


def check_rest(run: Run) -> None:
    """Resting without an alarm means stable, a hold that names what it waits for, or a person's veto."""
    decision = run.decision
    if decision.alarm:
        return
    if decision.action in CHANGING:
        assert run.verdict is not None
        assert run.verdict.did in (Did.VETOED, Did.FOUND), (decision, run.verdict)
        return
    if decision.action is Action.STABLE:
        for component, seen in run.observation.components.items():
            assert seen.desired is None
            assert _is_baseline(run, component)
        return
    assert decision.action is Action.HOLD
    assert decision.reason in WAITS, decision
    assert decision.message


def _is_baseline(run: Run, component: Component) -> bool:
    seen = run.observation.components[component]
    return seen.created == seen.ready == seen.rolled


def by_model(world: World) -> dict[str, int]:
    """Percent by what the revisions run: a pending change of metadata makes another revision of the same model."""
    found: dict[str, int] = {}
    for name, share in shares(world.traffic).items():
        if name and share:
            found[_runs(world, name)] = found.get(_runs(world, name), 0) + share
    return found


def _runs(world: World, name: str) -> str:
    """The storage URI or image of a revision; a revision that was collected runs nothing that can be told."""
    revision = world.revision(name)
    if revision is None:
        return f"{name}, gone"
    part = json.loads(revision.template)[0]
    return str(part["model"]["storageUri"] if "model" in part else part["containers"][0]["image"])


def _share(traffic: dict[str, int], taken: frozenset[str]) -> int:
    return sum(share for model, share in traffic.items() if model in taken)
