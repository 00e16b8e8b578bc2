from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_rollout.cluster.snapshot import SnapshotSource
from gitops_rollout.cluster.sources import open_sources, split_instant
from gitops_rollout.model.errors import UsageError


def test_a_snapshot_may_say_when_it_was_taken() -> None:
    (source,) = open_sources([("prod", "snapshot:live.json@2026-01-31T12:00:00Z")])
    assert isinstance(source, SnapshotSource)
    assert (source.name, source.path) == ("prod", Path("live.json"))
    assert source.seen_at == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_an_at_sign_in_a_file_name_is_left_in_it(tmp_path: Path) -> None:
    named = tmp_path / "a@2026.json"
    named.write_text("{}")
    assert split_instant(str(named)) == (str(named), None)
    assert split_instant("me@home/live.json") == ("me@home/live.json", None)
    assert split_instant("me@home/live.json@2026-01-01T00:00:00+01:00")[0] == "me@home/live.json"


@pytest.mark.parametrize("stamp", ["2026-01-31T12:00:00", "2026-13-01T00:00:00Z", "2026"])
def test_an_instant_without_offset_or_sense_is_wrong_usage(stamp: str) -> None:
    with pytest.raises(UsageError, match="RFC 3339"):
        split_instant(f"live.json@{stamp}")


@pytest.mark.parametrize(
    ("cluster", "source"),
    [("Prod", "snapshot:x"), ("-a", "snapshot:x"), ("a" * 64, "snapshot:x"), ("prod", "snapshot:"), ("prod", "tape:x")],
)
def test_what_is_not_understood_is_wrong_usage(cluster: str, source: str) -> None:
    with pytest.raises(UsageError):
        open_sources([(cluster, source)])


def test_a_cluster_has_one_source() -> None:
    with pytest.raises(UsageError, match="twice"):
        open_sources([("prod", "snapshot:a"), ("prod", "snapshot:b")])
