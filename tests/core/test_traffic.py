import pytest

from gitops_rollout.core.traffic import TAG_ROUTING, expected_traffic
from gitops_rollout.model.live import ComponentStatus, TrafficTarget
from gitops_rollout.model.targets import Component
from tests.core.recorded import moments
from tests.traces import SERVERLESS

R1 = ComponentStatus(latest_rolledout="r1")


def latest(percent: int, tag: str | None = None) -> TrafficTarget:
    return TrafficTarget(latest_revision=True, percent=percent, tag=tag)


def prev(percent: int) -> TrafficTarget:
    return TrafficTarget(revision_name="r1", latest_revision=False, percent=percent, tag="prev")


@pytest.mark.parametrize(
    ("case", "percent", "status", "annotations", "expected"),
    [
        ("no field", None, R1, {}, (latest(100),)),
        ("first revision: the percent is ignored", 10, ComponentStatus(), {}, (latest(100),)),
        ("an empty name is none", 10, ComponentStatus(latest_rolledout=""), {}, (latest(100),)),
        ("canary", 10, R1, {}, (latest(10), prev(90))),
        ("zero", 0, R1, {}, (latest(0), prev(100))),
        ("100 has no prev", 100, R1, {}, (latest(100),)),
        ("no range check above", 150, R1, {}, (latest(150),)),
        ("no range check below", -5, R1, {}, (latest(-5), prev(105))),
        ("tag routing", 10, R1, {TAG_ROUTING: "true"}, (latest(10, "latest"), prev(90))),
        ("tag routing without a percent", None, R1, {TAG_ROUTING: "true"}, (latest(100, "latest"),)),
        ("only the word true", 10, R1, {TAG_ROUTING: "True"}, (latest(10), prev(90))),
    ],
)
def test_traffic_that_kserve_asks_for(case, percent, status, annotations, expected) -> None:
    assert expected_traffic(percent, status, annotations) == expected, case


@pytest.mark.parametrize("scenario", SERVERLESS)
@pytest.mark.parametrize("component", list(Component))
def test_recorded_requests(scenario: str, component: Component) -> None:
    asked: tuple[TrafficTarget, ...] = ()
    for now in moments(scenario, component):
        expected = expected_traffic(now.percent, now.written or ComponentStatus(), now.annotations)
        if now.asked and now.asked != asked:
            assert now.asked == expected, now.position
            asked = now.asked
        if now.resting and now.service is not None:
            # Knative's webhook refuses a percent that is out of range: what was asked before stays.
            refused = now.percent is not None and not 0 <= now.percent <= 100
            assert (now.asked == expected) is not refused, now.step.title
