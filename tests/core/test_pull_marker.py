"""The hidden line of a body: read back as written, and inert whatever it holds."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.pull_marker import (
    format_marker,
    marker_of,
    parse_marker,
    stamp,
    with_marker,
    without_marker,
)
from tests.core.changes import a_change


def test_what_is_written_is_read_back() -> None:
    marker = replace(marker_of(a_change()), closed_by_us=True)
    assert parse_marker(f"Text\n\n{format_marker(marker)}\n") == marker


def test_it_stays_readable_through_a_forge_that_changes_line_ends() -> None:
    marker = marker_of(a_change())
    assert parse_marker(with_marker("One\ntwo", marker).replace("\n", "\r\n")) == marker


def test_a_body_has_one_hidden_line() -> None:
    marker = marker_of(a_change())
    body = with_marker(with_marker("Text\n", marker), replace(marker, closed_by_us=True))
    assert body.count("<!-- gitops-rollout:") == 1
    assert without_marker(body) == "Text"


def test_a_persons_edit_does_not_change_what_we_wrote() -> None:
    marker = marker_of(a_change())
    written = stamp("Title", "Our text", marker)
    assert written.text
    assert stamp("Title", "Our text\r\n", marker) == written
    assert stamp("Title", "Another text", marker) != written


@given(st.text(max_size=400))
def test_no_body_makes_reading_fail(body: str) -> None:
    parse_marker(body)
    parse_marker(f"<!-- gitops-rollout: {{{body}}} -->")


@given(st.text(max_size=80))
def test_no_value_can_end_the_comment(value: str) -> None:
    marker = replace(marker_of(a_change()), change=value + "--> @all <!--", id=value)
    line = format_marker(marker)
    assert line.count("-->") == 1
    assert line.endswith(" -->")
    assert "@" not in line
    assert len(line.splitlines()) == 1
    assert parse_marker(line) == marker


def test_deep_or_odd_json_is_no_marker() -> None:
    assert parse_marker("<!-- gitops-rollout: {" + '"a":[' * 4000 + " -->") is None
    odd = parse_marker('<!-- gitops-rollout: {"change": 3, "candidates": [1], "closed_by_us": "yes"} -->')
    assert odd is not None
    assert (odd.change, odd.candidates, odd.closed_by_us) == ("", {}, False)
