import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_rollout.cluster.snapshot import SnapshotSource, read_snapshot
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.live import LiveView
from tests import traces

SCENARIO = traces.load("A")
DOCUMENT = SCENARIO.resting(SCENARIO.steps[1]).document()
PLACE = (SCENARIO.namespace, "iris")


def view(tmp_path: Path, data: bytes | str) -> LiveView:
    path = tmp_path / "live.json"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return SnapshotSource("prod", path).read()


def without(kind: str) -> dict[str, Any]:
    return DOCUMENT | {"items": [item for item in DOCUMENT["items"] if item["kind"] != kind]}


def per_kind_lists() -> list[dict[str, Any]]:
    kinds = {item["kind"] for item in DOCUMENT["items"]}
    return [
        {"apiVersion": "v1", "kind": f"{kind}List", "items": [i for i in DOCUMENT["items"] if i["kind"] == kind]}
        for kind in sorted(kinds)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "".join(json.dumps(part) for part in per_kind_lists()),
        "\n".join(json.dumps(item) for item in DOCUMENT["items"]),
        json.dumps(DOCUMENT["items"]),
        yaml.safe_dump(DOCUMENT),
        yaml.safe_dump_all(DOCUMENT["items"]),
        yaml.safe_dump_all([None, *per_kind_lists()]),
        "\ufeff" + json.dumps(DOCUMENT),
        json.dumps(DOCUMENT).encode("utf-16"),
        json.dumps(DOCUMENT | {"items": [*DOCUMENT["items"], {"apiVersion": "v1", "kind": "Service", "metadata": {}}]}),
    ],
    ids=["lists in a row", "JSON lines", "array", "YAML", "YAML stream", "YAML lists", "BOM", "UTF-16", "other kinds"],
)
def test_every_shape_of_a_snapshot_gives_the_same_view(tmp_path: Path, text: bytes | str) -> None:
    expected = view(tmp_path, json.dumps(DOCUMENT))
    assert set(expected.services) == {PLACE}
    assert expected.notes == ()
    found = view(tmp_path, text)
    assert (found.services, found.notes) == (expected.services, expected.notes)


def test_one_object_alone_is_a_snapshot(tmp_path: Path) -> None:
    item = next(item for item in DOCUMENT["items"] if item["kind"] == "InferenceService")
    found = view(tmp_path, json.dumps(item))
    assert set(found.services) == {PLACE}
    assert "no Knative Services" in str(found.unreachable)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    assert "no Knative Services" in str(view(tmp_path, json.dumps(without("Service"))).unreachable)
    assert "no Revisions" in str(view(tmp_path, json.dumps(without("Revision"))).unreachable)
    assert view(tmp_path, json.dumps(DOCUMENT)).unreachable is None
    assert "no InferenceServices" in view(tmp_path, json.dumps(without("InferenceService"))).notes[0]


def test_without_managed_fields_the_owner_is_unknown(tmp_path: Path) -> None:
    text = json.dumps(DOCUMENT)
    document = json.loads(text)
    for item in document["items"]:
        item["metadata"].pop("managedFields", None)
    found = view(tmp_path, json.dumps(document))
    assert found.services[PLACE].owners is None
    assert "owner unknown for 1 of 1" in found.notes[0]


def test_repeated_objects_are_said_and_the_last_one_counts(tmp_path: Path) -> None:
    later = json.loads(json.dumps(DOCUMENT))
    for item in later["items"]:
        item["metadata"]["generation"] = 77
    found = view(tmp_path, json.dumps(DOCUMENT) + json.dumps(later))
    assert found.services[PLACE].generation == 77
    assert f"shown more than once, the last one counts: InferenceService {SCENARIO.namespace}/iris" in found.notes


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (json.dumps(DOCUMENT)[:-200], "cut off"),
        (json.dumps(DOCUMENT, indent=2)[:5000], "cut off"),
        ('{"kind": "List", items: []}', "not JSON"),
        ("", "empty"),
        (" \n", "empty"),
        ("error: the server could not find the requested resource", "no Kubernetes object"),
        ("just words", "no Kubernetes object"),
        ("[1, 2]", "no Kubernetes object"),
        ("{}", "no Kubernetes object"),
        ("a: [", "line 2"),
        (b"\x1f\x8b\x08\x00\x00", "not YAML"),
        ("[" * 100_000, "not JSON"),
        ('{"a":' * 100_000, "not JSON"),
        (json.dumps(DOCUMENT | {"metadata": {"continue": "abc"}}), "one page of a longer list"),
    ],
)
def test_a_file_that_is_no_snapshot_is_one_clear_line(tmp_path: Path, data: bytes | str, says: str) -> None:
    with pytest.raises(SourceError, match=says) as refused:
        view(tmp_path, data)
    assert "live.json" in refused.value.message
    assert "\n" not in refused.value.message
    assert refused.value.hint is not None
    assert "kubectl get" in refused.value.hint


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.json: No such file"):
        SnapshotSource("prod", tmp_path / "nowhere.json").read()
    with pytest.raises(SourceError, match="Is a directory"):
        SnapshotSource("prod", tmp_path).read()


def test_the_instant_is_what_was_said_and_the_file_has_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    path.write_text(json.dumps(DOCUMENT))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    said = datetime(2026, 1, 1, tzinfo=UTC)
    assert SnapshotSource("prod", path).read().seen_at is None
    assert SnapshotSource("prod", path).read().file_time == datetime.fromtimestamp(1_700_000_000, UTC)
    assert SnapshotSource("prod", path, said).read().seen_at == said


def test_objects_without_an_outline_are_noted_and_the_rest_is_read() -> None:
    broken = [
        {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": "none"},
        {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "lost"}},
    ]
    assembly = read_snapshot(json.dumps(DOCUMENT | {"items": broken + DOCUMENT["items"]}).encode(), "live.json")
    assert assembly.unreadable == ["InferenceService without a name", "Service lost"]
    assert set(assembly.services()) == {PLACE}
