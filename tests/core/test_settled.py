from dataclasses import replace
from datetime import timedelta

import pytest

from gitops_rollout.core.assess.settled import is_baseline_gone, is_not_created, settle_overdue, why_unsettled
from gitops_rollout.model.live import Condition, KnativeService, LiveInferenceService, TrafficTarget
from gitops_rollout.model.policy import Settings
from tests.core.builders import PREDICTOR, V1, at, condition, live, revision, spec, split

CANARY = live(spec(V1, 10), [], ready=2, rolled=1)


def service_of(shown: LiveInferenceService) -> KnativeService:
    service = shown.components[PREDICTOR].service
    assert service is not None
    return service


def why(shown: LiveInferenceService, percent: int | None = 10, *, runs: bool = True, **annotations: str) -> str | None:
    component = shown.components[PREDICTOR]
    named = {f"serving.kserve.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return why_unsettled(component.service, percent, component.tracking, named, created_runs_git=runs)


def with_routes(status: str, reason: str = "") -> LiveInferenceService:
    return live(spec(V1, 10), [], ready=2, rolled=1, conditions=[condition("RoutesReady", status, 0, reason)])


def test_a_service_at_rest_is_settled() -> None:
    assert why(CANARY) is None
    assert why(live(spec(V1), [], ready=1, rolled=1), None) is None
    assert why(live(spec(V1, 0), [], ready=2, rolled=1), 0) is None


def test_without_a_knative_service_nothing_is_settled() -> None:
    assert why(replace(CANARY, components={PREDICTOR: replace(CANARY.components[PREDICTOR], service=None)})) is not None


@pytest.mark.parametrize("observed", [2, 4, None])
def test_knative_must_have_seen_this_generation(observed: int | None) -> None:
    assert "generation" in str(why(live(spec(V1, 10), [], ready=2, rolled=1, observed=observed)))


@pytest.mark.parametrize(("status", "reason"), [("Unknown", "OutOfDate"), ("False", "RevisionMissing"), ("", "")])
def test_routes_must_be_ready(status: str, reason: str) -> None:
    assert "routes are not ready" in str(why(with_routes(status, reason)))
    assert reason in str(why(with_routes(status, reason)))


def test_routes_that_nothing_is_said_of_are_not_ready() -> None:
    silent = live(spec(V1, 10), [], ready=2, rolled=1, conditions=[condition("Ready", "True")])
    assert "routes are not ready" in str(why(silent))


def test_the_traffic_must_be_what_kserve_would_ask_for() -> None:
    """Just after an apply the Knative Service looks settled, with the old traffic."""
    assert "KServe has not asked" in str(why(CANARY, 25))
    assert "KServe has not asked" in str(why(CANARY, None))
    asked = live(spec(V1, 25), [], ready=2, rolled=1, traffic=split(10, 2, 1), asked=(
        TrafficTarget(None, True, 25), TrafficTarget("iris-predictor-00001", False, 75, "prev")))  # fmt: skip
    assert "Knative does not serve" in str(why(asked, 25))


def test_the_latest_revision_must_be_behind_its_share() -> None:
    old = live(spec(V1, 10), [], ready=2, rolled=1, traffic=split(10, 1, 1), asked=service_of(CANARY).traffic)
    assert "Knative does not serve" in str(why(old))


def test_a_rollback_after_promotion_needs_its_second_pass() -> None:
    first = live(spec(V1, 0), [], ready=2, rolled=1, traffic=split(0, 2, 2))
    assert "KServe has not asked" in str(why(first, 0))


def test_tags_and_urls() -> None:
    tagged = tuple(replace(one, tag=one.tag or "latest", url="http://x") for one in split(10, 2, 1))
    shown = live(spec(V1, 10), [], ready=2, rolled=1, traffic=tagged)
    assert why(shown, enable_tag_routing="true") is None
    assert why(shown) is not None


def test_an_absent_percent_is_nothing() -> None:
    zero = (TrafficTarget("iris-predictor-00002", True, None), TrafficTarget("iris-predictor-00001", None, 100, "prev"))
    assert why(live(spec(V1, 0), [], ready=2, rolled=1, traffic=zero), 0) is None


def test_the_created_revision_must_run_what_git_states() -> None:
    assert "does not run what Git states" in str(why(CANARY, runs=False))
    nothing = live(spec(V1), [], ready=None, rolled=None, traffic=(TrafficTarget(None, True, 100),))
    assert "no Revision" in str(why(nothing, None, runs=False))


@pytest.mark.parametrize(
    ("status", "reason", "gone"),
    [
        ("False", "RevisionMissing", True),
        ("Unknown", "RevisionMissing", False),
        ("False", "Other", False),
        ("True", "", False),
    ],
)
def test_only_a_false_revision_missing_says_that_the_baseline_is_gone(status: str, reason: str, gone: bool) -> None:
    assert is_baseline_gone(service_of(with_routes(status, reason))) is gone
    assert not is_baseline_gone(None)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            condition(
                "ConfigurationsReady", "False", 0, "RevisionFailed", "Revision creation failed with message: quota."
            ),
            True,
        ),
        (
            condition("ConfigurationsReady", "False", 0, "RevisionFailed", 'Revision "x" failed with message: crash.'),
            False,
        ),
        (condition("ConfigurationsReady", "Unknown", 0, "", "Revision creation failed with message: quota."), False),
        (condition("ConfigurationsReady", "False"), False),
        (condition("Other", "False", 0, "", "Revision creation failed"), False),
    ],
)
def test_a_revision_that_could_not_be_created_is_named_by_nobody(found: Condition, told: bool) -> None:
    service = service_of(live(spec(V1, 10), [], ready=1, rolled=1, conditions=[found]))
    assert (is_not_created(service) is not None) is told
    assert is_not_created(None) is None


def test_settling_is_overdue_once_nothing_has_moved_for_the_deadline() -> None:
    settings = Settings(deadline=timedelta(minutes=60))
    service = service_of(live(spec(V1, 10), [], ready=2, rolled=1, moved=10))
    made = revision(2, V1, 20)
    assert not settle_overdue(service, made, at(0), settings, at(80))
    assert settle_overdue(service, made, at(0), settings, at(81))
    assert not settle_overdue(service, made, at(30), settings, at(90))
    assert settle_overdue(service, None, at(0), settings, at(71))
    assert not settle_overdue(service, None, at(0), settings, at(70))
    assert settle_overdue(None, None, at(0), settings, at(61))
    assert not settle_overdue(None, None, at(0), settings, at(-5))
