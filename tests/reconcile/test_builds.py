"""Kustomizations: where an edit goes, and the proof by the real kustomize. Skipped where none is installed."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from gitops_rollout.manifests.edit import edit
from gitops_rollout.manifests.targets import resolve
from gitops_rollout.manifests.tree import scan_tree
from gitops_rollout.model.change import Edit
from gitops_rollout.model.doors import TreeEntry
from gitops_rollout.model.policy import ClusterPolicy, Policy
from gitops_rollout.model.targets import Component, Resolved, Target
from gitops_rollout.reconcile.observation.builds import Builds
from gitops_rollout.rendering.kustomize import find_renderer

FOLDER = Path(__file__).parent.parent / "data" / "kustomize"
POLICY = Policy(clusters=tuple(ClusterPolicy(name, (f"clusters/{name}/**",)) for name in ("dev", "eu", "us")))
P = Component.PREDICTOR

needs_kustomize = pytest.mark.skipif(find_renderer() is None, reason="neither kustomize nor kubectl is installed")


class Folder:
    """A folder of the test data as a repository."""

    def __init__(self, name: str) -> None:
        self.files = {
            path.relative_to(FOLDER / name).as_posix(): path.read_bytes()
            for path in sorted((FOLDER / name).rglob("*"))
            if path.is_file()
        }

    def entries(self, commit: str) -> Iterable[TreeEntry]:
        return [TreeEntry(path, "100644", path, None) for path in self.files]

    def differences(self, old: str, new: str) -> None:
        return None

    def read_blobs(self, oids: Iterable[str], most: int | None = None) -> Iterable[tuple[str, bytes]]:
        return [(path, self.files[path]) for path in oids]


def looked_at(name: str) -> tuple[Folder, Builds, Resolved]:
    folder = Folder(name)
    scan = scan_tree(folder, "", POLICY)
    builds = Builds(folder, "", scan)  # type: ignore[arg-type]  # only these three doors are used
    first = resolve(scan, POLICY, default_cluster="x")
    return folder, builds, resolve(scan, POLICY, default_cluster="x", rendered=builds.results(first.builds))


def write(folder: Folder, builds: Builds, targets: list[Target], percent: int | None) -> tuple[str, str, str | None]:
    """Edit where the targets' percent stands: the path, the new text, what rendering says against it."""
    manifest = targets[0].manifest
    place = manifest.source
    wanted = Edit(place.document, place.pointer, P, percent, None, manifest.fields.get(P))
    result = edit(folder.files[place.path], [wanted], place.path)
    assert result.outcomes[0].outcome == "edited", result.outcomes
    return place.path, result.data.decode(), builds.problem(place.path, result.data, targets, {P: percent})


@needs_kustomize
def test_a_base_of_three_overlays_is_edited_where_it_stands_when_all_of_them_change() -> None:
    folder, builds, resolved = looked_at("shared")
    assert [str(target.key) for target in resolved.targets] == ["dev/fraud/score", "eu/fraud/score", "us/fraud/score"]
    assert {target.manifest.source.path for target in resolved.targets} == {"base/score.yaml"}
    assert [target.manifest.spec["predictor"]["minReplicas"] for target in resolved.targets] == [3, 2, 2]
    assert resolved.targets[0].manifest.comments == {P: "first step"}
    path, text, problem = write(folder, builds, list(resolved.targets), 25)
    assert text == folder.files[path].decode().replace("Percent: 10", "Percent: 25")
    assert problem is None


@needs_kustomize
def test_a_base_is_not_edited_for_some_of_its_overlays() -> None:
    folder, builds, resolved = looked_at("shared")
    _, _, problem = write(folder, builds, list(resolved.targets[:2]), 25)
    assert problem is not None
    assert "clusters/us/kustomization.yaml" in problem
    assert "`score` would change too" in problem


@needs_kustomize
@pytest.mark.parametrize(
    ("name", "cluster", "path", "before", "percent"),
    [
        ("strategic", "eu", "clusters/eu/canary.yaml", 10, None),
        ("strategic", "us", "clusters/us/canary.yaml", 25, 50),
        ("old-style", "eu", "clusters/eu/canary.yaml", 30, 0),
        ("operations", "eu", "clusters/eu/canary.yaml", 40, 60),
        ("prefix", "eu", "base/score.yaml", 10, None),
    ],
)
def test_the_edit_goes_to_the_nearest_place_and_changes_one_target(
    name: str, cluster: str, path: str, before: int, percent: int | None
) -> None:
    folder, builds, resolved = looked_at(name)
    (target,) = [target for target in resolved.targets if target.key.cluster == cluster]
    assert target.manifest.spec["predictor"]["canaryTrafficPercent"] == before
    where, text, problem = write(folder, builds, [target], percent)
    assert (where, problem) == (path, None)
    lines = set(folder.files[path].decode().splitlines()) ^ set(text.splitlines())
    assert len(lines) == (1 if percent is None else 2)


@needs_kustomize
def test_a_component_of_two_overlays_is_one_change() -> None:
    folder, builds, resolved = looked_at("component")
    assert {target.manifest.source.path for target in resolved.targets} == {"canary/canary.yaml"}
    assert write(folder, builds, list(resolved.targets), 50)[2] is None
    assert "would change too" in (write(folder, builds, list(resolved.targets[:1]), 50)[2] or "")


@needs_kustomize
def test_names_come_with_their_prefixes_and_suffixes() -> None:
    _, _, resolved = looked_at("prefix")
    assert [str(target.key) for target in resolved.targets] == ["eu/fraud/eu-team-score-v1"]


@needs_kustomize
@pytest.mark.parametrize("name", ["inline", "inline-operations"])
def test_an_inline_patch_is_seen_and_not_edited(name: str) -> None:
    folder, _, resolved = looked_at(name)
    (target,) = resolved.targets
    manifest = target.manifest
    assert manifest.source.path == "clusters/eu/kustomization.yaml"
    assert manifest.spec["predictor"]["canaryTrafficPercent"] in (50, 60)
    wanted = Edit(manifest.source.document, manifest.source.pointer, P, 70, None, manifest.fields[P])
    (outcome,) = edit(folder.files[manifest.source.path], [wanted]).outcomes
    assert outcome.reason == "inline-patch"


@needs_kustomize
def test_removing_an_operation_is_refused() -> None:
    folder, _, resolved = looked_at("operations")
    manifest = resolved.targets[0].manifest
    wanted = Edit(manifest.source.document, manifest.source.pointer, P, None, None, manifest.fields[P])
    assert edit(folder.files[manifest.source.path], [wanted]).outcomes[0].reason == "patch-operation"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("remote", "uses `https://github.com/example/base?ref=v1`, which is not in this repository"),
        ("plugin", "generators or transformers of its own"),
        ("chart", "the Helm chart `kserve`"),
    ],
)
def test_what_reaches_beyond_the_repository_is_not_rendered(name: str, said: str) -> None:
    _, _, resolved = looked_at(name)
    assert resolved.targets == ()
    (held,) = resolved.unresolved
    assert held.reason == "kustomize"
    assert said in held.message


@needs_kustomize
def test_a_kustomization_that_fails_holds_its_targets_with_what_was_said() -> None:
    _, _, resolved = looked_at("broken")
    (held,) = resolved.unresolved
    assert "failed" in held.message
    assert "missing.yaml" in held.message


def test_without_a_program_targets_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    _, _, resolved = looked_at("shared")
    assert [held.reason for held in resolved.unresolved] == ["kustomize"] * 3
    assert "neither `kustomize` nor `kubectl`" in resolved.unresolved[0].message


def test_a_kustomization_that_changes_no_spec_needs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    folder, builds, resolved = looked_at("plain")
    assert [str(target.key) for target in resolved.targets] == ["eu/fraud/score"]
    assert [skip.reason for skip in resolved.skipped] == ["not-listed"]
    assert write(folder, builds, list(resolved.targets), None)[2] is None
