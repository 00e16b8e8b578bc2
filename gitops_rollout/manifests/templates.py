"""Recognises text that is not a manifest yet: Helm and Jinja templates, placeholders of other tools."""

import re

_CONTROL = re.compile(
    r"\{\{-?\s*(?:/\*|if|else|end|range|with|include|template|define|block|tpl|toYaml|required|lookup|default|"
    r"[.$](?:Values|Release|Chart|Files|Capabilities|Template)\b)|\{%-?\s*\w+|\{\{.*\}\}\s*:|^\s*\{\{.*\}\}\s*$",
    re.MULTILINE,
)
_EXPRESSION = re.compile(r"\{\{|\{%|\$\{|\$\(|<<?[A-Z_ -]+>|@@?[A-Z_]+@|%\(|^__[A-Z_]+__$")
_CHART_FOLDER = re.compile(r"(?:^|/)templates/")


def is_template(text: str, *, parses: bool) -> bool:
    """Whether text is a template. Text that does not parse is one as soon as it has any expression.

    Text that parses is one only if it holds words of Helm or Jinja themselves: expressions such as `{{ inputs.name }}`
    stand in quoted values of manifests that are complete.
    """
    if "{{" not in text and "{%" not in text:
        return False
    return _CONTROL.search(text) is not None or not parses


def is_placeholder(value: str) -> bool:
    """Whether a name or percent is something that another tool will fill in."""
    return _EXPRESSION.search(value) is not None


def chart_of(path: str, charts: frozenset[str]) -> str | None:
    """The folder of the Helm chart whose template a file is, None where it is none; `charts` are folders of charts."""
    for match in _CHART_FOLDER.finditer(path):
        folder = path[: match.start()]
        if folder in charts:
            return folder
    return None
