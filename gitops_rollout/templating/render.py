"""Renders one template: sandboxed, strict about undefined names, and with everything escaped that it inserts."""

import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gitops_rollout.data import data_path
from gitops_rollout.model.errors import RolloutError

Filter = tuple[str, Callable[..., Any]]


class TemplateFailed(RolloutError):
    """A template cannot be rendered: its syntax, a name that does not exist, or something that is not allowed."""


class Verbatim(str):
    """Text that a filter made safe already: it is inserted as it is."""

    __slots__ = ()


def packaged(name: str) -> str:
    """The text of a template that comes with the program, such as `pull_request.md.j2`."""
    return (data_path("templates") / name).read_text(encoding="utf-8")


def render(
    source: str,
    values: Mapping[str, Any],
    *,
    name: str,
    escape: Callable[[str], str] = str,
    filters: Mapping[str, Callable[..., Any]] | None = None,
) -> str:
    """Render the template text `source` with `values`.

    Every value that the template inserts goes through `escape`, unless a filter returned it as `Verbatim`. `filters`
    are added to jinja2's own. `name` (a path, say) stands for the template in messages. Other templates cannot be
    included. Raises `TemplateFailed` naming `name` and the line.
    """

    try:
        return _compiled(source, name, escape, tuple(sorted((filters or {}).items()))).render(values)
    except TemplateSyntaxError as error:
        raise TemplateFailed(f"{name}:{error.lineno}: {error.message}", _HINT) from error
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        # whatever an expression of the template does wrong with the values it was given
        raise TemplateFailed(f"{name}:{_line(error, name)}: {error}", _HINT) from error


@lru_cache(maxsize=16)
def _compiled(source: str, name: str, escape: Callable[[str], str], filters: tuple[Filter, ...]) -> Template:
    """The template ready to run: a run renders few templates, and each of them for every proposal."""

    def inserted(value: Any) -> Any:
        if isinstance(value, Verbatim | Undefined):
            return value
        return escape("" if value is None else str(value))

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=inserted,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # no HTML is made here: `escape` fits what is made, and misses nothing
    )
    environment.filters.update(filters)
    code = environment.compile(source, name, name)
    return environment.template_class.from_code(environment, code, environment.globals)


def check_syntax(source: str, name: str) -> None:
    """Raise `TemplateFailed` where the text is no template; what it names is only looked up when it is rendered."""
    try:
        ImmutableSandboxedEnvironment().parse(source, name, name)
    except TemplateSyntaxError as error:
        raise TemplateFailed(f"{name}:{error.lineno}: {error.message}", _HINT) from error


_HINT = "the names that a template may use stand in docs/templates.md"


def _line(error: BaseException, name: str) -> int:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    return (lines[-1] or 0) if lines else 0
