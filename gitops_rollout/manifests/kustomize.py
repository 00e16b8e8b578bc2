"""Reads `kustomization.yaml` files: what they use, and whether they can change what they use.

Fields as in kustomize v5 (`kustomize.config.k8s.io/v1beta1` `Kustomization`, `v1alpha1` `Component`).
"""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from gitops_rollout.model.targets import Kustomization, PatchUse

NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})

_PLAIN_FIELDS = frozenset({
    "apiVersion", "kind", "metadata", "resources", "bases", "components", "namespace", "commonLabels",
    "commonAnnotations", "labels", "configMapGenerator", "secretGenerator", "generatorOptions", "buildMetadata",
    "sortOptions", "patches", "patchesStrategicMerge", "patchesJson6902", "replicas",
})  # fmt: skip
"""Fields that leave every `spec` and name of an InferenceService as it is, or are patches, which are looked at."""

_PLUGIN_FIELDS = ("generators", "transformers", "validators")
_CHART_FIELDS = ("helmCharts", "helmChartInflationGenerator")


def read(path: str, value: Any) -> Kustomization | None:
    """What a kustomization states; None where its data are something else."""
    if not isinstance(value, Mapping) or str(value.get("apiVersion", "")).partition("/")[0].endswith("fluxcd.io"):
        return None
    folder = path.rpartition("/")[0]
    resources, remote = _places(folder, [*_texts(value.get("resources")), *_texts(value.get("bases"))])
    components, more = _places(folder, _texts(value.get("components")))
    plugins = [name for field in _PLUGIN_FIELDS for name in _texts(value.get(field))]
    charts = [str(chart.get("name")) for field in _CHART_FIELDS for chart in _mappings(value.get(field))]
    return Kustomization(
        path,
        _text(value.get("namespace")) or None,
        tuple(resources),
        tuple(components),
        tuple(_patches(folder, value)),
        (*remote, *more),
        tuple(plugins),
        tuple(charts),
        _text(value.get("namePrefix")),
        _text(value.get("nameSuffix")),
        plain={key for key, content in value.items() if content} <= _PLAIN_FIELDS,
    )


def _places(folder: str, names: list[str]) -> tuple[list[str], list[str]]:
    """Paths inside of the repository, and the names of what lies elsewhere."""
    inside, remote = [], []
    for name in names:
        if "://" in name or "?" in name or name.startswith("/") or "@" in name or ".git" in name:
            remote.append(name)
            continue
        joined = posixpath.normpath(posixpath.join(folder, name))
        if joined == ".." or joined.startswith("../"):
            remote.append(name)
        else:
            inside.append("" if joined == "." else joined)
    return inside, remote


def _patches(folder: str, value: Mapping[str, Any]) -> Iterator[PatchUse]:
    for patch in _mappings(value.get("patches")):
        yield _patch(folder, patch)
    for patch in _mappings(value.get("patchesJson6902")):
        yield _patch(folder, patch)
    for text in _texts(value.get("patchesStrategicMerge")):
        if "\n" in text:
            yield PatchUse(None, text)
        else:
            yield PatchUse(_join(folder, text))


def _patch(folder: str, patch: Mapping[str, Any]) -> PatchUse:
    target = patch.get("target")
    selector = {key: str(text) for key, text in target.items()} if isinstance(target, Mapping) else {}
    if isinstance(patch.get("path"), str):
        return PatchUse(_join(folder, patch["path"]), None, selector)
    return PatchUse(None, _text(patch.get("patch")), selector)


def _join(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in (value if isinstance(value, list) else []) if isinstance(item, Mapping))


def _texts(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, list) else []) if isinstance(item, str)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
