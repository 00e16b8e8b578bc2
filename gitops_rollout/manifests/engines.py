"""Argo CD and Flux objects that stand in the repository: what they deploy, and where to.

Fields as in Argo CD v3 `Application` (argoproj.io/v1alpha1) and Flux v2 `Kustomization` (kustomize.toolkit.fluxcd.io)
and `GitRepository` (source.toolkit.fluxcd.io).
"""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from gitops_rollout.manifests.objects import Object
from gitops_rollout.model.targets import EngineObject, Source

_KINDS = {
    ("argoproj.io", "Application"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("source.toolkit.fluxcd.io", "GitRepository"),
}
_FLUX_TRANSFORMS = ("patches", "patchesStrategicMerge", "patchesJson6902", "namePrefix", "nameSuffix", "components")


def is_engine(found: Object) -> bool:
    """Whether an object is one of those read here."""
    return (found.group, found.kind) in _KINDS


def read(path: str, number: int, line: int, found: Object) -> Iterator[EngineObject]:
    """The engine's object; one for each source where an `Application` has several."""
    metadata, spec = _mapping(found.value.get("metadata")), _mapping(found.value.get("spec"))
    name, namespace = _text(metadata.get("name")), _text(metadata.get("namespace")) or None
    source = Source(path, number, line, found.pointer)
    if found.kind == "Application":
        stated = spec.get("sources")
        for part in stated if isinstance(stated, list) else [spec.get("source")]:
            yield _application(name, namespace, source, spec, _mapping(part))
    elif found.kind == "Kustomization":
        yield _kustomization(name, namespace, source, spec)
    else:
        reference = _mapping(spec.get("ref"))
        revision = next(
            (_text(reference.get(key)) for key in ("commit", "name", "semver", "tag", "branch") if reference.get(key)),
            "",
        )
        yield EngineObject(
            "GitRepository",
            name,
            namespace,
            source,
            _text(spec.get("url")),
            revision=revision,
            suspended=spec.get("suspend") is True,
        )


def _application(
    name: str, namespace: str | None, source: Source, spec: Mapping[str, Any], part: Mapping[str, Any]
) -> EngineObject:
    destination = _mapping(spec.get("destination"))
    kustomize = _mapping(part.get("kustomize"))
    return EngineObject(
        "Application",
        name,
        namespace,
        source,
        repository=_text(part.get("repoURL")),
        revision=_text(part.get("targetRevision")),
        path=_folder(part.get("path")),
        destination={key: _text(destination[key]) for key in ("name", "server") if destination.get(key)},
        target_namespace=_text(kustomize.get("namespace")) or _text(destination.get("namespace")) or None,
        overrides=bool(kustomize.get("namespace")),
        transforms=any(kustomize.get(key) for key in _FLUX_TRANSFORMS) or "helm" in part or "plugin" in part,
    )


def _kustomization(name: str, namespace: str | None, source: Source, spec: Mapping[str, Any]) -> EngineObject:
    reference = _mapping(spec.get("sourceRef"))
    where = _text(reference.get("namespace")) or namespace or ""
    secret = _mapping(_mapping(spec.get("kubeConfig")).get("secretRef"))
    return EngineObject(
        "Kustomization",
        name,
        namespace,
        source,
        reference=f"{_text(reference.get('kind'))}/{where}/{_text(reference.get('name'))}",
        path=_folder(spec.get("path") or "."),
        destination={"kubeConfig": _text(secret.get("name"))} if secret.get("name") else {},
        target_namespace=_text(spec.get("targetNamespace")) or None,
        overrides=bool(spec.get("targetNamespace")),
        transforms=any(spec.get(key) for key in _FLUX_TRANSFORMS),
        suspended=spec.get("suspend") is True,
    )


def _folder(value: Any) -> str | None:
    """A folder relative to the repository's root; None where none is stated (a Helm chart from a registry)."""
    text = _text(value)
    if not text:
        return None
    return posixpath.normpath("/" + text).strip("/")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
