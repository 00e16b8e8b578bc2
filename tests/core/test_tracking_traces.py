"""KServe's own writes against `track`, for every recorded scenario with Knative Services."""

from collections.abc import Iterable, Iterator

import pytest

from gitops_rollout.core.tracking import track
from gitops_rollout.model.live import ComponentStatus, KnativeStatus
from gitops_rollout.model.targets import Component
from tests.core.recorded import Moment, moments
from tests.traces import SERVERLESS

CASES = [(scenario, component) for scenario in SERVERLESS for component in Component]
# Knative's webhook refuses these percents, so KServe's reconcile ends in ReconcileFailed: it then says PredictorReady
# False by itself, while the Knative Service stays as it was.
REFUSED = {("J", "v3 at 150"), ("J", "v3 at -5")}


def changes(recorded: Iterable[Moment]) -> Iterator[tuple[Moment, list[KnativeStatus]]]:
    """Each moment in which KServe wrote something new, and the Knative statuses it may have read.

    Those are the one of that snapshot and, since two watches have no common order, the one before.
    """
    written: ComponentStatus | None = None
    seen: list[KnativeStatus] = []
    for now in recorded:
        if now.service is not None and (not seen or seen[-1] != now.service):
            seen.append(now.service)
        if now.written != written:
            yield now, seen[-2:]
            written = now.written


@pytest.mark.parametrize(("scenario", "component"), CASES)
def test_what_kserve_wrote_follows_from_what_it_wrote_before(scenario: str, component: Component) -> None:
    before = ComponentStatus()
    for now, seen in changes(moments(scenario, component)):
        if now.written is None:
            # Only a stop wipes the status of a component.
            assert (scenario, now.step.title) == ("I", "stop")
            before = ComponentStatus()
            continue
        assert now.written in [track(component, before, status).component for status in seen], now.position
        before = now.written


@pytest.mark.parametrize(("scenario", "component"), CASES)
def test_replaying_the_knative_statuses_comes_to_rest_where_kserve_does(scenario: str, component: Component) -> None:
    status, last = ComponentStatus(), None
    for now in moments(scenario, component):
        if now.service is None:
            status, last = ComponentStatus(), None
            continue
        tracked = track(component, status, now.service)
        if now.service != last:
            status, last = tracked.component, now.service
        if not now.resting:
            continue
        assert status == now.written, now.step.title
        expected = dict(tracked.conditions)
        if (scenario, now.step.title) in REFUSED:
            assert now.conditions["PredictorReady"] == "False"
            del expected["PredictorReady"]
        assert expected.items() <= now.conditions.items(), now.step.title
        if scenario != "H":  # with three components the last one to be propagated wins
            assert tracked.observed_generation == now.observed_generation


def test_observed_generation_is_that_of_one_of_the_components() -> None:
    recorded = zip(*(moments("H", component) for component in Component), strict=True)
    for same_moment in recorded:
        if same_moment[0].resting:
            seen = {now.service.observed_generation for now in same_moment if now.service}
            assert same_moment[0].observed_generation in seen


def test_the_recordings_hold_enough_to_prove_something() -> None:
    writes = [now for case in CASES for now, _ in changes(moments(*case)) if now.written is not None]
    rolled = {(now.written.latest_rolledout, now.written.previous_rolledout) for now in writes if now.written}
    assert len(writes) > 200
    assert ("iris-predictor-00002", "iris-predictor-00001") in rolled
    assert ("iris-predictor-00001", "iris-predictor-00001") in rolled
