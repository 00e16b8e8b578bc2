import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.marker import format_marker, parse_marker
from gitops_rollout.model.history import Marker

MARKER = Marker("iris-predictor-00002", "3f9c1b2d4e5f")
TEXT = "rolled back: iris-predictor-00002 (model 3f9c1b2d4e5f)"


def test_a_marker_is_written_and_read() -> None:
    assert format_marker(MARKER) == TEXT
    assert parse_marker(TEXT) == MARKER


@pytest.mark.parametrize("comment", [f" {TEXT} ", f"see #12; {TEXT}", f"{TEXT} by the bot"])
def test_a_marker_is_found_within_a_comment(comment: str) -> None:
    assert parse_marker(comment) == MARKER


@pytest.mark.parametrize(
    "comment",
    [
        None,
        "",
        "rolled back",
        "rolled back: iris-predictor-00002",
        "rolled back: iris-predictor-00002 (model 3f9c)",
        "rolled back: iris-predictor-00002 (model 3F9C1B2D4E5F)",
        "rolled back: -x (model 3f9c1b2d4e5f)",
        "rolled back:  (model 3f9c1b2d4e5f)",
    ],
)
def test_other_comments_are_no_markers(comment: str | None) -> None:
    assert parse_marker(comment) is None


@given(st.from_regex(r"[a-z0-9][-a-z0-9]{0,60}", fullmatch=True), st.from_regex(r"[0-9a-f]{12}", fullmatch=True))
def test_every_marker_is_read_back(revision: str, model: str) -> None:
    assert parse_marker(format_marker(Marker(revision, model))) == Marker(revision, model)


@given(st.text())
def test_anybodys_text_is_read_without_fail(comment: str) -> None:
    assert parse_marker(comment) is None or "rolled back" in comment
