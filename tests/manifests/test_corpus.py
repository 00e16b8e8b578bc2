"""The corpus: files in every shape, each with what must come out, byte for byte, or the refusal.

`tests/data/manifests/index.json` says for each file what happens when the field is removed (`none`), set to 25 (`25`)
and set to 0 with a rollback's marker (`rollback`): pieces of text with what takes their place, or `refused:<code>`,
`unchanged`, or `nothing` where the file holds no InferenceService.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.manifests.batch import Wanted, edit_file
from gitops_rollout.manifests.diff import unified
from gitops_rollout.manifests.edit import edit
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.change import Edit, EditResult
from gitops_rollout.model.targets import Component
from tests.manifests.samples import MARKER

FOLDER = Path(__file__).parent.parent / "data" / "manifests"
INDEX: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text())
ACTIONS = ("none", "25", "rollback")
CASES = [(entry["file"], action, entry[action]) for entry in INDEX for action in ACTIONS if action in entry]


def act(path: str, data: bytes, action: str) -> EditResult:
    if action != "rollback":
        return edit_file(path, data, Wanted(None if action == "none" else int(action)))
    edits = []
    for manifest in scan_file(path, data).manifests:
        having = [one for one in Component if "canaryTrafficPercent" in (manifest.spec.get(one) or {})]
        for component in having or [Component.PREDICTOR]:
            edits.append(Edit(manifest.source.document, manifest.source.pointer, component, 0, MARKER))
    result = edit(data, edits, path)
    return result if edits else act(path, data, "25")


def expected_bytes(data: bytes, changes: list[list[str]]) -> bytes:
    for old, new in changes:
        assert data.count(old.encode()) == 1
        data = data.replace(old.encode(), new.encode())
    return data


@pytest.mark.parametrize(("file", "action", "expected"), CASES, ids=[f"{file}-{action}" for file, action, _ in CASES])
def test_what_comes_out(file: str, action: str, expected: Any) -> None:
    data = (FOLDER / file).read_bytes()
    result = act(file, data, action)
    outcomes = {outcome.outcome for outcome in result.outcomes}
    if isinstance(expected, list):
        assert result.data == expected_bytes(data, expected), unified(file, data, result.data)
        assert outcomes == {"edited"}, result.outcomes
        return
    assert result.data == data
    word, _, code = expected.partition(":")
    assert outcomes == ({word} if word != "nothing" else set()), result.outcomes
    if code:
        assert {outcome.reason for outcome in result.outcomes} == {code}
        assert all("; " in outcome.message for outcome in result.outcomes), "a refusal says what to do"


def test_the_index_names_every_file() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {entry["file"] for entry in INDEX} | {"index.json"}
    assert len(INDEX) >= 150
