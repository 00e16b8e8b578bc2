"""Knative's own rules of collection (v0.48 pkg/reconciler/gc/gc.go), on revisions whose times are known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.collection import collectable_from, retention
from gitops_rollout.model.cluster import Collection
from gitops_rollout.model.live import KnativeService, KnativeStatus, Revision, TrafficTarget
from tests.core.builders import V1, at, name, revision

HOUR = 60
SOON = Collection(timedelta(hours=2), timedelta(hours=1), least=0, most=None)


def retired(number: int, made: float, let_go: float | None = None, **changes: object) -> Revision:
    """A revision that a route let go at an instant (minutes)."""
    modified = None if let_go is None else at(let_go)
    made_one = revision(number, V1, made, routing_state="reserve", routing_state_modified=modified)
    return replace(made_one, **changes)  # type: ignore[arg-type]  # fields of a Revision


def due(one: Revision, *others: Revision, settings: Collection = SOON) -> datetime | None:
    service = KnativeService("iris-predictor", "ksvc", 1, (), KnativeStatus(latest_ready=name(9)))
    return collectable_from(one, (*others, one), service, settings)


def test_both_retention_times_must_be_over() -> None:
    assert due(retired(1, 0, 10)) == at(2 * HOUR)
    assert due(retired(1, 0, 90)) == at(150)
    assert due(retired(1, 0)) == at(2 * HOUR)  # never routed: since it was made


@pytest.mark.parametrize(
    ("settings", "when"),
    [
        (replace(SOON, retain_since_create=None), at(70)),
        (replace(SOON, retain_since_active=None), at(2 * HOUR)),
        (replace(SOON, retain_since_create=None, retain_since_active=None), None),
        (Collection(), None),
    ],
)
def test_a_time_that_is_disabled_does_not_count(settings: Collection, when: datetime | None) -> None:
    assert due(retired(1, 0, 10), settings=settings) == when


def test_what_is_routed_preserved_or_latest_stays() -> None:
    for kept in (
        retired(1, 0, 10, routing_state="active"),
        retired(1, 0, 10, routing_state="pending"),
        retired(1, 0, 10, routing_state=None),
        retired(1, 0, 10, preserved=True),
        retired(9, 0, 10),
    ):
        assert due(kept) is None
    routed = KnativeService("iris-predictor", "ksvc", 1, (TrafficTarget(name(1), False, 90, "prev"),))
    one = retired(1, 0, 10)
    assert collectable_from(one, [one], routed, SOON) is None
    assert collectable_from(one, [one], None, SOON) == at(2 * HOUR)


def test_so_many_are_kept_whatever_their_age() -> None:
    older, newer = retired(1, 0, 10), retired(2, 5, 20)
    one_kept = replace(SOON, least=1)
    assert due(older, newer, settings=one_kept) == at(2 * HOUR)
    assert due(newer, older, settings=one_kept) is None


def test_more_than_the_most_go_at_once_the_oldest_first() -> None:
    older, newer = retired(1, 0, 10), retired(2, 5, 20)
    at_most = Collection(least=0, most=1)
    assert due(older, newer, settings=at_most) == at(10)
    assert due(newer, older, settings=at_most) == at(5) + timedelta(hours=48)


def collected(revisions: Sequence[Revision], latest: str | None, settings: Collection, now: datetime) -> set[str]:
    """What one pass of Knative's own collection deletes, as gc.go goes about it: stale ones first, then the surplus."""
    idle = [one for one in revisions if one.name != latest and not one.preserved and one.routing_state == "reserve"]
    if len(idle) <= settings.least:
        return set()
    idle.sort(key=last_active)
    gone: list[Revision] = []
    for one in idle:
        if is_stale(one, settings, now):
            gone.append(one)
            if len(gone) >= len(idle) - settings.least:
                return {each.name for each in gone}
    rest = [one for one in idle if one not in gone]
    surplus = 0 if settings.most is None else max(0, len(rest) - settings.most)
    return {one.name for one in (*gone, *rest[:surplus])}


def last_active(one: Revision) -> datetime:
    return one.routing_state_modified or one.created or at(0)


def is_stale(one: Revision, settings: Collection, now: datetime) -> bool:
    spans = (
        (one.created or at(0), settings.retain_since_create),
        (last_active(one), settings.retain_since_active),
    )
    counted = [(since, span) for since, span in spans if span is not None]
    return bool(counted) and all(now - since >= span for since, span in counted)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Revision], Collection]:
    """Some revisions of one service, each made and let go at some minute, and some settings."""
    revisions = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        made = draw(st.integers(0, 60))
        let_go = draw(st.one_of(st.none(), st.integers(made, 120)))
        changes = {
            "routing_state": draw(st.sampled_from(["reserve", "reserve", "reserve", "active", None])),
            "preserved": draw(st.sampled_from([False, False, False, True])),
        }
        revisions.append(retired(number, made, let_go, **changes))
    span = st.one_of(st.none(), st.integers(0, 90).map(lambda minutes: timedelta(minutes=minutes)))
    least = draw(st.integers(0, 3))
    most = draw(st.one_of(st.none(), st.integers(least, 5)))
    return revisions, Collection(draw(span), draw(span), least, most)


@given(histories(), st.integers(120, 400), st.sampled_from([None, 1, 3]))
def test_nothing_is_collected_that_was_said_to_stay(
    made: tuple[list[Revision], Collection], minutes: int, latest: int | None
) -> None:
    """Against one pass of gc.go at any instant: never later than said, and never where it was said not to be."""
    revisions, settings = made
    service = KnativeService("iris-predictor", "ksvc", 1, (), KnativeStatus(latest_ready=name(latest)))
    gone = collected(revisions, name(latest), settings, at(minutes))
    for one in revisions:
        due = collectable_from(one, revisions, service, settings)
        if one.name in gone:
            assert due is not None
            assert due <= at(minutes)


def test_the_settings_can_be_told() -> None:
    assert retention(Collection()) == "kept for 48h since made and 15h since routed, 20 to 1000 of them"
    assert retention(replace(SOON, retain_since_create=None)) == (
        "kept for ever since made and 1h since routed, 0 to any number of them"
    )
