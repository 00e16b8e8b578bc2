"""What KServe asks of Knative for a percent and a component's status (KServe ksvc_reconciler.go, v0.6 to v0.20)."""

from collections.abc import Mapping

from gitops_rollout.model.live import ComponentStatus, TrafficTarget

TAG_ROUTING = "serving.kserve.io/enable-tag-routing"


def expected_traffic(
    percent: int | None, status: ComponentStatus, annotations: Mapping[str, str]
) -> tuple[TrafficTarget, ...]:
    """The Knative Service's `spec.traffic`.

    `percent` is `canaryTrafficPercent`, None where the field is absent. KServe checks no range: 150 gives 150 (and
    no second target), -5 gives -5 and 105; Knative then refuses the sum or the value. Without a rolled out revision
    the percent is ignored. `annotations` are the InferenceService's.
    """
    tag = "latest" if annotations.get(TAG_ROUTING) == "true" else None
    baseline = status.latest_rolledout
    if percent is None or not baseline:
        return (TrafficTarget(latest_revision=True, percent=100, tag=tag),)
    latest = TrafficTarget(latest_revision=True, percent=percent, tag=tag)
    if percent >= 100:
        return (latest,)
    return latest, TrafficTarget(revision_name=baseline, latest_revision=False, percent=100 - percent, tag="prev")
