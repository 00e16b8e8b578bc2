"""What files mean, by readers that are loaded here anew and share nothing with the editor: PyYAML and ruamel.yaml."""

from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

FIELD = "canaryTrafficPercent"


def meanings(data: bytes) -> dict[str, list[Any]]:
    """The documents as each reader loads them; ruamel.yaml is left out where it cannot or counts otherwise."""
    text = data.decode("utf-8-sig")
    found = {"libyaml": list(yaml.load_all(text, Loader=_Plain))}
    loader = YAML(typ="safe", pure=True)
    loader.Constructor = _Tagged
    loader.allow_duplicate_keys = True
    try:
        documents = list(loader.load_all(text))
    except (YAMLError, ValueError):
        pass  # another document of the file, or a tab, which the editor reads around
    else:
        if len(documents) == len(found["libyaml"]):
            found["ruamel.yaml"] = documents
    return found


def common(before: bytes, after: bytes) -> list[tuple[list[Any], list[Any]]]:
    """Both versions as each reader loads them, for the readers that can load both."""
    old, new = meanings(before), meanings(after)
    return [(old[reader], new[reader]) for reader in old if reader in new]


class _Plain(yaml.SafeLoader if not hasattr(yaml, "CSafeLoader") else yaml.CSafeLoader):  # type: ignore[misc]
    """Loads every plain scalar but integers as text, so that nothing is lost in comparison."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _any_tag(loader: Any, suffix: str, node: Any) -> Any:
    """A node with a tag of another tool: the tag, and what stands there."""
    deep = {"mapping": loader.construct_mapping, "sequence": loader.construct_sequence}
    make = deep.get(node.id)
    return suffix, make(node, deep=True) if make else loader.construct_scalar(node)


def _whole_number(loader: Any, node: Any) -> int | str:
    text = str(loader.construct_scalar(node))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text


_Plain.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Plain.add_multi_constructor("!", _any_tag)
_Plain.add_multi_constructor("tag:", _any_tag)


class _Tagged(SafeConstructor):
    """ruamel.yaml's constructor, at ease with tags of other tools."""


_Tagged.add_multi_constructor("!", _any_tag)
_Tagged.add_multi_constructor("tag:", _any_tag)


def with_percent(documents: list[Any], document: int, percent: int | None) -> list[Any]:
    """The documents with the predictor's percent as it should be after an edit."""
    changed = list(documents)
    found = changed[document]
    predictor = {key: value for key, value in found["spec"]["predictor"].items() if key != FIELD}
    if percent is not None:
        predictor[FIELD] = percent
    changed[document] = {**found, "spec": {**found["spec"], "predictor": predictor}}
    return changed


def changed_lines(before: bytes, after: bytes) -> tuple[int, int]:
    """How many lines differ, on the old and on the new side, between the common beginning and the common end."""
    old, new = before.split(b"\n"), after.split(b"\n")
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return len(old), len(new)
