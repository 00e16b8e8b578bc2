import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.tracking import CONDITIONS, Rules, Tracked, shares, track
from gitops_rollout.model.live import ComponentStatus, Condition, KnativeStatus, TrafficTarget
from gitops_rollout.model.targets import Component


def targets(text: str) -> tuple[TrafficTarget, ...]:
    """`r2L10 r1:90` is r2 as the latest revision at 10 % and r1 by name at 90 %."""
    read = []
    for word in text.split():
        name, _, percent = word.partition("L" if "L" in word else ":")
        read.append(TrafficTarget(name, "L" in word, int(percent) if percent else None))
    return tuple(read)


def service(ready: str | None, created: str | None, traffic: str) -> KnativeStatus:
    return KnativeStatus(latest_ready=ready, latest_created=created, traffic=targets(traffic))


def rolled_after(
    rolled: str | None, previous: str | None, status: KnativeStatus, rules: Rules = Rules.V0_9
) -> tuple[str | None, str | None]:
    before = ComponentStatus(latest_rolledout=rolled, previous_rolledout=previous)
    after = track(Component.PREDICTOR, before, status, rules=rules).component
    return after.latest_rolledout, after.previous_rolledout


VECTORS = [
    ("first revision", None, None, "r1", "r1", "r1L100", "r1", None),
    ("canary pending", "r1", None, "r1", "r2", "r1L10 r1:90", "r1", None),
    ("canary active", "r1", None, "r2", "r2", "r2L10 r1:90", "r1", None),
    ("promoted", "r1", None, "r2", "r2", "r2L100", "r2", "r1"),
    ("rollback after promotion, first pass", "r2", "r1", "r2", "r2", "r2L0 r2:100", "r1", "r1"),
    ("rolled back", "r1", "r1", "r2", "r2", "r2L0 r1:100", "r1", "r1"),
    ("accidental rollback", "r2", "r1", "r2", "r2", "r2L10 r2:90", "r1", "r1"),
    ("canary never ready", "r1", "r0", "r1", "r2", "r1L0 r1:100", "r1", "r0"),
    ("percent on the first revision", "r1", None, "r1", "r1", "r1L10 r1:90", "r1", None),
    ("rollback undone", "r1", "r1", "r2", "r2", "r2L100", "r2", "r1"),
    ("git revert", "r1", None, "r2", "r3", "r2L100", "r2", "r1"),
    # the rules that no story above reaches
    ("the target alone counts for a promotion", "r1", None, "r2", "r2", "r2L50 r2L50", "r1", None),
    ("99 is no promotion", "r1", None, "r2", "r2", "r2L99 r1:1", "r1", None),
    ("by name is not the latest", "r1", None, "r2", "r2", "r2:100", "r1", None),
    ("a target without a percent", "r1", None, "r2", "r2", "r2L", "r1", None),
    ("an older latest target, gradual rollout", "r1", None, "r2", "r2", "r1L80 r2L20", "r1", None),
    ("the sum is not 100", "r2", "r1", "r2", "r2", "r2L10 r1:90", "r2", "r1"),
    ("the sum exceeds 100", "r2", "r1", "r2", "r2", "r2L10 r2:100", "r2", "r1"),
    ("a second target reads what the first wrote", "r1", "r0", "r2", "r2", "r2L100 r2L0", "r1", "r1"),
    ("and the other way round", "r2", "r1", "r2", "r2", "r2L0 r2L100", "r2", "r1"),
    ("the latest target stands last", "r1", None, "r2", "r2", "r1:0 r2L100", "r2", "r1"),
    ("no traffic", "r1", "r0", "r2", "r2", "", "r1", "r0"),
    ("nothing ready, as Go compares empty names", "r1", "r0", None, None, "L100", None, "r1"),
    ("empty names are the same as absent ones", "r1", "r0", "", None, "L100", None, "r1"),
    ("and make no difference to latest", None, "r0", "", None, "L10 :90", "r0", "r0"),
    ("whichever of the two is empty", None, "r0", None, "", "L10 :90", "r0", "r0"),
    ("no percent on the rolled out revision", "r2", "r1", "r2", "r2", "r2L r2:100", "r2", "r1"),
    ("latest still routed to the old revision", "r1", None, "r2", "r2", "r1L100", "r1", None),
]


@pytest.mark.parametrize("vector", VECTORS, ids=[str(vector[0]) for vector in VECTORS])
def test_rolled_out_revisions(vector: tuple[str | None, ...]) -> None:
    _, rolled, previous, ready, created, traffic, *expected = vector
    assert rolled_after(rolled, previous, service(ready, created, traffic or "")) == tuple(expected)


@pytest.mark.parametrize(
    ("case", "rolled", "previous", "traffic", "expected"),
    [
        ("without a previous one it becomes empty", "r1", None, "r1L10 r1:90", (None, None)),
        ("whatever the sum", "r2", "r1", "r2L10 r0:90", ("r1", "r1")),
        ("promotion is the same", "r1", None, "r2L100", ("r2", "r1")),
    ],
)
def test_rules_up_to_v0_8(case, rolled, previous, traffic, expected) -> None:
    ready = traffic[:2]
    assert rolled_after(rolled, previous, service(ready, ready, traffic), Rules.V0_8) == expected, case


def test_created_ready_and_traffic_are_taken_over() -> None:
    status = service("r2", "r3", "r2L10 r1:90")
    after = track(Component.PREDICTOR, ComponentStatus(latest_ready="r1", latest_created="r1"), status).component
    assert (after.latest_ready, after.latest_created, after.traffic) == ("r2", "r3", status.traffic)


def test_empty_names_are_absent() -> None:
    after = track(Component.PREDICTOR, ComponentStatus(latest_rolledout=""), service("", "", "")).component
    assert after == ComponentStatus()


ADDRESS, OLD = {"url": "http://new.svc"}, {"url": "http://old.svc"}


@pytest.mark.parametrize(
    ("ready", "url", "expected_url", "expected_address"),
    [
        ("True", "http://new", "http://new", ADDRESS),
        ("True", None, "http://old", None),
        ("Unknown", "http://new", "http://old", None),
        ("False", "http://new", "http://old", None),
        (None, "http://new", "http://old", None),
    ],
)
def test_addresses_are_taken_only_while_ready(
    ready: str | None, url: str | None, expected_url: str, expected_address: dict[str, str] | None
) -> None:
    conditions = (Condition("Ready", ready),) if ready else ()
    status = KnativeStatus(conditions=conditions, url=url, address=url and ADDRESS)
    after = track(Component.PREDICTOR, ComponentStatus(url="http://old", address=OLD), status).component
    assert (after.url, after.address) == (expected_url, expected_address or OLD)


def test_conditions_of_each_component() -> None:
    said = (Condition("Ready", "False"), Condition("RoutesReady", "True"), Condition("ConfigurationsReady", "Unknown"))
    names = {
        component: dict(track(component, ComponentStatus(), KnativeStatus(conditions=said)).conditions)
        for component in Component
    }
    assert names == {
        Component.PREDICTOR: {
            "PredictorReady": "False",
            "PredictorRouteReady": "True",
            "PredictorConfigurationReady": "Unknown",
        },
        Component.TRANSFORMER: {
            "TransformerReady": "False",
            "TransformerRouteReady": "True",
            "TransformerConfigurationReady": "Unknown",
        },
        Component.EXPLAINER: {
            "ExplainerReady": "False",
            "ExplainerRoutesReady": "True",
            "ExplainerConfigurationReady": "Unknown",
        },
    }


def test_of_a_repeated_condition_the_first_counts_and_unknown_words_do_not() -> None:
    said = (
        Condition("Ready", "False"),
        Condition("Ready", "True"),
        Condition("RoutesReady", "maybe"),
        Condition("Strange", "True"),
    )
    tracked = track(Component.PREDICTOR, ComponentStatus(), KnativeStatus(conditions=said, url="http://new"))
    assert tracked == Tracked(ComponentStatus(), {"PredictorReady": "False"}, None)


def test_observed_generation_is_taken_over() -> None:
    assert track(Component.PREDICTOR, ComponentStatus(), KnativeStatus(observed_generation=7)).observed_generation == 7


def test_shares_add_up_over_targets() -> None:
    assert shares(targets("r2L10 r2:40 r1:50 r1")) == {"r2": 50, "r1": 50}


names = st.sampled_from([None, "", "r1", "r2", "r3"])
percents = st.one_of(st.none(), st.sampled_from([-5, 0, 10, 50, 90, 99, 100, 150]))
any_target = st.builds(
    TrafficTarget, revision_name=names, latest_revision=st.sampled_from([None, True, False]), percent=percents
)
any_condition = st.builds(
    Condition,
    type=st.sampled_from(["Ready", "RoutesReady", "ConfigurationsReady", "Strange", ""]),
    status=st.sampled_from(["True", "False", "Unknown", "", "true"]),
)
any_service = st.builds(
    KnativeStatus,
    latest_ready=names,
    latest_created=names,
    traffic=st.lists(any_target, max_size=4).map(tuple),
    conditions=st.lists(any_condition, max_size=5).map(tuple),
    observed_generation=st.one_of(st.none(), st.integers(0, 9)),
)
any_previous = st.builds(ComponentStatus, latest_rolledout=names, previous_rolledout=names)


@given(st.sampled_from(Component), any_previous, any_service, st.sampled_from(Rules))
def test_any_status_has_an_answer(
    component: Component, previous: ComponentStatus, service: KnativeStatus, rules: Rules
) -> None:
    tracked = track(component, previous, service, rules=rules)
    after = tracked.component
    assert after.latest_rolledout != ""
    assert after.previous_rolledout != ""
    assert set(tracked.conditions) <= {name for name, _ in CONDITIONS[component]}
    # No revision comes from nowhere, and only a promotion moves what is previous.
    known = {previous.latest_rolledout or None, previous.previous_rolledout or None}
    assert after.latest_rolledout in known | {service.latest_ready or None}
    assert after.previous_rolledout in known | {service.latest_ready or None}
    if not any(target.percent == 100 for target in service.traffic):
        assert after.previous_rolledout == (previous.previous_rolledout or None)
        assert after.latest_rolledout in known


@given(any_previous, any_service)
def test_a_status_that_stands_still_comes_to_rest(previous: ComponentStatus, service: KnativeStatus) -> None:
    """With one latest target, as KServe asks for, a second look at the same status changes nothing."""
    if sum(bool(target.latest_revision) for target in service.traffic) <= 1:
        once = track(Component.PREDICTOR, previous, service).component
        assert track(Component.PREDICTOR, once, service).component == once
