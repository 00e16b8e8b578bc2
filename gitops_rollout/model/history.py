"""What the base branch's first-parent history says about one document, and the marker of a rollback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gitops_rollout.model.targets import Component, Manifest


@dataclass(frozen=True, slots=True)
class Marker:
    """The comment that a rollback writes beside its 0: the revision's name and the model digest it ran."""

    revision: str
    model: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One first-parent commit of the base branch that touched a document, and what the document said there.

    `committed` is the committer date (when it arrived). `manifest` is None where the document was absent.
    `message` is the whole commit message (trailers included), untrusted text.
    """

    commit: str
    committed: datetime
    author: str
    message: str
    manifest: Manifest | None
    path: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Arrivals of one document, newest first. `complete` is False where a shallow clone ended before the beginning."""

    arrivals: tuple[Arrival, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A path's bytes after one first-parent commit that touched it; `data` is None where it was deleted."""

    commit: str
    committed: datetime
    author: str
    message: str
    path: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class FileHistory:
    """Versions of one path, newest first, renames followed. `complete`: see `History`."""

    versions: tuple[FileVersion, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class RunningModels:
    """The digests of one manifest: of the whole target (D) and of each component."""

    target: str
    components: Mapping[Component, str] = field(default_factory=dict)
