"""Which model a Revision runs: it says so itself, in its source-uri annotation and its containers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from gitops_rollout.core.differences import at, leaves
from gitops_rollout.core.runs import MODEL_CONTAINER, Runs, env_by_name, runs_of
from gitops_rollout.model.live import Revision


class Stated(Protocol):
    """Something that Git stated at some time: what runs, its digest, and when it arrived on the base branch."""

    @property
    def runs(self) -> Runs | None:
        """What the component ran, None where the document or the component was absent."""

    @property
    def digest(self) -> str | None:
        """The component's digest."""

    @property
    def committed(self) -> datetime:
        """When it arrived on the base branch."""


T = TypeVar("T", bound=Stated)


def revision_runs(revision: Revision, component: Mapping[str, Any]) -> bool:
    """Whether everything that a manifest's component states stands in the Revision."""
    return agreement(revision, runs_of(component)) is not None


def ran(revision: Revision, versions: Iterable[T]) -> T | None:
    """The version of Git's document that a Revision runs, None where none fits or it cannot be told.

    `versions` are newest first. What Git states must stand in the Revision, and of those that fit the one that states
    most counts: a spec that lost an environment variable fits its predecessor's Revision as well. What a Revision does
    not show (model format, runtime, protocol) is told by time: a Revision runs nothing that arrived after it was made.
    Of several versions that state the same the newest is returned.
    """
    fitting: list[tuple[int, T]] = []
    for version in versions:
        score = None if version.runs is None else agreement(revision, version.runs)
        if score is not None:
            fitting.append((score, version))
    best = max((score for score, _ in fitting), default=None)
    closest = [version for score, version in fitting if score == best]
    if len({version.digest for version in closest}) <= 1:
        return closest[0] if closest else None
    if revision.created is None:
        return None
    made = revision.created
    chosen = next((version for version in closest if version.committed <= made), closest[-1])
    return next(version for version in closest if version.digest == chosen.digest)


def agreement(revision: Revision, runs: Runs) -> int | None:
    """How many stated things stand in the Revision, None where one of them does not."""
    found = _containers(revision, runs.get("containers", {}))
    score = 0
    for path, value in leaves(runs):
        one = _agrees(revision, found, path, value)
        if one is None:
            return None
        score += one
    return score


def _agrees(revision: Revision, containers: Mapping[str, Any], path: tuple[str, ...], value: Any) -> int | None:
    """1 for what stands in the Revision, 0 for what a Revision does not show, None for what differs."""
    match path:
        case ("storageUri",):
            return 1 if revision.source_uri == value else None
        case ("storage", "path") if revision.source_uri is not None:
            return 1 if revision.source_uri.endswith(str(value)) else None
        case ("containers", _, "env", "STORAGE_URI", *_) if revision.source_uri == value:
            return 1  # KServe moves a custom container's STORAGE_URI into the annotation
        case ("containers", name, "args"):
            return _within(value, at(containers, (name, "args")))
        case ("containers", *rest):
            return 1 if _same(value, at(containers, tuple(rest))) else None
    return 0


def _containers(revision: Revision, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Containers by name; where both sides have a single one they are the same, whatever KServe named it."""
    listed = [one for one in revision.containers if isinstance(one, Mapping)]
    found = {str(one.get("name") or MODEL_CONTAINER): {**one, "env": env_by_name(one.get("env"))} for one in listed}
    if len(found) == 1 and len(stated) == 1:
        return {next(iter(stated)): next(iter(found.values()))}
    return found


def _within(stated: Any, held: Any) -> int | None:
    """KServe puts a runtime's arguments before the manifest's own, and may add some after them."""
    if not isinstance(stated, list) or not isinstance(held, list):
        return None if stated != held else 1
    size = len(stated)
    for start in range(len(held) - size + 1):
        if all(_same(one, other) for one, other in zip(stated, held[start : start + size], strict=True)):
            return max(1, size)
    return None


def _same(stated: Any, held: Any) -> bool:
    """Equal, or a text with a placeholder that KServe fills in (`{{.Name}}`)."""
    if isinstance(stated, str) and "{{" in stated:
        return isinstance(held, str)
    if isinstance(stated, list) and isinstance(held, list) and len(stated) == len(held):
        return all(_same(one, other) for one, other in zip(stated, held, strict=True))
    return bool(stated == held)
