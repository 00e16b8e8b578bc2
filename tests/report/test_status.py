"""The table of `status`."""

from dataclasses import replace
from datetime import timedelta

from gitops_rollout.model.observation import RevisionState
from gitops_rollout.report.status import to_status
from tests.report import samples


def test_one_line_a_component_with_the_three_percents() -> None:
    report = samples.report(
        samples.target(samples.promotion()), samples.target(samples.hold(), samples.TargetKey("prod", "fraud", "other"))
    )
    text = to_status(report)
    rows = [line for line in text.splitlines() if line.startswith("prod/")]
    assert len(rows) == len(report.targets)
    assert text.splitlines()[0].split()[:4] == ["target", "phase", "Git", "live"]


def test_when_counts_from_the_instant_of_the_run() -> None:
    report = samples.report(
        samples.target(samples.promotion()), samples.target(samples.hold(), samples.TargetKey("prod", "fraud", "other"))
    )
    target = report.targets[0]
    later = replace(target.decision, not_before=report.now + timedelta(minutes=90))
    text = to_status(replace(report, targets=(replace(target, decision=later),)))
    assert "in 1h30m" in text


def test_wide_adds_revisions_and_the_reason() -> None:
    report = samples.report(
        samples.target(samples.promotion()), samples.target(samples.hold(), samples.TargetKey("prod", "fraud", "other"))
    )
    assert "rolled out" not in to_status(report)
    assert "rolled out" in to_status(report, wide=True)
    assert report.targets[0].decision.message in to_status(report, wide=True)


def test_wide_says_how_old_revisions_are_and_what_pods_they_have() -> None:
    target = samples.target(samples.promotion())
    report = samples.report(target)
    ((part, seen),) = target.components.items()
    created, rolled = seen.tracking.latest_created, seen.tracking.latest_rolledout
    assert created is not None
    assert rolled is not None
    states = (
        RevisionState(created, created=report.now - timedelta(hours=5), replicas=2),
        RevisionState(rolled, created=report.now - timedelta(days=40), replicas=1),
    )
    shown = replace(target, components={part: replace(seen, revisions=states)})
    text = to_status(samples.report(shown), wide=True)
    assert f"{created.rpartition('-')[2]} (5h, 2 pods)" in text
    assert f"{rolled.rpartition('-')[2]} (40d, 1 pod)" in text


def test_the_component_is_said_where_there_is_more_than_the_predictor() -> None:
    target = samples.target(samples.promotion())
    both = {**target.components, samples.Component.TRANSFORMER: samples.component()}
    rows = to_status(samples.report(replace(target, components=both))).splitlines()
    assert rows[0].split()[:3] == ["target", "component", "phase"]
    assert "transformer" in rows[2]
