"""Short phrases that the terminal, Markdown and pull requests share."""

from collections import Counter
from collections.abc import Mapping

from gitops_rollout.model.change import Did
from gitops_rollout.model.decision import CHANGING, Decision
from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.model.targets import Component
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.counts import summarise


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
    return "; ".join(part for part in parts if part)


def pulls_tally(report: RunReport) -> str:
    """What became of pull requests, `pull requests: 2 created, 7 found`; empty where none is concerned."""
    pulls = {target.pull.number: target.pull for target in report.targets if target.pull and target.pull.number}
    counts: Counter[Did] = Counter(pull.did for pull in pulls.values())
    named = ", ".join(f"{counts[did]} {did}" for did in Did if counts[did] and did is not Did.NONE)
    if not named:
        return ""
    return f"pull requests: {named}" + (", nothing written" if set(counts) == {Did.FOUND} else "")


def tally(report: RunReport) -> str:
    """One sentence that counts the targets: `2 promote, 1 alarm, 20 stable of 23 targets`."""
    counts: Mapping[str, int] = summarise(report.targets)
    total = len(report.targets)
    if not total:
        return "no targets were found"
    named = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{named} of {total} target{'' if total == 1 else 's'}"
