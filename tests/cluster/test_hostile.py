"""Snapshots with missing, null, repeated and contradictory entries decode to something, and never raise."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_rollout.cluster.snapshot import read_snapshot
from gitops_rollout.model.live import LiveInferenceService
from tests import traces

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(["True", "Unknown", "2026-11-23T17:11:22Z", "iris-predictor-00001", 10**30, -5, 150]),
    st.lists(st.one_of(st.none(), st.integers(), st.just({"a": None})), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)
WANTED = {"InferenceService", "Service", "Revision"}


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    scenario = traces.load(draw(st.sampled_from(traces.SERVERLESS)))
    snapshot = draw(st.sampled_from(scenario.snapshots))
    document = copy.deepcopy(snapshot.document())
    document["items"] = [item for item in document["items"] if item["kind"] in WANTED]
    for _ in range(draw(st.integers(1, 6))):
        mutate(draw, document["items"])
    return document


def mutate(draw: st.DrawFn, place: Any) -> None:
    """Walk to somewhere and change what stands there."""
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and draw(st.integers(0, 9)) > 0:
            place = place[key]
            continue
        what = draw(st.sampled_from(["replace", "delete", "repeat"]))
        if what == "delete":
            del place[key]
        elif what == "repeat" and isinstance(place, list):
            place.append(copy.deepcopy(place[key]))
        else:
            place[key] = draw(ODD)
        return


def check_types(service: LiveInferenceService) -> None:
    assert isinstance(service.uid, str)
    assert isinstance(service.generation, int)
    assert isinstance(service.spec, dict)
    for live in service.components.values():
        for revision in live.revisions:
            assert isinstance(revision.name, str)
            assert all(isinstance(container, dict) for container in revision.containers)
        targets = live.tracking.traffic + (live.service.traffic + live.service.status.traffic if live.service else ())
        assert all(target.percent is None or type(target.percent) is int for target in targets)
        times = [condition.last_transition for revision in live.revisions for condition in revision.conditions]
        assert all(time is None or time.tzinfo is not None for time in times)


@settings(max_examples=200, deadline=None)
@given(mutated())
def test_no_content_raises_and_both_ways_in_agree(document: dict[str, Any]) -> None:
    quick = read_snapshot(json.dumps(document).encode(), "list.json")
    empty = json.dumps({"apiVersion": "v1", "kind": "List", "items": []})
    slow = read_snapshot((json.dumps(document) + empty).encode(), "two.json")
    services = quick.services()
    assert services == slow.services()
    assert quick.unreadable == slow.unreadable
    for service in services.values():
        check_types(service)
