"""One component's observation, put together from its named terms."""

from collections.abc import Mapping
from dataclasses import replace

from gitops_rollout.core.assess.bake import bake_of
from gitops_rollout.core.assess.harm import (
    evidence_on,
    harmful_revision,
    is_worse_than_baseline,
)
from gitops_rollout.core.assess.judgement import verdict_of
from gitops_rollout.core.assess.known import Known
from gitops_rollout.core.assess.readiness import describe, is_scaled_away, readiness
from gitops_rollout.core.assess.reliance import states, trouble
from gitops_rollout.core.assess.settled import is_baseline_gone, is_not_created, settle_overdue, why_unsettled
from gitops_rollout.core.assess.sync import difference, percent_owner, sync_overdue
from gitops_rollout.core.assess.timing import is_past, soaks_from
from gitops_rollout.core.delivery import drift_of
from gitops_rollout.core.history import canary_since, is_regression, last_set, promotion_commit
from gitops_rollout.core.memory import is_zeroed, known_bad, named_by_rollback, zeroed_before
from gitops_rollout.core.percent import read_percent
from gitops_rollout.core.pods import wanted_of
from gitops_rollout.core.steps import first_step, next_step
from gitops_rollout.core.windows import next_opening, open_at
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.observation import Observation, RevisionRef


def observe(known: Known) -> Observation:
    """The row of facts of one component, without what concerns the whole target."""
    observation = Observation(component=known.component, desired=known.today.percent.value)
    observation = replace(observation, invalid_percent=known.today.percent.invalid, model=known.today.target or "")
    live = known.facts.live
    if live is None:
        return replace(observation, present=False, in_sync=False, settled=False, delivery=known.facts.delivery)
    observation = _sync(observation, known, live)
    observation = _service(observation, known, live)
    observation = _revisions(observation, known)
    observation = _memory(observation, known)
    return _judgement(observation, known)


def _sync(observation: Observation, known: Known, live: LiveInferenceService) -> Observation:
    settings, delivery = known.facts.settings, known.facts.delivery
    found = difference(known.component, known.line, live.spec, settings.ignore_differences)
    percent = read_percent(live.spec.get(known.component))
    drift = None
    if percent != known.today.percent and isinstance(live.spec.get(known.component), Mapping):
        target, line = known.facts.target, known.line
        drift = drift_of(target, known.component, line, percent.value, live.owners, delivery)
    return replace(
        observation,
        live=percent.value,
        delivery=delivery,
        drifted=None if drift is None else drift.by,
        remedy=None if drift is None else drift.remedy,
        zeroed_by_hand=drift is not None and drift.zeroed,
        in_sync=found is None,
        difference=found,
        owner=percent_owner(live.owners, known.component),
        sync_overdue=found is not None and sync_overdue(known.line, settings, known.facts.seen_at),
    )


def _service(observation: Observation, known: Known, live: LiveInferenceService) -> Observation:
    service, tracking = known.live.service, known.tracking
    created = known.revision(tracking.latest_created)
    why = why_unsettled(
        service,
        observation.live,
        tracking,
        live.annotations,
        created_runs_git=known.runs_git(tracking.latest_created),
    )
    arrived, settings = known.today.committed, known.facts.settings
    not_created = is_not_created(service)
    return replace(
        observation,
        routes_missing=is_baseline_gone(service),
        settled=why is None and not_created is None,
        not_created=not_created is not None,
        unsettled_because=not_created or why,
        settle_overdue=settle_overdue(service, created, arrived, settings, known.facts.seen_at),
        tracking=tracking,
        tracking_disagrees=_disagreement(known),
        traffic=() if service is None else service.status.traffic,
    )


def _revisions(observation: Observation, known: Known) -> Observation:
    tracking = known.tracking
    created = known.revision(tracking.latest_created)
    is_latest_ready = tracking.latest_created is not None and tracking.latest_created == tracking.latest_ready
    harmful, baseline_trouble = harmful_revision(known), trouble(known, tracking.latest_rolledout)
    return replace(
        observation,
        created=known.ref(tracking.latest_created),
        ready=known.ref(tracking.latest_ready),
        rolled=known.ref(tracking.latest_rolledout),
        previous=known.ref(tracking.previous_rolledout),
        created_readiness=readiness(created, is_latest_ready=is_latest_ready, overdue=_is_overdue(known)),
        readiness_message="" if is_latest_ready else describe(created),
        revisions=states(known),
        wanted="" if created is None or is_latest_ready else wanted_of(created),
        scaled_away=created is not None and not is_latest_ready and is_scaled_away(created),
        baseline_ready=not baseline_trouble,
        baseline_trouble=baseline_trouble,
        harmful=known.ref(harmful[0]) if harmful else None,
        harm_message=harmful[1] if harmful else "",
        canary_takes_traffic=bool(known.takers()),
        canary_failing=harmful is not None,
        worse_than_baseline=harmful is not None and is_worse_than_baseline(known, harmful[0]),
    )


def _memory(observation: Observation, known: Known) -> Observation:
    line, component, rollbacks = known.line, known.component, known.facts.rollbacks
    bad = known_bad(line, component, rollbacks)
    named = named_by_rollback(line, component, rollbacks)
    return replace(
        observation,
        zeroed=is_zeroed(line),
        known_bad=observation.model in bad,
        baseline_known_bad=_model(observation.rolled) in bad,
        ready_is_bad=_model(observation.ready) in bad | zeroed_before(line),
        restored=known.runs_git(known.tracking.latest_rolledout),
        regressed=is_regression(line),
        named_by_rollback=observation.model in named,
        named_models=tuple(sorted(named)),
        history_complete=line.complete,
        set_by=promotion_commit(line),
    )


def _judgement(observation: Observation, known: Known) -> Observation:
    settings, seen_at = known.facts.settings, known.facts.seen_at
    ready = known.tracking.latest_ready
    evidence = evidence_on(known, ready)
    since = soaks_from(known.line, known.live.service, known.revision(ready))
    percent, began = observation.desired or 0, canary_since(known.line)
    return replace(
        observation,
        verdict=verdict_of(evidence),
        evidence=evidence,
        soaked=is_past(since, settings.soak, seen_at),
        soaked_at=None if since is None else since + settings.soak,
        window_open=open_at(settings.windows, known.facts.now),
        window_opens_at=next_opening(settings.windows, known.facts.now),
        first_step=first_step(settings.steps),
        next_step=next_step(settings.steps, percent),
        bake=bake_of(known),
        began=began,
        too_old=settings.max_canary_age is not None and is_past(began, settings.max_canary_age, seen_at),
    )


def _is_overdue(known: Known) -> bool:
    created = known.revision(known.tracking.latest_created)
    began = [] if created is None or created.created is None else [created.created]
    stated = last_set(known.line)
    began += [] if stated is None else [stated.committed]
    return bool(began) and is_past(max(began), known.facts.settings.deadline, known.facts.seen_at)


def _disagreement(known: Known) -> str | None:
    """Where KServe's own tracking differs although it has seen the same Knative status."""
    own, computed = known.live.tracking, known.tracking
    seen: Mapping[str, tuple[object, object]] = {
        "traffic": (own.traffic, computed.traffic),
        "latestReadyRevision": (own.latest_ready, computed.latest_ready),
        "latestCreatedRevision": (own.latest_created, computed.latest_created),
    }
    if any(mine != its for mine, its in seen.values()):
        return None
    pairs = (
        ("latestRolledoutRevision", own.latest_rolledout, computed.latest_rolledout),
        ("previousRolledoutRevision", own.previous_rolledout, computed.previous_rolledout),
    )
    wrong = [f"{name} is {mine}, from the Knative status it is {its}" for name, mine, its in pairs if mine != its]
    return "; ".join(wrong) or None


def _model(revision: RevisionRef | None) -> str | None:
    return None if revision is None else revision.model
