"""Every recorded snapshot decodes, and what comes out is what stands in it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gitops_rollout.cluster.snapshot import read_snapshot
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.targets import Component
from tests import traces


def decode(snapshot: traces.Snapshot) -> dict[tuple[str, str], LiveInferenceService]:
    assembly = read_snapshot(json.dumps(snapshot.document()).encode(), "trace.json")
    assert not assembly.unreadable
    assert not assembly.repeated
    return assembly.services()


@pytest.mark.parametrize("scenario", traces.SCENARIOS)
def test_every_recorded_snapshot_decodes_to_what_it_shows(scenario: str) -> None:
    for snapshot in traces.load(scenario).snapshots:
        services = decode(snapshot)
        shown = {item["metadata"]["name"]: item for item in snapshot.of_kind("InferenceService")}
        assert {name for _, name in services} == set(shown)
        for (_, name), service in services.items():
            item = shown[name]
            assert service.spec == item["spec"]
            assert service.generation == item["metadata"]["generation"]
            assert len(service.conditions) == len(item.get("status", {}).get("conditions", []))
            assert all(condition.last_transition for condition in service.conditions)
            check_components(service, item, snapshot)


def check_components(service: LiveInferenceService, item: Mapping[str, Any], snapshot: traces.Snapshot) -> None:
    knative = {entry["metadata"]["name"]: entry for entry in snapshot.of_kind("Service")}
    for component, live in service.components.items():
        tracked = item.get("status", {}).get("components", {}).get(component.value, {})
        assert live.tracking.latest_rolledout == tracked.get("latestRolledoutRevision")
        assert live.tracking.previous_rolledout == tracked.get("previousRolledoutRevision")
        shown = knative.get(f"{service.name}-{component.value}")
        assert (live.service is None) == (shown is None)
        if live.service is None or shown is None:
            continue
        status = shown.get("status", {})
        assert live.service.uid == shown["metadata"]["uid"]
        assert [entry.percent for entry in live.service.traffic] == [e.get("percent") for e in shown["spec"]["traffic"]]
        assert [entry.revision_name for entry in live.service.status.traffic] == [
            entry.get("revisionName") for entry in status.get("traffic", [])
        ]
        assert live.service.status.observed_generation == status.get("observedGeneration")
        mine = [
            entry
            for entry in snapshot.of_kind("Revision")
            if entry["metadata"]["labels"]["serving.knative.dev/serviceUID"] == live.service.uid
        ]
        assert {revision.uid for revision in live.revisions} == {entry["metadata"]["uid"] for entry in mine}


def test_a_revision_says_what_it_runs() -> None:
    scenario = traces.load("A")
    services = decode(scenario.resting(scenario.steps[1]))
    revisions = services[scenario.namespace, "iris"].components[Component.PREDICTOR].revisions
    assert [revision.name for revision in revisions] == ["iris-predictor-00001", "iris-predictor-00002"]
    assert [revision.source_uri for revision in revisions] == ["s3://models/iris/v1", "s3://models/iris/v2"]
    assert [revision.configuration_generation for revision in revisions] == [1, 2]
    assert revisions[1].containers[0]["image"] == "kserve/sklearnserver:v0.20.0"
    assert {condition.type for condition in revisions[1].conditions} >= {"Ready", "ContainerHealthy"}


def test_a_name_that_is_used_again_is_another_revision() -> None:
    """Stop and resume: `-00001` before and after are two revisions of two Knative Services."""
    scenario = traces.load("I")
    uids = set()
    for snapshot in scenario.snapshots:
        for service in decode(snapshot).values():
            for live in service.components.values():
                uids |= {revision.uid for revision in live.revisions if revision.name.endswith("-00001")}
                for revision in live.revisions:
                    assert live.service is not None
                    assert revision.service_uid == live.service.uid
    assert len(uids) > 1


def test_the_owner_of_a_percent_is_who_wrote_it() -> None:
    """Written by apply, then changed by a hand: the hand owns it as well."""
    scenario = traces.load("S")
    seen = set()
    for snapshot in scenario.snapshots:
        for service in decode(snapshot).values():
            assert service.owners is not None
            assert all(owner.component is Component.PREDICTOR for owner in service.owners)
            seen |= {owner.manager for owner in service.owners}
    assert {"kubectl-client-side-apply", "kubectl-patch"} <= seen


def test_modes_are_told_apart() -> None:
    modes = {}
    for name in ("A", "M"):
        scenario = traces.load(name)
        services = decode(scenario.resting(scenario.steps[0]))
        modes[name] = {service.deployment_mode for service in services.values()}
    assert modes == {"A": {"Knative"}, "M": {"Standard"}}


def test_a_revision_says_what_pods_it_has_and_when_routes_let_it_go() -> None:
    scenario = traces.load("A")
    document = scenario.resting(scenario.steps[-1]).document()
    services = read_snapshot(json.dumps(document).encode(), "file").services()
    revisions = services[scenario.namespace, "iris"].components[Component.PREDICTOR].revisions
    assert {one.min_scale for one in revisions} == {1}
    retired = [one for one in revisions if one.routing_state == "reserve"]
    assert retired
    for one in retired:
        assert (one.desired_replicas, one.actual_replicas, one.preserved) == (0, 0, False)
        assert one.created is not None
        assert one.routing_state_modified is not None
        assert one.routing_state_modified > one.created
