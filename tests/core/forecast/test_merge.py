from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from gitops_rollout.core.forecast.merge import forecast, words
from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.model.live import Condition, LiveInferenceService, Revision
from gitops_rollout.model.targets import Component, Manifest, Source
from tests.core.forecast.recorded import live
from tests.traces import load

PREDICTOR = Component.PREDICTOR
ONE, TWO, THREE = (f"iris-predictor-0000{number}" for number in (1, 2, 3))


def manifest(applied: Any) -> Manifest:
    metadata = applied["metadata"]
    return Manifest(
        source=Source("iris.yaml", 0, 1),
        name=metadata["name"],
        namespace=metadata["namespace"],
        spec=applied["spec"],
        labels=metadata.get("labels", {}),
        annotations=metadata.get("annotations", {}),
    )


def rest(scenario: str, title: str) -> tuple[LiveInferenceService, Manifest]:
    """What was live when a step came to rest, and the manifest that had been applied."""
    recorded = load(scenario)
    step = next(step for step in recorded.steps if step.title == title)
    shown = live(recorded.resting(step))
    assert shown is not None
    return shown, manifest(step.manifest)


def at(before: Manifest, percent: int | None, uri: str | None = None, **changes: Any) -> Manifest:
    """The same manifest with another percent, and another model where one is given."""
    predictor = {key: value for key, value in before.spec["predictor"].items() if key != "canaryTrafficPercent"}
    if percent is not None:
        predictor["canaryTrafficPercent"] = percent
    if uri is not None:
        predictor["model"] = {**predictor["model"], "storageUri": uri}
    return replace(before, spec={**before.spec, "predictor": predictor}, **changes)


def test_a_promotion_ends_at_100_on_the_canary_however_it_turns_out() -> None:
    shown, before = rest("A", "v2 at 50")
    seen = forecast(shown, PREDICTOR, before, at(before, None))
    assert seen.new_revision is None
    assert words(seen) == f"after the merge: 100 % on {TWO}"
    assert seen.endings[Outcome.READY].previous == ONE


def test_a_rollback_ends_on_the_baseline() -> None:
    shown, before = rest("A", "v2 at 50")
    seen = forecast(shown, PREDICTOR, before, at(before, 0))
    assert seen.endings[Outcome.READY].shares == {TWO: 0, ONE: 100}
    assert words(seen) == f"after the merge: 100 % on {ONE}"


def test_a_rollback_after_a_promotion_takes_its_two_passes() -> None:
    shown, before = rest("D", "v2 promoted")
    seen = forecast(shown, PREDICTOR, before, at(before, 0))
    assert seen.endings[Outcome.READY].shares == {TWO: 0, ONE: 100}
    named = [[target.revision_name for target in one.world.traffic] for one in seen.passes[Outcome.READY]]
    assert [names for names, _ in groupby(named)] == [[TWO], [TWO, TWO], [TWO, ONE]]


def test_a_git_revert_serves_the_canary_until_the_old_spec_is_ready() -> None:
    shown, before = rest("E", "v2 at 10, becomes ready")
    seen = forecast(shown, PREDICTOR, before, at(before, None, "s3://models/iris/v1"))
    assert seen.new_revision == THREE
    assert words(seen) == (
        f"after the merge: 100 % on {THREE} once {THREE} is ready; until then, and if it never is, 100 % on {TWO}"
    )
    assert seen.endings[Outcome.READY].previous == TWO


def test_a_percent_on_a_promoted_service_is_a_rollback() -> None:
    shown, before = rest("F", "v2 promoted")
    seen = forecast(shown, PREDICTOR, before, at(before, 10))
    assert words(seen) == f"after the merge: 90 % on {ONE}, 10 % on {TWO}"


def test_a_label_alone_makes_a_new_revision() -> None:
    shown, before = rest("L", "v1")
    labelled = replace(before, labels={**before.labels, "team": "fraud"})
    assert forecast(shown, PREDICTOR, before, labelled).new_revision == TWO
    assert forecast(shown, PREDICTOR, before, before).new_revision is None


@pytest.mark.parametrize(("percent", "said"), [(150, "150 is not a percent"), (-5, "-5 is not a percent")])
def test_a_percent_out_of_range_is_refused(percent: int, said: str) -> None:
    shown, before = rest("J", "v3 at 10")
    text = words(forecast(shown, PREDICTOR, before, at(before, percent)))
    assert said in text
    assert f"traffic stays 90 % on {TWO}, 10 % on {THREE}" in text


def test_a_rollback_to_a_revision_that_is_gone_says_so() -> None:
    recorded = load("K")
    shown = live(recorded.resting(recorded.steps[3]))
    before = manifest(recorded.steps[2].manifest)
    text = words(forecast(shown, PREDICTOR, before, at(before, 50)))
    assert text == f"after the merge: traffic stays 100 % on {ONE}, for {ONE} is gone"


def with_revisions(shown: LiveInferenceService, *revisions: Revision) -> LiveInferenceService:
    return replace(shown, components={PREDICTOR: replace(shown.components[PREDICTOR], revisions=revisions)})


def unready(revision: Revision) -> Revision:
    return replace(revision, conditions=(Condition("Ready", "False", "ExitCode137"),))


def test_a_canary_that_is_no_longer_ready_can_be_rolled_back() -> None:
    """The latest ready revision is routed to whatever it says of itself by now."""
    shown, before = rest("A", "v2 at 50")
    one, two = shown.components[PREDICTOR].revisions
    seen = forecast(with_revisions(shown, one, unready(two)), PREDICTOR, before, at(before, 0))
    assert words(seen) == f"after the merge: 100 % on {ONE}"


def test_a_baseline_that_is_not_ready_cannot_be_rolled_back_to() -> None:
    shown, before = rest("A", "v2 at 50")
    one, two = shown.components[PREDICTOR].revisions
    seen = forecast(with_revisions(shown, unready(one), two), PREDICTOR, before, at(before, 0))
    assert words(seen) == f"after the merge: traffic stays 50 % on {ONE}, 50 % on {TWO}, for {ONE} is not ready"


def test_without_revisions_shown_those_that_statuses_name_are_taken_as_ready() -> None:
    shown, before = rest("A", "v2 at 50")
    for percent in (0, None):
        whole = forecast(shown, PREDICTOR, before, at(before, percent))
        bare = forecast(with_revisions(shown), PREDICTOR, before, at(before, percent))
        assert words(bare) == words(whole)
    next_ = at(before, 10, "s3://models/iris/v3")
    assert forecast(with_revisions(shown), PREDICTOR, before, next_).new_revision == THREE


def test_without_revisions_shown_a_pending_canary_is_pending() -> None:
    shown, before = rest("B", "v2 at 10, stays pending")
    seen = forecast(with_revisions(shown), PREDICTOR, before, at(before, 50))
    split, until = f"50 % on {ONE}, 50 % on {TWO}", f"100 % on {ONE}"
    assert words(seen) == f"after the merge: {split} once {TWO} is ready; until then, and if it never is, {until}"


def test_the_first_revision() -> None:
    applied = manifest(load("G").steps[0].manifest)
    seen = forecast(None, PREDICTOR, None, applied)
    assert seen.new_revision == ONE
    assert seen.endings[Outcome.READY].shares == {ONE: 100}
    assert words(seen).endswith("until then, and if it never is, nothing is served")


def test_a_stop_serves_nothing() -> None:
    shown, before = rest("A", "v2 at 50")
    stopped = replace(before, annotations={"serving.kserve.io/stop": "true"})
    assert words(forecast(shown, PREDICTOR, before, stopped)) == (
        "after the merge: nothing is served: the InferenceService is stopped"
    )


def test_a_percent_that_a_hand_set_and_git_never_had_stays() -> None:
    recorded = load("S")
    patched = live(recorded.resting(recorded.steps[4]))
    before = manifest(recorded.steps[3].manifest)
    seen = forecast(patched, PREDICTOR, before, at(before, None, "s3://models/iris/v3"))
    ended = live(recorded.resting(recorded.steps[6]))
    assert ended is not None
    assert seen.endings[Outcome.READY].rolled == ended.components[PREDICTOR].tracking.latest_rolledout
    assert seen.endings[Outcome.READY].shares == {THREE: 30, ONE: 70}
