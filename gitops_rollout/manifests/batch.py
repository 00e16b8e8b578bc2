"""All edits of one file at once: every InferenceService that is asked for, every component that is due."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from gitops_rollout.manifests.edit import edit
from gitops_rollout.manifests.refusals import HINTS, Refused
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.manifests.services import FIELD
from gitops_rollout.model.change import Edit, EditOutcome, EditResult
from gitops_rollout.model.targets import Component, Manifest


class Wanted(NamedTuple):
    """What to write where: `percent` None removes the field; None elsewhere means any. Names may hold `*`."""

    percent: int | None
    namespace: str | None = None
    name: str | None = None
    component: Component | None = None


def edit_file(path: str, data: bytes, wanted: Wanted) -> EditResult:
    """Edit every InferenceService of a file that matches; one outcome for each component that was looked at.

    Without a component in `wanted` those that have the field are edited, or the predictor where none has it. What
    cannot be read is refused, in its place among the outcomes.
    """
    scanned = scan_file(path, data, limit=len(data))
    edits = [one for manifest in scanned.manifests if _asked(manifest, wanted) for one in _edits(manifest, wanted)]
    result = edit(data, edits, path)
    refused = tuple(
        EditOutcome(path, 0, None, None, None, "refused", skip.reason, _message(skip.reason, skip.message, skip.line))
        for skip in scanned.skipped
        if skip.reason != "other-version"
    )
    return EditResult(result.data, (*refused, *result.outcomes))


def unreadable(path: str, why: str) -> EditOutcome:
    """The outcome of a file that could not even be opened, or not be written."""
    return EditOutcome(path, 0, None, None, None, "refused", "unreadable", Refused("unreadable", why).advice)


def _asked(manifest: Manifest, wanted: Wanted) -> bool:
    return (wanted.name is None or fnmatchcase(manifest.name, wanted.name)) and (
        wanted.namespace is None or fnmatchcase(manifest.namespace or "", wanted.namespace)
    )


def _edits(manifest: Manifest, wanted: Wanted) -> Iterator[Edit]:
    if wanted.component is not None:
        components = [wanted.component]
    else:
        parts = {component: manifest.spec.get(component) for component in Component}
        components = [component for component, part in parts.items() if isinstance(part, dict) and FIELD in part]
    for component in components or [Component.PREDICTOR]:
        yield Edit(manifest.source.document, manifest.source.pointer, component, wanted.percent)


def _message(reason: str, message: str, line: int | None) -> str:
    where = f"line {line}: " if line is not None else ""
    advice = HINTS.get(reason)
    return f"{where}{message.partition(';')[0]}; {advice}" if advice else f"{where}{message}"
