"""What a proposal's commit says of itself, and what is read back from any commit."""

from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.trailers import format_trailers, parse_trailers, without_base
from gitops_rollout.model.targets import Component
from tests.core.changes import a_change


def test_what_is_written_is_read_back() -> None:
    change = a_change()
    read = parse_trailers(f"Promote prod/fraud/score\n\nWhy.\n\n{format_trailers(change)}\n")
    assert read.ours
    assert read.targets == ("prod/fraud/score",)
    assert (read.action, read.reason, read.base) == ("promote", "soaked", change.base_commit)
    assert read.candidates == change.decision.candidate
    assert read.baselines == change.decision.baseline


def test_a_step_names_its_percent() -> None:
    assert "Rollout-Action: step-25" in format_trailers(a_change(action="step", to=25))


def test_only_the_base_may_differ_between_equal_messages() -> None:
    first = f"Title\n\n{format_trailers(a_change(base='1' * 40))}\n"
    second = f"Title\n\n{format_trailers(a_change(base='2' * 40))}\n"
    assert first != second
    assert without_base(first) == without_base(second)


def test_a_message_without_trailers_is_not_ours() -> None:
    assert not parse_trailers("Fix the build\n\nRollout-Action: promote\n").ours


def test_the_last_paragraph_with_trailers_counts() -> None:
    """Text above our trailers (a quoted revert, a person's words) cannot speak for them."""
    quoted = "Rollout-Target: prod/other/one\nRollout-Action: rollback\nRollout-Base: " + "f" * 40
    read = parse_trailers(f"Title\n\n{quoted}\n\n{format_trailers(a_change())}\n")
    assert read.targets == ("prod/fraud/score",)
    assert read.action == "promote"


def test_a_base_that_is_no_commit_id_is_left_out() -> None:
    read = parse_trailers("T\n\nRollout-Target: a/b/c\nRollout-Action: promote\nRollout-Base: --upload-pack=x\n")
    assert read.base is None
    assert not read.ours


@given(st.text(max_size=300))
def test_no_message_makes_reading_fail(message: str) -> None:
    parse_trailers(message)


@given(st.text(min_size=1, max_size=60))
def test_no_name_can_add_a_trailer(name: str) -> None:
    text = format_trailers(a_change(candidate=name))
    assert len(text.splitlines()) == 6
    read = parse_trailers(f"T\n\n{text}")
    assert read.action == "promote"
    assert list(read.candidates) == [Component.PREDICTOR]
