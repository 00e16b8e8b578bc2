"""Edits percents in the bytes of a file, each edit proven to change nothing else, or refused."""

from collections.abc import Sequence
from dataclasses import replace

from gitops_rollout.manifests import proof, readings, splice, templates
from gitops_rollout.manifests.locate import Field, Gap, descend, locate
from gitops_rollout.manifests.objects import is_inference_service
from gitops_rollout.manifests.readings import Version
from gitops_rollout.manifests.refusals import Refused
from gitops_rollout.manifests.services import FIELD
from gitops_rollout.manifests.splice import Splice
from gitops_rollout.model.change import Edit, EditOutcome, EditResult
from gitops_rollout.text.decoding import decode
from gitops_rollout.text.events import Document
from gitops_rollout.text.unreadable import Unreadable


def edit(data: bytes, edits: Sequence[Edit], path: str = "") -> EditResult:
    """Make the edits one after the other; those that are refused leave the bytes as they were.

    The result holds one outcome for each edit, in order, with `path` as given. Percents are whole numbers from 0 to
    100, None removes the field. Anything else in an `Edit` is a `ValueError`.
    """
    for wanted in edits:
        _check(wanted)
    try:
        decoded = decode(data)
        version = _read(decoded.text)
    except (Unreadable, Refused) as error:
        refused = Refused(error.reason, error.message)
        return EditResult(data, tuple(_refusal(path, wanted, refused) for wanted in edits))
    outcomes = []
    for wanted in edits:
        version, outcome = _edit_one(version, wanted, path)
        outcomes.append(outcome)
    changed = version.text != decoded.text
    return EditResult(decoded.encode(version.text) if changed else data, tuple(outcomes))


def _check(wanted: Edit) -> None:
    if wanted.percent is not None and not 0 <= wanted.percent <= 100:
        raise ValueError(f"{wanted.percent} is no percent")
    if wanted.comment is not None and (not wanted.comment.isprintable() or wanted.percent is None):
        raise ValueError("a comment is one line of printable text, beside a percent")


def _read(text: str) -> Version:
    try:
        version = readings.version(text)
    except Refused as refused:
        if templates.is_template(text, parses=False):
            raise Refused("template", "the file is a Helm or Jinja template") from refused
        raise
    if templates.is_template(text, parses=True):
        raise Refused("template", "the file is a Helm or Jinja template")
    return version


def _refusal(path: str, wanted: Edit, refused: Refused) -> EditOutcome:
    return EditOutcome(path, wanted.document, None, None, wanted.component, "refused", refused.reason, refused.advice)


def _edit_one(version: Version, wanted: Edit, path: str) -> tuple[Version, EditOutcome]:
    outcome = EditOutcome(path, wanted.document, None, None, wanted.component, "refused")
    try:
        if wanted.document >= len(version.documents):
            raise Refused("not-found", "the file has fewer documents")
        known = version.documents[wanted.document]
        outcome = _named(outcome, known, wanted)
        document = readings.exact(version.text, known)
        field = locate(document, version.text, wanted.pointer, _names(wanted))
        outcome = replace(outcome, before=field.percent, after=field.percent)
        text = splice.apply(version.text, _splices(document, version, field, wanted))
        if text == version.text:
            return version, replace(outcome, outcome="unchanged")
        proven = proof.prove(version, text, document, field, wanted)
    except Refused as refused:
        if refused.reason == "no-component" and wanted.percent is None:
            return version, replace(outcome, outcome="unchanged")
        return version, replace(outcome, reason=refused.reason, message=refused.advice)
    return proven, replace(outcome, outcome="edited", after=wanted.percent)


def _names(wanted: Edit) -> tuple[str, ...]:
    return wanted.field or ("spec", wanted.component.value, FIELD)


def _named(outcome: EditOutcome, document: Document, wanted: Edit) -> EditOutcome:
    """The outcome with the object's name and namespace; `Refused` where no InferenceService stands there."""
    if wanted.field == ("patch",):
        raise Refused("inline-patch", "the percent stands in a patch that is written inside of a kustomization")
    if wanted.field is not None:
        if wanted.percent is None:
            raise Refused("patch-operation", "the percent is set by an operation of a JSON 6902 patch")
        return outcome
    node = descend(document, wanted.pointer)
    version, kind = document.text_of(node, "apiVersion") or "", document.text_of(node, "kind") or ""
    if kind == "InferenceService":
        metadata = document.find(node, "metadata")
        name = document.text_of(metadata[1], "name") if metadata else None
        namespace = document.text_of(metadata[1], "namespace") if metadata else None
        if not is_inference_service(version, kind):
            raise Refused("other-version", f"the InferenceService is of {version[:60]!r}")
        return replace(outcome, name=name, namespace=namespace)
    raise Refused("not-found", "no InferenceService stands there")


def _splices(document: Document, version: Version, field: Field | Gap, wanted: Edit) -> list[Splice]:
    marker = None if version.json else wanted.comment
    if isinstance(field, Gap):
        return [] if wanted.percent is None else splice.insert(document, version.text, field, wanted.percent, marker)
    if wanted.percent is None:
        return splice.remove(document, version.text, field, json=version.json)
    return splice.replace(document, version.text, field, wanted.percent, marker)
