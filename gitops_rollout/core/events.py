"""What happened to one document, told from the base branch's history and from the pull requests of its change."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitops_rollout.core.history import Version, timelines
from gitops_rollout.core.lifecycle.opened import parse_branch
from gitops_rollout.core.lifecycle.vetoes import by_a_person
from gitops_rollout.core.pull_marker import why_closed
from gitops_rollout.core.trailers import Trailers, parse_trailers
from gitops_rollout.model.change import PullRequest, PullState
from gitops_rollout.model.events import Event, What
from gitops_rollout.model.history import Arrival, History
from gitops_rollout.model.targets import Component, Manifest, TargetKey

# `git revert` writes this line (git 2.39 sequencer.c), and the revert buttons of forges keep it.
_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{40}(?:[0-9a-f]{24})?)", re.MULTILINE)

Percents = Mapping[Component, tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is known of one document.

    `messages` are those of other commits, by id: of branches' heads, and of what a merge commit brought.
    """

    targets: tuple[TargetKey, ...]
    manifest: Manifest
    history: History
    pulls: Sequence[PullRequest] = ()
    messages: Mapping[str, str] = field(default_factory=dict)
    brought: Mapping[str, str] = field(default_factory=dict)


def events_of(told: Told) -> tuple[Event, ...]:
    """Everything that happened to a document, in no order."""
    merges = {pull.merged_commit: pull for pull in told.pulls if pull.merged_commit}
    ours = {arrival.commit for arrival in told.history.arrivals if _said(told, arrival).ours} | set(merges)
    arrived = tuple(_arrival(told, index, merges, ours) for index in range(len(told.history.arrivals)))
    seen = {event.commit for event in arrived if event.what is What.MERGED}
    return (*arrived, *(event for pull in told.pulls for event in _of_pull(told, pull, seen)))


def reverts(message: str) -> tuple[str, ...]:
    """The commits that a message says it reverts."""
    return tuple(_REVERTS.findall(message))


def _arrival(told: Told, index: int, merges: Mapping[str, PullRequest], ours: Iterable[str]) -> Event:
    arrival = told.history.arrivals[index]
    said, pull = _said(told, arrival), merges.get(arrival.commit)
    percents, model = _edit(told, index)
    event = Event(
        at=arrival.committed,
        what=What.CHANGED,
        targets=told.targets,
        action=_action(percents, new_model=model is not None),
        words=_first_line(arrival.message),
        who=arrival.author,
        percents=percents,
        model=model,
        commit=arrival.commit,
    )
    if said.ours or pull is not None:
        name = parse_branch(pull.branch) if pull is not None else None
        action = said.action or (name.action if name else None) or event.action
        return _with(event, What.MERGED, action, said.reason, said.note or "", pull)
    if any(commit in ours for commit in reverts(arrival.message)):
        return _with(event, What.VETOED, event.action, None, event.words, None)
    return event


def _with(
    event: Event, what: What, action: str | None, reason: str | None, words: str, pull: PullRequest | None
) -> Event:
    number, url = (pull.number, pull.url) if pull is not None else (None, None)
    return replace(event, what=what, action=action, reason=reason, words=words, pull=number, url=url)


def _said(told: Told, arrival: Arrival) -> Trailers:
    """The trailers of an arrival; of a merge commit that has none, those of the commit that it brought."""
    own = parse_trailers(arrival.message)
    return own if own.ours else parse_trailers(told.brought.get(arrival.commit, ""))


def _edit(told: Told, index: int) -> tuple[Percents, tuple[str | None, str | None] | None]:
    """Percents and model (D) before and after an arrival; nothing where a cut history hides what was before."""
    lines = timelines(told.history, told.manifest)
    percents: dict[Component, tuple[int | None, int | None]] = {}
    model: tuple[str | None, str | None] | None = None
    for component, line in lines.items():
        now = line.versions[index]
        before = line.versions[index + 1] if index + 1 < len(line.versions) else None
        if before is None and not line.complete:
            continue
        old, new = _percent(before), _percent(now)
        if old != new:
            percents[component] = (old, new)
        was = before.target if before is not None else None
        if was != now.target:
            model = (was, now.target)
    return percents, model


def _of_pull(told: Told, pull: PullRequest, merged: Iterable[str | None]) -> list[Event]:
    name = parse_branch(pull.branch)
    if name is None:
        return []
    said = parse_trailers(told.messages.get(pull.head, ""))

    def event(what: What, words: str, who: str = "") -> Event:
        at = pull.created if what is What.PROPOSED else pull.ended
        return Event(at, what, told.targets, name.action, said.reason, words, who, pull=pull.number, url=pull.url)

    found = [event(What.PROPOSED, said.note or pull.title, pull.author)]
    if pull.state is PullState.MERGED and pull.merged_commit not in merged:
        found.append(event(What.MERGED, said.note or ""))
    if pull.state is PullState.CLOSED and by_a_person(pull):
        found.append(event(What.VETOED, pull.why or "closed by a person"))
    elif pull.state is PullState.CLOSED:
        gone = "its branch was deleted" if pull.branch_deleted else "closed by gitops-rollout"
        found.append(event(What.CLOSED, pull.why or why_closed(pull.body) or gone))
    return found


def _action(percents: Percents, *, new_model: bool) -> str | None:
    """What a person's own edit of percents comes to; None where they changed none, or not all in one way.

    A percent that comes with another model starts that one, and no percent or 0 is then nothing of the kind.
    """
    words = {_one_action(None if new_model else old, new) for old, new in percents.values()}
    action = words.pop() if len(words) == 1 else None
    return None if new_model and action != "start" else action


def _one_action(old: int | None, new: int | None) -> str | None:
    if new == 0:
        return "rollback" if old else None
    if new is None:
        return "promote"
    return "start" if not old else f"step-{new}"


def _percent(version: Version | None) -> int | None:
    return None if version is None else version.percent.value


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else ""
