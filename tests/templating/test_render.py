"""Rendering: everything inserted is escaped, nothing undefined is passed over, nothing unsafe is reached."""

import pytest

from gitops_rollout.templating.render import TemplateFailed, Verbatim, check_syntax, packaged, render


def shouted(text: str) -> str:
    return text.upper()


def test_every_inserted_value_is_escaped_and_the_template_itself_is_not() -> None:
    text = render("a {{ x }} {{ 'c' }} {{ 1 }}\n", {"x": "b"}, name="t", escape=shouted)
    assert text == "a B C 1\n"


def test_a_filter_may_say_that_its_result_is_safe() -> None:
    filters = {"safely": lambda value: Verbatim(f"<{value}>")}
    assert render("{{ x | safely }} {{ x }}", {"x": "b"}, name="t", escape=shouted, filters=filters) == "<b> B"


def test_what_is_made_of_safe_text_is_escaped_again() -> None:
    filters = {"safely": lambda value: Verbatim(f"<{value}>")}
    assert render("{{ (x | safely) ~ 'y' }}", {"x": "b"}, name="t", escape=shouted, filters=filters) == "<B>Y"


def test_none_is_nothing() -> None:
    assert render("[{{ x }}]", {"x": None}, name="t") == "[]"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{{ x.y }}", 1),
        ("\n\n{{ nothing }}", 3),
        ("{% if nothing %}{% endif %}", 1),
        ("{% for a in nothing %}{% endfor %}", 1),
    ],
)
def test_a_name_that_does_not_exist_is_named_with_its_line(source: str, line: int) -> None:
    with pytest.raises(TemplateFailed, match=rf"^mine\.j2:{line}: .*(undefined|no attribute)"):
        render(source, {"x": {}}, name="mine.j2")


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ f.__globals__ }}",
        "{{ x.append(1) }}",
        "{{ '{0.__class__}'.format(x) }}",
        "{% import 'os' as os %}",
        "{{ x | attr('__class__') }}",
    ],
)
def test_a_template_reaches_nothing_beyond_its_values(source: str) -> None:
    with pytest.raises(TemplateFailed):
        render(source, {"x": [1], "f": shouted}, name="t")


def test_syntax_is_checked_without_values() -> None:
    check_syntax("{{ whatever }}", "t")
    with pytest.raises(TemplateFailed, match=r"^t:2: "):
        check_syntax("\n{% for %}", "t")


@pytest.mark.parametrize("name", ["pull_request.md.j2", "commit_message.j2"])
def test_our_own_templates_are_sound(name: str) -> None:
    check_syntax(packaged(name), name)
