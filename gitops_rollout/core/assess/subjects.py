"""Which revisions are worth measuring, and since when their failures count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gitops_rollout.core.assess.known import Known, know
from gitops_rollout.core.assess.timing import bakes_from, harms_from, soaks_from
from gitops_rollout.core.history import timelines
from gitops_rollout.model.observation import TargetFacts
from gitops_rollout.model.targets import Component


@dataclass(frozen=True, slots=True)
class Subject:
    """A revision to measure: failures count from `since` on."""

    component: Component
    revision: str
    since: datetime


def subjects(facts: TargetFacts) -> tuple[Subject, ...]:
    """The candidate, whatever else takes traffic, and the baseline to set them against; none without an analysis.

    A revision whose beginning is not known is left out: what it did cannot be counted.
    """
    if facts.live is None or not facts.settings.analysis:
        return ()
    found: list[Subject] = []
    for component, line in timelines(facts.history, facts.target.manifest).items():
        known = know(facts, component, line)
        since = _since(known)
        found += [Subject(component, name, start) for name, start in since.items() if start is not None]
    return tuple(found)


def _since(known: Known) -> Mapping[str, datetime | None]:
    """Revision name to the instant from which it counts."""
    tracking, service = known.tracking, known.live.service
    since: dict[str, datetime | None] = {}
    for name in known.takers():
        version = known.version(name)
        since[name] = harms_from(known.line, known.revision(name), None if version is None else version.target)
    ready, rolled = tracking.latest_ready, tracking.latest_rolledout
    if ready and ready == rolled and known.today.full:
        since[ready] = bakes_from(known.line, service)
    elif ready and ready == tracking.latest_created and known.runs_git(ready):
        since[ready] = soaks_from(known.line, service, known.revision(ready)) or since.get(ready)
    if rolled and rolled not in since and since:
        since[rolled] = min((start for start in since.values() if start is not None), default=None)
    return since
