"""Settings of Knative and KServe as their ConfigMaps say them, and snapshots that keep them."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from gitops_rollout.cluster.config_maps import cluster_settings, duration, read_collection
from gitops_rollout.cluster.recording import Recording
from gitops_rollout.cluster.snapshot import read_snapshot
from gitops_rollout.cluster.view import make_view
from gitops_rollout.model.cluster import ClusterSettings, Collection


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, Collection()),
        ({"_example": "retain-since-create-time: 1h"}, Collection()),
        ({"retain-since-create-time": "1h30m0s"}, Collection(retain_since_create=timedelta(minutes=90))),
        ({"retain-since-last-active-time": "Disabled"}, Collection(retain_since_active=None)),
        ({"min-non-active-revisions": "0", "max-non-active-revisions": "0"}, Collection(least=0, most=0)),
        ({"max-non-active-revisions": "disabled"}, Collection(most=None)),
        ({"retain-since-create-time": "soon"}, None),
        ({"min-non-active-revisions": "-1"}, None),
        ({"max-non-active-revisions": "many"}, None),
    ],
)
def test_collection_is_what_knative_reads(data: dict[str, str], expected: Collection | None) -> None:
    assert read_collection(data) == expected


@pytest.mark.parametrize("text", ["", "1", "h", "1h 2m", "-1h", "1d", "9" * 40 + "h", "1.2.3s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        duration(text)


def config_map(namespace: str, name: str, data: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    }


def test_a_snapshot_keeps_settings_and_how_far_the_reading_went() -> None:
    recording = Recording()
    recording.add("ConfigMap", config_map("knative-serving", "config-gc", {"max-non-active-revisions": "3"}))
    deploy = json.dumps({"defaultDeploymentMode": "RawDeployment"})
    recording.add("ConfigMap", config_map("opendatahub", "inferenceservice-config", {"deploy": deploy}))
    recording.limits.namespaces, recording.limits.labels = frozenset({"a", "b"}), {"team": "fraud"}
    recording.limits.unread["b"] = "may not be listed"
    file = BytesIO()
    recording.write(file)
    view = make_view("prod", read_snapshot(file.getvalue(), "file"), None)
    assert view.settings == ClusterSettings(Collection(most=3), "RawDeployment")
    assert (view.namespaces, view.labels, view.unread) == (
        frozenset({"a", "b"}),
        {"team": "fraud"},
        {"b": "may not be listed"},
    )


def test_a_snapshot_without_them_says_nothing_of_them() -> None:
    items = [config_map("x", "of-something-else", {"a": "b"}), config_map("kserve", "inferenceservice-config", 3)]
    view = make_view("prod", read_snapshot(json.dumps({"kind": "List", "items": items}).encode(), "file"), None)
    assert (view.settings, view.namespaces, view.unread) == (ClusterSettings(), None, {})
    odd = {"kserve": 3, "deploy": "["}
    assert cluster_settings({("kserve", "inferenceservice-config"): odd}) == ClusterSettings()  # type: ignore[dict-item]
