"""Proves that an edit changed exactly one field, in the eyes of both readers."""

from gitops_rollout.manifests import comments, readings
from gitops_rollout.manifests.locate import Field, Gap
from gitops_rollout.manifests.readings import Version
from gitops_rollout.manifests.refusals import Refused
from gitops_rollout.model.change import Edit
from gitops_rollout.text.events import Document, Event, Kind


def prove(before: Version, text: str, document: Document, field: Field | Gap, wanted: Edit) -> Version:
    """Read the new text with both readers and compare it with what was to come out; raises `Refused`."""
    try:
        after = readings.version(text)
    except Refused as refused:
        raise Refused("not-proven", "after the edit the file would no longer parse") from refused
    if len(after.documents) != len(before.documents) or (before.json and not after.json):
        raise Refused("not-proven", "the edit would change how the file is read")
    for old, new in zip(before.documents, after.documents, strict=True):
        if old.number != document.number and not readings.same(old.events, new.events):
            raise Refused("not-proven", "the edit would change another document")
    changed = readings.exact(text, after.documents[document.number])
    if not readings.same(_expected(document, field, wanted.percent), changed.events):
        raise Refused("not-proven", "the edit would change more than the field")
    if wanted.comment is not None and not before.json:
        _prove_comment(changed, text, field, wanted.comment)
    return after


def _expected(document: Document, field: Field | Gap, percent: int | None) -> list[Event]:
    events = list(document.events)
    value = Event(Kind.SCALAR, str(percent), None, None, "plain", 0, 0)
    if isinstance(field, Gap):
        style = '"' if _quoted(document, field) else "plain"
        events[field.parent + 1 : field.parent + 1] = [Event(Kind.SCALAR, field.name, None, None, style, 0, 0), value]
    elif percent is None:
        del events[field.key : document.after[field.value]]
    else:
        events[field.value] = value
    return events


def _quoted(document: Document, field: Gap) -> bool:
    return document.events[field.parent].style == "flow" and document.events[field.parent + 1].style == '"'


def _prove_comment(document: Document, text: str, field: Field | Gap, marker: str) -> None:
    """The marker must be read back from the line of the field."""
    found = document.find(field.parent, field.name)
    said = found and comments.comment(document, text, found[1], document.events[found[1]].end)
    if said is None or marker not in said:
        raise Refused("comment-impossible", "the comment could not be read back from the line")
