"""What holds for every edit of every generated manifest."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_rollout.manifests.edit import edit
from gitops_rollout.model.change import Edit, EditOutcome
from gitops_rollout.model.targets import Component
from tests.manifests.generated import Sample, samples
from tests.manifests.meaning import changed_lines, common, with_percent
from tests.manifests.samples import MARKER

WANTED = st.one_of(st.none(), st.integers(0, 100))
FEW = {"max_examples": 30} if settings().max_examples < 1000 else {}
SETTINGS = settings(**FEW, suppress_health_check=[HealthCheck.too_slow])


def edited(data: bytes, sample: Sample, percent: int | None, comment: str | None = None) -> tuple[bytes, EditOutcome]:
    result = edit(data, [Edit(sample.document, (), Component.PREDICTOR, percent, comment)])
    return result.data, result.outcomes[0]


@SETTINGS
@given(samples(), WANTED, st.booleans())
def test_exactly_the_field_changes_for_both_readers(sample: Sample, percent: int | None, marked: bool) -> None:
    before = sample.text.encode()
    after, outcome = edited(before, sample, percent, MARKER if marked and percent == 0 else None)
    if outcome.outcome == "refused":
        assert after == before
        assert (outcome.reason, percent) == ("only-key", None)
        return
    assert outcome.before == sample.percent
    for old, new in common(before, after):
        assert new == with_percent(old, sample.document, percent)


@SETTINGS
@given(samples(), WANTED)
def test_the_bytes_differ_in_one_place(sample: Sample, percent: int | None) -> None:
    before = sample.text.encode()
    after, outcome = edited(before, sample, percent)
    old, new = changed_lines(before, after)
    if outcome.outcome != "edited":
        assert after == before
    elif percent is None:
        assert (old, new) in [(1, 0), (1, 1), (2, 1)], "the line, or its part of a shared one and the comma before it"
    else:
        assert (old, new) == ((1, 1) if sample.percent is not None or new == old else (0, 1))


@SETTINGS
@given(samples(), WANTED, st.booleans())
def test_editing_again_changes_nothing(sample: Sample, percent: int | None, marked: bool) -> None:
    comment = MARKER if marked and percent == 0 else None
    once, outcome = edited(sample.text.encode(), sample, percent, comment)
    if outcome.outcome != "refused":
        again, second = edited(once, sample, percent, comment)
        assert again == once
        assert second.outcome == "unchanged"


@SETTINGS
@given(samples(), st.integers(0, 100), st.booleans())
def test_removing_what_was_inserted_gives_the_same_bytes(sample: Sample, percent: int, marked: bool) -> None:
    without, outcome = edited(sample.text.encode(), sample, None)
    if outcome.outcome != "refused":
        inserted, _ = edited(without, sample, percent, MARKER if marked and percent == 0 else None)
        assert edited(inserted, sample, None)[0] == without


@SETTINGS
@given(samples(), st.integers(1, 100))
def test_a_marker_comes_and_goes_without_a_trace(sample: Sample, percent: int) -> None:
    once, outcome = edited(sample.text.encode(), sample, percent)
    if outcome.outcome != "refused":
        zeroed, _ = edited(once, sample, 0, MARKER)
        assert edited(zeroed, sample, percent)[0] == once
