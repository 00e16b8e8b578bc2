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
    """

    source: Source
    name: str
    namespace: str | None
    spec: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[Component, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A manifest and the cluster and namespace that it goes to."""

    key: TargetKey
    manifest: Manifest


@dataclass(frozen=True, order=True, slots=True)
class Skipped:
    """A file or document that was passed over, and why: `reason` is a code, `message` a sentence with the next step."""

    path: str
    line: int | None
    reason: str
    message: str
