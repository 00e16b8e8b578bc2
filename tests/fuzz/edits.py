"""One input: edit it, and judge the outcome by readers that share nothing with the editor."""

import random
from typing import Any

from gitops_rollout.manifests.edit import edit
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.change import Edit
from gitops_rollout.model.targets import Component, Manifest
from tests.manifests.meaning import FIELD, common
from tests.manifests.samples import MARKER

MOST_SECONDS = 10.0


class Wrong(AssertionError):
    """An edit that changed more, or less, than its field."""


def attempt(data: bytes, choose: random.Random) -> str:
    """Scan and edit one input; what came of it in a word. Raises `Wrong` where the editor was."""
    scanned = scan_file("x.yaml", data)
    if not scanned.manifests:
        return f"skipped: {scanned.skipped[0].reason}" if scanned.skipped else "nothing found"
    manifest = choose.choice(scanned.manifests)
    component = choose.choice(list(Component)) if choose.random() < 0.1 else Component.PREDICTOR
    percent = choose.choice([None, 0, 0, 7, 100])
    marker = MARKER if percent == 0 and choose.random() < 0.5 else None
    wanted = Edit(manifest.source.document, manifest.source.pointer, component, percent, marker)
    result = edit(data, [wanted], "x.yaml")
    outcome = result.outcomes[0]
    if outcome.outcome == "refused":
        if result.data != data:
            raise Wrong("a refusal changed the file")
        return f"refused: {outcome.reason}"
    if outcome.outcome == "edited":
        _judge(data, result.data, manifest, component, percent)
        again = edit(result.data, [wanted], "x.yaml")
        if again.outcomes[0].outcome != "unchanged":
            raise Wrong(f"the same edit again is {again.outcomes[0]}")
    elif result.data != data:
        raise Wrong("an unchanged file was changed")
    return outcome.outcome


def _judge(before: bytes, after: bytes, manifest: Manifest, component: Component, percent: int | None) -> None:
    for old, new in common(before, after):
        _set(old[manifest.source.document], manifest, component, percent)
        if old != new:
            raise Wrong("something else changed")
    found = [one for one in scan_file("x.yaml", after).manifests if one.source == manifest.source]
    if len(found) != 1 or found[0].spec[component].get(FIELD) != percent:
        raise Wrong("the percent is not what was asked for")


def _set(value: Any, manifest: Manifest, component: Component, percent: int | None) -> None:
    for step in (*manifest.source.pointer, "spec", component.value):
        value = value[step]
    value.pop(FIELD, None)
    if percent is not None:
        value[FIELD] = percent
