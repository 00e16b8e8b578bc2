"""The simulated cluster: a Git history told to it, read back, and judged as a real one would be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitops_rollout.cluster.simulated import SimulatedSource
from gitops_rollout.cluster.sources import open_source
from gitops_rollout.core.assess.target import assess
from gitops_rollout.core.decide.target import decide_target
from gitops_rollout.core.tracking import shares
from gitops_rollout.core.traffic import expected_traffic
from gitops_rollout.model.decision import Action, Decision, Reason
from gitops_rollout.model.doors import Follower
from gitops_rollout.model.errors import UsageError
from gitops_rollout.model.history import Arrival, History
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.observation import TargetFacts
from gitops_rollout.model.policy import Settings
from gitops_rollout.model.targets import Component, Manifest, Source, Target, TargetKey

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
PREDICTOR = Component.PREDICTOR
ONE, TWO, THREE = (f"iris-predictor-0000{number}" for number in (1, 2, 3))


def iris(version: str, percent: int | None = None, **annotations: str) -> Manifest:
    predictor: dict[str, Any] = {
        "model": {"modelFormat": {"name": "sklearn"}, "storageUri": f"s3://models/iris/{version}"}
    }
    if percent is not None:
        predictor["canaryTrafficPercent"] = percent
    named = {"serving.kserve.io/" + name: value for name, value in annotations.items()}
    return Manifest(Source("iris.yaml", 0, 1), "iris", "models", {"predictor": predictor}, annotations=named)


def commits(*manifests: Manifest | None, gap: timedelta = HOUR) -> History:
    arrivals = [
        Arrival(f"{index:040x}", START + index * gap, "someone", "change", manifest, "iris.yaml")
        for index, manifest in enumerate(manifests)
    ]
    return History(tuple(reversed(arrivals)))


def target(history: History, cluster: str = "prod") -> Target:
    stated = next(one.manifest for one in history.arrivals if one.manifest)
    return Target(TargetKey(cluster, "models", "iris"), stated)


def seen(history: History, now: datetime, argument: str = "") -> LiveInferenceService | None:
    source = SimulatedSource("prod", argument)
    source.follow([(target(history), history)], now)
    return source.read().services.get(("models", "iris"))


def running(history: History, now: datetime, argument: str = "") -> LiveInferenceService:
    shown = seen(history, now, argument)
    assert shown is not None
    return shown


def decided(history: History, now: datetime, argument: str = "") -> Decision:
    facts = TargetFacts(target(history), Settings(), seen(history, now, argument), history, now, now)
    return decide_target(assess(facts))


def test_the_source_is_opened_by_name_and_follows_git() -> None:
    source = open_source("prod", "simulated:failed=*/v2")
    assert source.name == "prod"
    assert isinstance(source, Follower)


@pytest.mark.parametrize("argument", ["broken", "failed=", "ready=*/v1", "failed=*/v2,broken"])
def test_a_pattern_that_is_none_is_wrong_usage(argument: str) -> None:
    with pytest.raises(UsageError, match="not understood"):
        open_source("prod", f"simulated:{argument}")


def test_a_cluster_that_was_told_nothing_is_empty_and_says_so() -> None:
    view = SimulatedSource("prod").read()
    assert view.services == {}
    assert "told of no manifests" in view.notes[0]


def test_targets_of_other_clusters_are_not_shown() -> None:
    history = commits(iris("v1"))
    source = SimulatedSource("prod")
    source.follow([(target(history, "staging"), history)], START + HOUR)
    assert source.read().services == {}


def test_a_canary_as_a_reader_sees_it() -> None:
    history = commits(iris("v1"), iris("v2", 10))
    shown = running(history, START + 2 * HOUR)
    component = shown.components[PREDICTOR]
    assert component.service is not None
    assert shares(component.service.status.traffic) == {TWO: 10, ONE: 90}
    assert component.service.traffic == expected_traffic(10, component.tracking, {})
    assert component.service.generation == component.service.status.observed_generation
    assert [(one.name, one.source_uri) for one in component.revisions] == [
        (ONE, "s3://models/iris/v1"),
        (TWO, "s3://models/iris/v2"),
    ]
    canary = component.revisions[1]
    assert canary.created == START + HOUR
    assert canary.conditions[0].last_transition == START + HOUR + timedelta(minutes=1)
    assert canary.service_uid == component.service.uid
    assert [(one.component, one.time) for one in shown.owners or ()] == [(PREDICTOR, START + HOUR)]


def test_the_same_story_shows_the_same() -> None:
    history = commits(iris("v1"), iris("v2", 10))
    assert seen(history, START + 2 * HOUR) == seen(history, START + 2 * HOUR)


def test_what_arrives_later_is_not_there_yet() -> None:
    history = commits(iris("v1"), iris("v2", 10))
    assert running(history, START + HOUR / 2).spec == iris("v1").spec
    assert seen(history, START - HOUR) is None


def test_a_revision_needs_a_minute_and_one_that_is_replaced_sooner_stays_pending() -> None:
    quick = commits(iris("v1"), iris("v2", 10), iris("v3", 10), gap=timedelta(seconds=90))
    words = [
        one.conditions[0].status
        for one in running(quick, START + timedelta(minutes=3, seconds=30)).components[PREDICTOR].revisions
    ]
    assert words == ["True", "True", "Unknown"]
    hasty = commits(iris("v1"), iris("v2", 10), iris("v3", 10), gap=timedelta(seconds=30))
    shown = running(hasty, START + HOUR).components[PREDICTOR]
    assert [one.conditions[0].status for one in shown.revisions] == ["Unknown", "Unknown", "True"]
    assert shown.tracking.latest_rolledout == THREE


def test_deleted_and_made_again_is_another_service() -> None:
    before = running(commits(iris("v1")), START + HOUR)
    after = running(commits(iris("v1"), None, iris("v1")), START + 3 * HOUR)
    (old,), (new,) = (shown.components[PREDICTOR].revisions for shown in (before, after))
    assert old.name == new.name
    assert old.uid != new.uid


def test_standard_mode_has_no_knative_service() -> None:
    shown = running(commits(iris("v1", 10, deploymentMode="Standard")), START + HOUR)
    assert shown.deployment_mode == "Standard"
    assert shown.components == {}


def test_a_percent_that_knative_refuses_is_said_in_a_condition() -> None:
    shown = running(commits(iris("v1"), iris("v2", 10), iris("v2", 150)), START + 3 * HOUR)
    said = next(one for one in shown.conditions if one.type == "PredictorReady")
    assert (said.status, said.reason) == ("False", "ReconcileFailed")
    assert shares(running(commits(iris("v1"), iris("v2", 10)), START + 3 * HOUR).components[PREDICTOR].tracking.traffic)


@pytest.mark.parametrize(
    ("history", "argument", "action", "reason"),
    [
        (commits(iris("v1")), "", Action.STABLE, Reason.STABLE),
        (commits(iris("v1"), iris("v2", 10)), "", Action.STEP, Reason.SOAKED),
        (commits(iris("v1"), iris("v2", 50)), "", Action.PROMOTE, Reason.SOAKED),
        (commits(iris("v1"), iris("v2", 10)), "failed=*/v2", Action.ROLLBACK, Reason.CANARY_FAILED),
        (commits(iris("v1"), iris("v2", 10)), "pending=*/v2", Action.ROLLBACK, Reason.DEADLINE_EXCEEDED),
        (commits(iris("v1"), iris("v2", 10), iris("v2", 0)), "", Action.HOLD, Reason.ROLLED_BACK),
        (commits(iris("v1"), iris("v2", 0)), "", Action.START, Reason.READY_AT_ZERO),
        (commits(iris("v1"), iris("v2", 10), iris("v2", 0), iris("v1", 0)), "", Action.PROMOTE, Reason.RESTORED),
        (commits(iris("v1"), iris("v2", 100)), "", Action.PROMOTE, Reason.CLEANUP),
        (commits(iris("v1"), iris("v2"), iris("v2", 10)), "", Action.HOLD, Reason.TRACKING_REGRESSED),
        (commits(iris("v1", 10)), "", Action.PROMOTE, Reason.NOTHING_TO_SPLIT),
        (commits(iris("v1"), iris("v1", stop="true")), "", Action.HOLD, Reason.STOPPED),
    ],
    ids=lambda value: str(value) if isinstance(value, Reason) else "",
)
def test_decisions_on_simulated_stories(history: History, argument: str, action: Action, reason: Reason) -> None:
    decision = decided(history, START + 12 * HOUR, argument)
    assert (decision.action, decision.reason) == (action, reason), decision.message
