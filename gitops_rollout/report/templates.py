"""The templates of pull requests and commits: ours, or the repository's own from its base commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_rollout.model.errors import RolloutError
from gitops_rollout.report.escape import block, cell_code, code
from gitops_rollout.templating.render import Verbatim, packaged, render

FOLDER = ".gitops-rollout/templates"
PULL_REQUEST = "pull_request.md.j2"
COMMIT_MESSAGE = "commit_message.j2"
EVIDENCE = "evidence_comment.md.j2"
WEBHOOK = "webhook.json.j2"


def _revision(value: Mapping[str, str] | None) -> Verbatim:
    """A revision in a table's cell: its name, and the model it runs where that is known."""
    if not value:
        return Verbatim("")
    model = f", model {cell_code(value['model'])}" if value["model"] else ""
    return Verbatim(cell_code(value["name"]) + model)


FILTERS: dict[str, Callable[..., Any]] = {
    "code": lambda value: Verbatim(code(str(value))),
    "cell": lambda value: Verbatim(cell_code(str(value))),
    "revision": _revision,
    "block": lambda value, language="": Verbatim(block(str(value), language)),
}


@dataclass(frozen=True, slots=True)
class Template:
    """One template: what messages call it, and its text."""

    name: str
    text: str

    def render(self, values: dict[str, Any], escape: Callable[[str], str]) -> str:
        """The text for these values; raises a `RolloutError` that names the template and the line."""
        return render(self.text, values, name=self.name, escape=escape, filters=FILTERS)


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of one run."""

    pull_request: Template
    commit_message: Template
    evidence: Template


def load_templates(read: Callable[[str], bytes | None] = lambda path: None) -> Templates:
    """The templates to use, where `read` gives a path's bytes in the base commit, or None.

    A repository overrides one by a file of its name in `.gitops-rollout/templates/`; that it is UTF-8 is checked here,
    its syntax when it is rendered. Raises a `RolloutError` that names the file.
    """
    return Templates(
        pull_request=_load(PULL_REQUEST, read),
        commit_message=_load(COMMIT_MESSAGE, read),
        evidence=_load(EVIDENCE, read),
    )


def load_webhook(read: Callable[[str], bytes | None] = lambda path: None) -> Template:
    """The template of what a webhook gets; overridden and checked as the others are."""
    return _load(WEBHOOK, read)


def _load(name: str, read: Callable[[str], bytes | None]) -> Template:
    path = f"{FOLDER}/{name}"
    data = read(path)
    if data is None:
        return Template(f"templates/{name}", packaged(name))
    try:
        return Template(path, data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise RolloutError(f"{path}: not UTF-8 at byte {error.start}", "save the template as UTF-8") from error
