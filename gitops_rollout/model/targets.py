"""What is rolled out: one InferenceService in one cluster, and the document in Git that states it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Component(StrEnum):
    """The parts of an InferenceService that have a Knative Service, a percent and tracking of their own."""

    PREDICTOR = "predictor"
    TRANSFORMER = "transformer"
    EXPLAINER = "explainer"


@dataclass(frozen=True, order=True, slots=True)
class TargetKey:
    """The one name of a target everywhere: cluster, namespace and name of the InferenceService."""

    cluster: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.cluster}/{self.namespace}/{self.name}"


@dataclass(frozen=True, order=True, slots=True)
class Source:
    """Where a document stands in the tree of a commit.

    `path` is relative to the repository's root with `/`; `document` counts from 0 within the file; `line` is the
    1-based line of the InferenceService's first key; `pointer` leads from the document's root to the object
    (`("items", 3)` inside a `List`, else empty).
    """

    path: str
    document: int
    line: int
    pointer: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One InferenceService as Git states it, as plain data.

    `comments` holds, for each component whose `canaryTrafficPercent` has one, the comment on that line without `#`.
    `fields` leads from the source's object to a component's percent where that is not its own `canaryTrafficPercent`
    (the `value` of a JSON 6902 operation, for example). `built` is the kustomization that it was rendered from, if any.
    """

    source: Source
    name: str
    namespace: str | None
    spec: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[Component, str] = field(default_factory=dict)
    fields: Mapping[Component, tuple[str, ...]] = field(default_factory=dict)
    built: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A manifest and the cluster and namespace that it goes to; `roots` are the kustomizations it is built from."""

    key: TargetKey
    manifest: Manifest
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, order=True, slots=True)
class Skipped:
    """A file or document that was passed over, and why: `reason` is a code, `message` a sentence with the next step."""

    path: str
    line: int | None
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class EngineObject:
    """An Argo CD `Application` or a Flux `Kustomization` or `GitRepository` that stands in the repository.

    `repository` is the URL that it reads from, for a Flux `Kustomization` empty: `reference` then names its source as
    `Kind/namespace/name`. `revision` is a branch, tag or commit as stated (empty: the default). `path` is the folder
    it deploys, without `./`. `destination` holds whichever of `name`, `server` and `kubeConfig` is stated;
    `namespace` is where objects go that state none (`overrides`: also those that state one). `transforms` says that the
    engine itself changes what it deploys (patches, prefixes), which no reader of the folder can see.
    """

    kind: str
    name: str
    namespace: str | None
    source: Source
    repository: str = ""
    reference: str = ""
    revision: str = ""
    path: str | None = None
    destination: Mapping[str, str] = field(default_factory=dict)
    target_namespace: str | None = None
    overrides: bool = False
    transforms: bool = False
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class PatchUse:
    """A patch that a kustomization applies: a file (`path`), or inline text; `target` is its selector, if any."""

    path: str | None
    inline: str | None = None
    target: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kustomization:
    """What one `kustomization.yaml` states, with all paths relative to the repository's root.

    `resources` and `components` name files or folders of this repository; `remote` what lies elsewhere. `plain` says
    that nothing in it but its patches can change a `spec` or a name: it lists resources, sets a namespace or labels.
    """

    path: str
    namespace: str | None = None
    resources: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    patches: tuple[PatchUse, ...] = ()
    remote: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""
    plain: bool = True

    @property
    def folder(self) -> str:
        """The folder it stands in; empty for the repository's root."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class FileScan:
    """What one file holds for us: InferenceServices, what was passed over, engines' objects, a kustomization."""

    manifests: tuple[Manifest, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    engines: tuple[EngineObject, ...] = ()
    kustomization: Kustomization | None = None


@dataclass(frozen=True, slots=True)
class TreeScan:
    """What all files of a commit hold for us, each part sorted by path."""

    manifests: tuple[Manifest, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    engines: tuple[EngineObject, ...] = ()
    kustomizations: tuple[Kustomization, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where this repository is fetched from, and its base branch: what engines are compared with."""

    url: str
    branch: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two documents that state the same target: neither is touched until one is gone."""

    key: TargetKey
    first: Source
    second: Source


@dataclass(frozen=True, slots=True)
class Unresolved:
    """An InferenceService that is held before it is observed: `reason` is a code of the contract.

    `key` has empty parts for what could not be told (the cluster, the namespace).
    """

    key: TargetKey
    source: Source
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """All targets of a commit, sorted by key, and everything that did not become one, each with its reason.

    `builds` are the kustomizations that must be rendered before their InferenceServices can be targets.
    """

    targets: tuple[Target, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    builds: tuple[Kustomization, ...] = ()
