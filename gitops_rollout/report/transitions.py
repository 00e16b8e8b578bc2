"""What changed with a run, for those who want to hear of changes alone: pull requests, arrivals and new alarms."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gitops_rollout.model.change import Did
from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.report.words import says, step_of

_DONE = (Did.CREATED, Did.SUPERSEDED, Did.CLOSED, Did.CONFLICT)


@dataclass(frozen=True, slots=True)
class Transition:
    """One change. `what`: `created`, `superseded`, `closed`, `conflict`, `vetoed`, `merged`, `alarm` or `failed`.

    `move` is such as `10 % → 25 %`, empty where nothing changes; `number` and `url` are the pull request's, if any.
    """

    what: str
    targets: tuple[str, ...]
    action: str
    reason: str
    move: str
    message: str
    number: int | None = None
    url: str | None = None


def transitions(report: RunReport, since: datetime) -> tuple[Transition, ...]:
    """What this run did, and what came after `since` (the instant that the run before it decided at), in order.

    A merge is told when it is seen on the base branch, whoever merged. An alarm is told where its beginning is known.
    """
    return (*_pulls(report, since), *_arrivals(report, since), *_alarms(report, since))


def _pulls(report: RunReport, since: datetime) -> Iterator[Transition]:
    """One for each pull request, also where it serves several targets."""
    by_number: dict[int, list[TargetReport]] = {}
    for target in report.targets:
        pull = target.pull
        if pull is None or pull.number is None:
            continue
        vetoed = pull.did is Did.VETOED and pull.ended is not None and since < pull.ended <= report.now
        if pull.did in _DONE or vetoed:
            by_number.setdefault(pull.number, []).append(target)
    for targets in by_number.values():
        pull = targets[0].pull
        assert pull is not None, "chosen by it"
        yield _transition(pull.did.value, targets)


def _arrivals(report: RunReport, since: datetime) -> Iterator[Transition]:
    for target in report.targets:
        if target.arrived is not None and target.changed is not None and since < target.changed <= report.now:
            message = f"{target.arrived} was merged; now: {target.decision.message}"
            key = (str(target.key),)
            yield Transition("merged", key, target.arrived, target.decision.reason.value, "", message)


def _alarms(report: RunReport, since: datetime) -> Iterator[Transition]:
    for target in report.targets:
        if target.error is not None and target.pull is not None and target.pull.did is Did.CONFLICT:
            continue  # told with its pull request
        if target.alarm_since is not None and since < target.alarm_since <= report.now:
            yield _transition("alarm", [target])


def _transition(what: str, targets: list[TargetReport]) -> Transition:
    first = targets[0]
    return Transition(
        what=what,
        targets=tuple(str(target.key) for target in targets),
        action=first.decision.action.value,
        reason=first.decision.reason.value,
        move=step_of(first.decision),
        message=says(first),
        number=first.pull.number if first.pull else None,
        url=first.pull.url if first.pull else None,
    )
