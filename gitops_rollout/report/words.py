"""Short phrases that the terminal, Markdown and pull requests share."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from gitops_rollout.model.change import Did
from gitops_rollout.model.decision import CHANGING, Decision
from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.model.rollback import RollbackClock, Stage
from gitops_rollout.model.targets import Component
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.counts import kind_of, summarise

_STAGES = {
    Stage.PULL_REQUEST: "its pull request",
    Stage.MERGE: "its merge",
    Stage.SYNC: "the sync to the cluster",
    Stage.TRAFFIC: "the traffic to move",
    Stage.DONE: "nothing",
}


def percent(value: int | None) -> str:
    """A percent as people write it; an absent field sends everything to the newest revision."""
    return "none" if value is None else f"{value} %"


def step_of(decision: Decision) -> str:
    """What changes: `10 % → 25 %`, with the components' names where they differ; empty where nothing does."""
    if decision.action not in CHANGING:
        return ""
    moves = {
        component: f"{percent(decision.from_percents.get(component))} → {percent(decision.to_percents[component])}"
        for component in Component
        if component in decision.to_percents
    }
    if len(set(moves.values())) == 1 and (len(moves) > 1 or Component.PREDICTOR in moves):
        return next(iter(moves.values()))
    return ", ".join(f"{component} {move}" for component, move in moves.items())


def label_of(target: TargetReport) -> str:
    """What is counted and what changes: `step 10 % → 25 %`, `hold`, `alarm rollback 10 % → 0 %`."""
    kind, move = kind_of(target), step_of(target.decision)
    action = f"{target.decision.action} " if move and kind != target.decision.action else ""
    return f"{kind} {action}{move}".rstrip()


def pull_phrase(target: TargetReport) -> str:
    """`#12 created`, or nothing where no pull request is concerned."""
    pull = target.pull
    if pull is None or pull.number is None:
        return ""
    return f"#{pull.number} {pull.did}" if pull.did != "none" else f"#{pull.number}"


def says(target: TargetReport) -> str:
    """All that is said of a target in sentences: its error or the reason, until when, notes, the pull request."""
    decision = target.decision
    parts = [target.error or decision.message]
    if decision.not_before is not None:
        parts.append(f"not before {instant(decision.not_before)}")
    parts += target.notes
    if target.pull and target.pull.message:
        parts.append(target.pull.message)
    if target.rollback is not None and _is_waiting(target.rollback):
        parts.append(rollback_phrase(target.rollback))
    return "; ".join(dict.fromkeys(part for part in parts if part))


def duration(span: timedelta) -> str:
    """A span as the policy writes them, its two largest units: `1d2h`, `42m`, `30s`; seconds only below ten minutes."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    seconds = seconds if minutes < 10 else 0
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    words = [
        f"{amount}{unit}" for amount, unit in ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s")) if amount
    ]
    return "".join(words[:2]) or "0s"


def waits_for(clock: RollbackClock) -> str:
    """What a rollback waits for and for how long: `merge for 42m`, `sync, unknown how long`."""
    if clock.stage is Stage.DONE:
        return f"done in {duration(clock.took)}" if clock.took is not None else "done"
    return (
        f"{clock.stage} for {duration(clock.waited)}"
        if clock.waited is not None
        else f"{clock.stage}, unknown how long"
    )


def rollback_phrase(clock: RollbackClock) -> str:
    """A sentence on a rollback that is under way, with what a person can do."""
    late = ""
    if clock.overdue and clock.took is not None and clock.budget is not None:
        late = f", {duration(clock.took)} in all, over its budget of {duration(clock.budget)}"
    return f"the rollback waits for {_STAGES[clock.stage]}{_for(clock)}{late}: {clock.todo}"


def rollbacks_tally(report: RunReport) -> str:
    """Which rollbacks are under way, by the stage that they wait in; empty where none is."""
    clocks = [t.rollback for t in report.targets if t.rollback and t.rollback.stage is not Stage.DONE]
    if not clocks:
        return ""
    late = sum(clock.overdue for clock in clocks)
    parts = []
    for stage in Stage:
        here = [clock for clock in clocks if clock.stage is stage]
        known = [clock.waited for clock in here if clock.waited is not None]
        longest = f" (longest {duration(max(known))})" if known else ""
        what = _STAGES[stage].replace("its ", "a ")
        parts += [f"{len(here)} waiting for {what}{longest}"] if here else []
    return f"rollbacks: {', '.join(parts)}" + (f"; {late} over budget" if late else "")


def _is_waiting(clock: RollbackClock) -> bool:
    """Whether more is to be said of a rollback than its decision says: somebody or something else has to move."""
    if clock.overdue:
        return True
    return clock.stage not in (Stage.PULL_REQUEST, Stage.DONE) and clock.opened != clock.now


def _for(clock: RollbackClock) -> str:
    return ", unknown for how long" if clock.waited is None else f" for {duration(clock.waited)}"


def pulls_tally(report: RunReport) -> str:
    """What became of pull requests, `pull requests: 2 created, 7 found`; empty where none is concerned."""
    pulls = {target.pull.number: target.pull for target in report.targets if target.pull and target.pull.number}
    counts: Counter[Did] = Counter(pull.did for pull in pulls.values())
    named = ", ".join(f"{counts[did]} {did}" for did in Did if counts[did] and did is not Did.NONE)
    if not named:
        return ""
    still = set(counts) == {Did.FOUND} and not any(pull.remarked for pull in pulls.values())
    return f"pull requests: {named}" + (", nothing written" if still else "")


def tally(report: RunReport) -> str:
    """One sentence that counts the targets: `2 promote, 1 alarm, 20 stable of 23 targets`."""
    counts: Mapping[str, int] = summarise(report.targets)
    total = len(report.targets)
    if not total:
        return "no targets were found"
    named = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{named} of {total} target{'' if total == 1 else 's'}"
