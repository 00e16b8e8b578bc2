from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.model.errors import TextError
from gitops_rollout.text.plain import load_documents, load_with_lines


def test_scalars_are_read_as_kubectl_reads_them() -> None:
    text = b"{a: yes, b: 010, c: ~, d: 1.5, e: '1', f: 2026-01-01T00:00:00Z, g: 1:30, h: 0x1f, i: off}"
    assert load_documents(text) == [
        {
            "a": True,
            "b": 8,
            "c": None,
            "d": 1.5,
            "e": "1",
            "f": "2026-01-01T00:00:00Z",
            "g": "1:30",
            "h": 31,
            "i": False,
        }
    ]


def test_a_stream_gives_one_value_a_document_and_an_empty_one_is_none() -> None:
    assert load_documents(b"a: 1\n---\n---\n- 2\n") == [{"a": 1}, None, [2]]
    assert load_documents(b"") == []


def test_merge_keys_fill_in_what_is_not_stated() -> None:
    text = b"base: &b {x: 1, y: 2}\none: {<<: *b, x: 3}\ntwo: {<<: [{x: 9}, *b]}\n"
    (value,) = load_documents(text)
    assert value["one"] == {"x": 3, "y": 2}
    assert value["two"] == {"x": 9, "y": 2}


def test_lines_are_those_of_the_keys_and_fall_back_to_what_is_around() -> None:
    (document,) = load_with_lines(b"# a comment\na:\n  - x: 1\n\n  -\n    y: 2\n")
    assert document.line(("a",)) == 2
    assert document.line(("a", 0, "x")) == 3
    assert document.line(("a", 1, "y")) == 6
    assert document.line(("a", 1, "y", "deeper")) == 6
    assert document.line(("nowhere",)) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"a: 1\nb: [", 3),
        (b"a: 1\na: 2", 2),
        (b"a: *nothing", 1),
        (b"a: &self [*self]", 1),
        (b"\n? [a]\n: b", 2),
        (b"a: !!int many", 1),
        (b"a:\n  <<: [1]\n", 3),
        (b"[" * 100_000, 1),
        (b"a: \x00", None),
        (b"\xff\xfe\xfd", None),
    ],
)
def test_what_does_not_parse_says_where(text: bytes, line: int | None) -> None:
    with pytest.raises(TextError) as refused:
        load_documents(text)
    assert refused.value.line == line


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    with pytest.raises(TextError, match="unfolds"):
        load_documents("\n".join(lines).encode())


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with suppress(TextError):
        load_documents(data)
