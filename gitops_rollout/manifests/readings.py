"""A text as both readers see it: refused where they differ, and compared before and after an edit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gitops_rollout.manifests.refusals import Refused
from gitops_rollout.text import libyaml, ruamel
from gitops_rollout.text.events import Document, Event
from gitops_rollout.text.unreadable import Unreadable


@dataclass(frozen=True)
class Version:
    """A file's text at one moment, its documents as libyaml sees them, and whether it is JSON."""

    text: str
    documents: Sequence[Document]
    json: bool


def version(text: str) -> Version:
    """Read a text; raises `Refused`."""
    try:
        return Version(text, list(libyaml.documents(text)), is_json(text))
    except Unreadable as error:
        raise Refused(error.reason, error.message) from error


def exact(text: str, known: Document) -> Document:
    """One document with ruamel.yaml's positions, once both readers agree on it; raises `Refused`."""
    try:
        document = ruamel.document(text, known)
    except Unreadable as error:
        raise Refused(error.reason, error.message) from error
    if not same(document.events, known.events):
        raise Refused("readers-disagree", "ruamel.yaml and libyaml read the document differently")
    return document


def same(one: Sequence[Event], other: Sequence[Event]) -> bool:
    """Whether two lists of events mean the same, wherever they stand."""
    return len(one) == len(other) and all(a.meaning == b.meaning for a, b in zip(one, other, strict=True))


def is_json(text: str) -> bool:
    """Whether a text is JSON, which has no comments."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
