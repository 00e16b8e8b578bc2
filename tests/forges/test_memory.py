"""The remote in memory refuses what git refuses."""

from gitops_rollout.model.doors import RefUpdate
from tests.forges.memory import EPOCH, MemoryStore


def test_a_group_moves_as_a_whole_or_not_at_all() -> None:
    store = MemoryStore()
    one = store.write_files({"a": b"1"}, "one", [], EPOCH)
    refused = [RefUpdate("refs/a", one, None), RefUpdate("refs/b", one, one)]
    results = store.push([refused, [RefUpdate("refs/c", one, None)]])
    assert [result.accepted for result in results] == [False, True]
    assert store.refs == {"refs/c": one}


def test_a_lease_on_what_was_seen() -> None:
    store = MemoryStore()
    one = store.write_files({"a": b"1"}, "one", [], EPOCH)
    two = store.write_files({"a": b"2"}, "two", [one], EPOCH)
    assert store.push([[RefUpdate("refs/a", one, None)]])[0].accepted
    assert not store.push([[RefUpdate("refs/a", two, two)]])[0].accepted
    assert not store.push([[RefUpdate("refs/a", None, None)]])[0].accepted
    assert store.push([[RefUpdate("refs/a", two, one)]])[0].accepted
    assert store.push([[RefUpdate("refs/a", None, two)]])[0].accepted
    assert not store.refs


def test_a_merge_keeps_what_the_base_changed_elsewhere() -> None:
    store = MemoryStore()
    base = store.make({"a": b"1", "b": b"1"}, "base", [])
    head = store.make({"a": b"2", "b": b"1"}, "head", [base])
    moved = store.make({"a": b"1", "b": b"3"}, "moved", [base])
    merged = store.merge(moved, head, "merge", EPOCH)
    assert merged is not None
    assert store.read_files(merged) == {"a": b"2", "b": b"3"}
    assert store.read_commits([merged])[merged].parents == (moved, head)
    assert store.merge(store.make({"a": b"9", "b": b"1"}, "other", [base]), head, "merge", EPOCH) is None
