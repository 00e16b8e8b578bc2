"""Observations for tests of the table: a typical one for each outcome, and any at all."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from gitops_rollout.core.runs import digest
from gitops_rollout.model.observation import Bake, Evidence, Observation, Readiness, RevisionRef, Verdict
from gitops_rollout.model.targets import Component

OLD, NEW = digest("old"), digest("new")
ONE = RevisionRef("iris-predictor-00001", "uid-1", OLD)
TWO = RevisionRef("iris-predictor-00002", "uid-2", NEW)
THREE = RevisionRef("iris-predictor-00003", "uid-3", digest("third"))

# At rest without a percent: one revision serves everything.
STABLE = Observation(
    component=Component.PREDICTOR,
    created=ONE,
    ready=ONE,
    rolled=ONE,
    created_readiness=Readiness.READY,
    baseline_ready=True,
    model=OLD,
    first_step=10,
    next_step=10,
    restored=True,
)
# 10 % go to a new revision.
ACTIVE = replace(
    STABLE,
    desired=10,
    live=10,
    created=TWO,
    ready=TWO,
    model=NEW,
    next_step=25,
    canary_takes_traffic=True,
    soaked=True,
    restored=False,
)
# A new revision that is not ready yet, at 10 %.
PENDING = replace(ACTIVE, ready=ONE, created_readiness=Readiness.PENDING, canary_takes_traffic=False)
# A new revision that is ready at 0.
AT_ZERO = replace(ACTIVE, desired=0, live=0, next_step=10, canary_takes_traffic=False)
# A new revision at 0 that is not ready yet.
PENDING_AT_ZERO = replace(PENDING, desired=0, live=0)
# A new revision without a percent that is not ready yet.
UNGUARDED = replace(PENDING, desired=None, live=None)
HARM = replace(ACTIVE, harmful=TWO, harm_message="fails error-rate", canary_failing=True, verdict=Verdict.FAIL)
BAKING = replace(
    STABLE, created=TWO, ready=TWO, rolled=TWO, previous=ONE, model=NEW, bake=Bake(open=True, failing=True)
)

REVISIONS = st.sampled_from([None, ONE, TWO, THREE])
PERCENTS = st.one_of(st.none(), st.sampled_from([0, 1, 10, 25, 50, 99, 100]), st.integers(0, 100))


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Any observation, likely or not; what is contradictory must be decided, too."""
    desired = draw(PERCENTS)
    created, ready = draw(REVISIONS), draw(REVISIONS)
    often, seldom = st.sampled_from([True, True, True, False]), st.sampled_from([False, False, False, True])
    evidence = Evidence("error-rate", 0.5, 0.1, draw(st.sampled_from(Verdict)))
    return Observation(
        component=draw(st.sampled_from(Component)),
        desired=desired,
        live=draw(st.one_of(st.just(desired), PERCENTS)),
        present=draw(often) or draw(often),
        ignored_field="spec" if draw(seldom) and draw(seldom) else None,
        invalid_percent="150" if draw(seldom) and draw(seldom) else None,
        mode_without_traffic="Standard" if draw(seldom) and draw(seldom) else None,
        stopped=draw(seldom) and draw(seldom),
        inert=draw(seldom) and draw(seldom),
        in_sync=draw(often),
        sync_overdue=draw(st.booleans()),
        routes_missing=draw(seldom),
        settled=draw(often),
        not_created=draw(st.booleans()),
        settle_overdue=draw(st.booleans()),
        created=created,
        ready=draw(st.sampled_from([created, ready])),
        rolled=draw(REVISIONS),
        previous=draw(REVISIONS),
        created_readiness=draw(st.sampled_from(Readiness)),
        baseline_ready=draw(often),
        baseline_known_bad=draw(seldom),
        harmful=draw(st.one_of(st.none(), REVISIONS)),
        canary_failing=draw(seldom),
        model=draw(st.sampled_from([OLD, NEW, ""])),
        zeroed=draw(seldom),
        known_bad=draw(seldom),
        ready_is_bad=draw(st.booleans()),
        restored=draw(seldom),
        regressed=draw(st.booleans()),
        named_by_rollback=draw(seldom),
        history_complete=draw(often),
        verdict=draw(st.sampled_from(Verdict)),
        evidence=(evidence,),
        soaked=draw(st.booleans()),
        window_open=draw(st.booleans()),
        next_step=draw(st.sampled_from([None, 25, 50])),
        first_step=draw(st.sampled_from([None, 10])),
        bake=Bake(draw(st.booleans()), draw(st.booleans()), draw(st.booleans())),
    )


def but(observation: Observation, **changes: Any) -> Observation:
    """The same observation with some facts changed."""
    return replace(observation, **changes)
