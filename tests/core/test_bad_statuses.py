"""What a cluster shows may lack anything, repeat itself or contradict itself: that never moves a rollout forward."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_rollout.cluster.snapshot import read_snapshot
from gitops_rollout.core.assess import assess
from gitops_rollout.core.decide import decide_target
from gitops_rollout.core.explain import explain
from gitops_rollout.core.phase import phase_of
from gitops_rollout.model.decision import FORWARD, Action, Decision, Reason
from gitops_rollout.model.observation import TargetFacts
from tests.core.replay import Decided, replay
from tests.traces import SERVERLESS, load

KINDS = ("InferenceService", "Service", "Revision")
OPPOSITE = {"True": "False", "False": "True", "Unknown": "True"}
WRONG = (None, True, -5, 150, 10**30, 0.5, "", "x" * 300, [], {}, ["True"], {"a": None})


@dataclass(frozen=True)
class Look:
    """One recorded snapshot, where it stands, and what was decided of it as it was."""

    scenario: str
    position: int
    decided: Decided = field(repr=False)


@dataclass(frozen=True)
class Spoiled:
    """A look in which some things are not as a controller would write them; `how` tells people what."""

    look: Look
    how: tuple[str, ...]
    items: list[Any] = field(repr=False)


def looks() -> Iterator[Look]:
    for scenario in SERVERLESS:
        for step, decided in replay(scenario):
            first = min(step.first, step.last)
            yield from (Look(scenario, first + index, one) for index, one in enumerate(decided))


LOOKS = list(looks())
# Rows differ in how often they were recorded: half of the cases come from moments in which something goes forward.
MOVING = [look for look in LOOKS if look.decided.decision.action in FORWARD]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in a document, managed fields left out: nobody decides by those."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        if key not in ("managedFields", "kind", "apiVersion", "namespace"):
            yield (*path, key)
            yield from places(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def spoil(draw: st.DrawFn, items: list[Any]) -> str:
    """Take out, empty, repeat, contradict or retype something, as no controller would write it."""
    path = draw(st.sampled_from(list(places(items))))
    *above, key = path
    holder = at(items, tuple(above))
    found = holder[key]
    how = draw(st.sampled_from(["drop", "retype", "repeat", "contradict"]))
    if how == "drop":
        del holder[key]
    elif isinstance(holder, list) and how in ("repeat", "contradict"):
        again = copy.deepcopy(found)
        if how == "contradict" and isinstance(again, dict) and again.get("status") in list(OPPOSITE):
            again["status"] = OPPOSITE[again["status"]]
        holder.insert(draw(st.integers(0, len(holder))), again)
    else:
        holder[key] = copy.deepcopy(draw(st.sampled_from(WRONG)))
    return f"{how} {path}"


@st.composite
def spoiled(draw: st.DrawFn) -> Spoiled:
    look = draw(st.one_of(st.sampled_from(LOOKS), st.sampled_from(MOVING)))
    snapshot = load(look.scenario).snapshots[look.position]
    items = [copy.deepcopy(dict(item)) for item in snapshot.items if item["kind"] in KINDS]
    how = [spoil(draw, items) for _ in range(draw(st.sampled_from([1, 1, 1, 2, 4]))) if items]
    return Spoiled(look, tuple(how), items)


def facts_of(look: Look, items: list[Any]) -> TargetFacts:
    key = look.decided.facts.target.key
    list_of = {"apiVersion": "v1", "kind": "List", "items": [item for item in items if isinstance(item, dict)]}
    services = read_snapshot(json.dumps(list_of).encode(), "live.json").services()
    return replace(look.decided.facts, live=services.get((key.namespace, key.name)))


def decided(facts: TargetFacts) -> Decision:
    """Through everything that looks at an observation: none of it may raise."""
    observation = assess(facts)
    for one in observation.components.values():
        assert phase_of(one)
        assert explain(one).decision.message
    return decide_target(observation)


def writes(decision: Decision) -> Mapping[str, int | None]:
    return {str(part): percent for part, percent in decision.to_percents.items()}


def share(percent: int | None) -> int:
    """What a percent that is written gives to the candidate; no percent gives it everything."""
    return 100 if percent is None else percent


@settings(max_examples=200)
@given(spoiled())
def test_spoiled_statuses_are_decided_and_never_go_forward(case: Spoiled) -> None:
    decision = decided(facts_of(case.look, case.items))
    before = case.look.decided.decision
    assert decision.message
    assert decision.reason in Reason
    if decision.action in FORWARD:
        assert before.action in FORWARD
        assert all(share(percent) <= share(writes(before)[part]) for part, percent in writes(decision).items())
    if decision.action is Action.ROLLBACK:
        assert set(writes(decision).values()) == {0}


@pytest.mark.parametrize("look", MOVING, ids=lambda look: f"{look.scenario}-{look.position}")
def test_a_clock_that_runs_backwards_soaks_nothing(look: Look) -> None:
    facts = replace(look.decided.facts, settings=replace(look.decided.facts.settings, soak=timedelta(minutes=30)))
    for behind in (timedelta(seconds=1), timedelta(days=400)):
        early = replace(facts, now=facts.now - behind, seen_at=facts.seen_at - behind)
        assert decided(early).reason is not Reason.SOAKED
        ahead = replace(facts, seen_at=facts.seen_at + timedelta(days=400))
        assert decided(ahead).reason is not Reason.SOAKED
