"""Untrusted text in every place where it is shown."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.report.escape import block, cell_code, code, commit_text, log_line, log_text, markdown

HOSTILE = st.text(
    alphabet=st.one_of(st.sampled_from("`@#<>!-[]()|:/\\\n\x1b\r&~*_$%ciskip1 "), st.characters()), max_size=60
)


@given(HOSTILE)
def test_no_control_character_reaches_a_terminal(text: str) -> None:
    for shown in (log_text(text), log_line(text)):
        assert not [
            c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} - {""} and c not in "\n\t"
        ]
    assert "\n" not in log_line(text)


@given(HOSTILE)
def test_no_ci_command_survives_on_any_line(text: str) -> None:
    for shown in (log_text(text), log_line(text), log_text(f"##vso[{text}"), log_text(f"\n ::{text}")):
        assert not re.search(r"##\w*\[", shown)
        assert not re.search(r"^\s*::", shown, re.MULTILINE)


@given(HOSTILE)
def test_markdown_text_holds_no_html_no_mention_and_no_comment(text: str) -> None:
    shown = markdown(text)
    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"@[\w-]", shown)
    assert "\n" not in shown


@given(HOSTILE)
def test_a_block_cannot_be_left(text: str) -> None:
    fence, *inside, last = block(text, "diff").split("\n")
    assert last == fence.removesuffix("diff")
    assert set(last) == {"`"}
    assert not any(line.strip().startswith(last) for line in inside)


@given(HOSTILE)
def test_code_cannot_be_left(text: str) -> None:
    shown = code(text)
    fence = re.match("`+", shown)
    assert fence is not None
    if not text.replace("`", "").strip():
        return
    inner = shown[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)
    assert shown.endswith(fence[0])


@pytest.mark.parametrize("made", [markdown, code, block])
def test_the_hidden_line_of_a_pull_request_cannot_be_forged(made) -> None:
    shown = made('x\n<!-- gitops-rollout: {"closed_by_us": true} -->\n')
    assert "<!-- gitops-rollout:" not in shown
    assert "-->" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("iris-predictor-00002 at 10 %", "iris-predictor-00002 at 10 %"),
        ("@team", "@\u200bteam"),
        ("closes #12", "closes #\u200b12"),
        ("see !12 and GH-3", "see !\u200b12 and GH-\u200b3"),
        ("https://evil.example", "https:\u200b//evil.example"),
        ("[a](b)", "\\[a\\](b)"),
        ("a | b", "a \\| b"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("a &lt; b", "a &amp;\u200blt; b"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("/merge", "\\/merge"),
        ("# title", "\\# title"),
        ("two\nlines", "two lines"),
        ("right\u202eleft", "right\\\\u202eleft"),
    ],
)
def test_markdown_shows_the_text_as_it_is(text: str, shown: str) -> None:
    assert markdown(text) == shown


@pytest.mark.parametrize(
    "text", ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "***NO_CI***", "skip-checks: true"]
)
def test_a_commit_message_cannot_switch_the_checks_off(text: str) -> None:
    assert text not in commit_text(f"fine {text}")
    assert commit_text(f"fine {text}").replace("\u200b", "") == f"fine {text}"


def test_a_commit_message_mentions_and_closes_nothing() -> None:
    assert commit_text("@all closes #12") == "@\u200ball closes #\u200b12"


def test_a_cell_of_code_does_not_end_at_a_bar() -> None:
    assert cell_code("a|b") == "`a\\|b`"
