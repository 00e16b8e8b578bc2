"""The text that a webhook gets: a template over the transitions of a run."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.plan import RunReport
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.escape import commit_text
from gitops_rollout.report.templates import Template
from gitops_rollout.report.transitions import Transition
from gitops_rollout.templating.render import Verbatim, render

JSON = "application/json; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
_MOST = 50  # chat tools cut long texts without saying so
_ZERO_WIDTH = "\u200b"


def announcement(report: RunReport, found: Sequence[Transition], template: Template) -> tuple[str, str]:
    """Body and content type. A template whose text begins with `{` or `[` must make JSON, any other is plain text.

    Raises a `RolloutError` that names the template where it cannot be rendered, or makes JSON that is none.
    """
    told = [_plain(one) for one in found[:_MOST]]
    values: dict[str, Any] = {
        "transitions": told,
        "more": max(0, len(found) - _MOST),
        "text": "\n".join([_line(one) for one in found[:_MOST]] + _more(found)),
        "branch": _harmless(report.base_branch),
        "commit": report.base_commit,
        "now": instant(report.now),
    }
    body = render(template.text, values, name=template.name, escape=_in_json, filters=_FILTERS)
    if not body.lstrip().startswith(("{", "[")):
        return body, PLAIN
    try:
        json.loads(body)
    except ValueError as error:
        raise RolloutError(f"{template.name}: makes no JSON: {error}", "`{{ value | json }}` writes a value") from error
    return body, JSON


def _plain(found: Transition) -> dict[str, Any]:
    said = {name: _harmless(value) if isinstance(value, str) else value for name, value in asdict(found).items()}
    return {**said, "targets": [_harmless(target) for target in found.targets], "text": _line(found)}


def _line(found: Transition) -> str:
    """`created: step prod/fraud/score 10 % → 25 % (soaked) #12 URL: why`, on one line."""
    where = ", ".join(found.targets)
    words = [f"{found.what}: {found.action} {where}", found.move, f"({found.reason})"]
    words += [f"#{found.number}" if found.number is not None else ""]
    url = found.url if found.url and found.url.startswith(("https://", "http://")) else ""
    return (
        f"{_harmless(' '.join(word for word in words if word))}{f' {url}' if url else ''}: {_harmless(found.message)}"
    )


def _more(found: Sequence[Transition]) -> list[str]:
    return [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []


def _harmless(text: str) -> str:
    """No mention, link or command in a chat: `@all`, `<!channel>`, `<https://…|here>`."""
    return commit_text(text).replace("<", f"<{_ZERO_WIDTH}")


def _in_json(text: str) -> str:
    """A value inside the quotes of a JSON string."""
    return json.dumps(text)[1:-1]


_FILTERS = {"json": lambda value: Verbatim(json.dumps(value))}
