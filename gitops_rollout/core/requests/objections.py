"""What speaks against a person's request: where it would do what they hardly mean, with the forecast as evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gitops_rollout.core.decide.conditions import created_is_ready, is_failing, is_split, ready_is_rolled
from gitops_rollout.core.forecast.merge import Forecast, forecast, words
from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.core.percent import FIELD
from gitops_rollout.core.requests.decision import baseline_of, candidate_of, is_taken_back, moving
from gitops_rollout.model.live import LiveInferenceService
from gitops_rollout.model.observation import Observation, RevisionRef, TargetObservation
from gitops_rollout.model.requests import Ask, Objection
from gitops_rollout.model.targets import Component, Manifest


def objections(ask: Ask, observation: TargetObservation, live: LiveInferenceService | None) -> tuple[Objection, ...]:
    """Everything that speaks against a request, what nobody can overrule first; what was seen decides, not the ask."""
    found = [*_about_the_service(observation), *_nothing_to_do(ask, observation)]
    for component, seen in moving(ask, observation).items():
        against = {Ask.PROMOTE: _promotion, Ask.ROLLBACK: _rollback, Ask.RETRY: _retry}[ask](seen)
        if len(observation.components) > 1:
            against = (replace(one, message=f"{component}: {one.message}") for one in against)
        found += against
    if not found and live is not None:
        found += _unforeseen(ask, observation, live)
    return tuple(sorted(found, key=lambda one: not one.firm))


def foretold(
    percents: Mapping[Component, int | None], live: LiveInferenceService, manifest: Manifest
) -> dict[Component, Forecast]:
    """What becomes of each component once these percents are written into its manifest."""
    spec = dict(manifest.spec)
    for component, percent in percents.items():
        rest = {key: value for key, value in spec[component].items() if key != FIELD}
        spec[component] = rest if percent is None else {**rest, FIELD: percent}
    after = replace(manifest, spec=spec)
    return {component: forecast(live, component, manifest, after) for component in percents}


def _about_the_service(observation: TargetObservation) -> Iterator[Objection]:
    for component, seen in observation.components.items():
        if not seen.present:
            yield Objection("missing", f"the {component} is not in the cluster: nothing is known of it", firm=True)
        elif seen.invalid_percent is not None or seen.ignored_field is not None or seen.mode_without_traffic:
            yield Objection("not-tracked", f"KServe ignores or refuses the percent of the {component}", firm=True)
        elif seen.stopped:
            yield Objection(
                "stopped", f"the {component} is stopped: nothing is served, and KServe forgets its baseline"
            )
        elif seen.inert:
            yield Objection("inert", "auto-update is disabled: what is merged does not reach the cluster")
        elif not seen.in_sync:
            yield Objection(
                "out-of-sync", f"the live {component} is not what Git says: {seen.difference or 'it differs'}"
            )
        elif not seen.settled:
            yield Objection("settling", f"the {component} has not settled: {seen.unsettled_because or 'it moves'}")


def _nothing_to_do(ask: Ask, observation: TargetObservation) -> Iterator[Objection]:
    if moving(ask, observation):
        return
    percents = {seen.desired for seen in observation.components.values()}
    if ask is Ask.PROMOTE:
        yield Objection("nothing-to-do", "no percent stands: the newest ready revision has everything", firm=True)
    elif ask is Ask.RETRY:
        message = "nothing that was taken back stands at 0: there is nothing to try again"
        yield Objection("nothing-to-do", message, firm=True)
    elif 0 in percents:
        yield Objection("nothing-to-do", "0 stands already", firm=True)
    else:
        message = "no percent stands, and KServe knows no revision that served before"
        yield Objection("nothing-to-do", message, firm=True)


def _promotion(seen: Observation) -> Iterator[Objection]:
    if seen.created is None:
        yield _unknown(seen)
    if is_taken_back(seen):
        message = f"model {seen.model} was taken back and still stands: removing the percent sends it everything"
        yield Objection("taken-back", f"{message}; write the good spec first")
    if not created_is_ready(seen):
        yield Objection("not-ready", f"{_name(seen.created)} is not ready: there is nothing to promote yet")
    elif is_failing(seen) and not ready_is_rolled(seen):
        yield Objection("failing", f"{_name(seen.created)} fails{_because(seen)}")


def _rollback(seen: Observation) -> Iterator[Objection]:
    candidate, baseline = candidate_of(Ask.ROLLBACK, seen), baseline_of(Ask.ROLLBACK, seen)
    if candidate is None or baseline is None:
        yield _unknown(seen)
        return
    if not is_split(seen.desired):
        message = f"no percent stands: {candidate.name} serves everything, and a 0 takes that away from it"
        yield Objection("no-percent", f"{message} in favour of {baseline.name}")
        if not seen.bake.previous_usable:
            yield Objection("baseline-not-usable", f"{baseline.name}: {seen.bake.trouble}")
        return
    if seen.baseline_known_bad:
        yield Objection("baseline-known-bad", f"the baseline {baseline.name} was taken back itself")
    if not seen.baseline_ready:
        message = f"the baseline {baseline.name} cannot be relied on ({seen.baseline_trouble or 'not ready'})"
        yield Objection("baseline-not-ready", f"{message}: traffic might stay where it is")
    if created_is_ready(seen) and ready_is_rolled(seen):
        message = f"{baseline.name} is the baseline itself: a 0 would send its traffic to what served before"
        yield Objection("nothing-to-split", message)


def _retry(seen: Observation) -> Iterator[Objection]:
    if seen.created is None or seen.rolled is None:
        yield _unknown(seen)
        return
    if seen.first_step is None:
        yield Objection("no-step", "the policy has no step between 1 and 99 to start with", firm=True)
    if not created_is_ready(seen):
        message = f"{seen.created.name} is not ready ({seen.readiness_message or 'pending'}): until it is, its share"
        yield Objection("not-ready", f"{message} goes to another one; only a new revision can retry", firm=True)
    elif is_failing(seen):
        yield Objection("failing", f"{seen.created.name} fails{_because(seen)}")
    if ready_is_rolled(seen):
        yield Objection("nothing-to-split", f"{_name(seen.rolled)} serves everything: there is no canary", firm=True)
    if seen.baseline_known_bad or not seen.baseline_ready:
        yield Objection("baseline-not-usable", f"the baseline {seen.rolled.name} was taken back or is not ready")


def _unforeseen(ask: Ask, observation: TargetObservation, live: LiveInferenceService) -> Iterator[Objection]:
    """Where the simulator sees traffic go elsewhere than asked for, although nothing above speaks against it."""
    for component, seen in moving(ask, observation).items():
        to = {Ask.PROMOTE: None, Ask.ROLLBACK: 0, Ask.RETRY: seen.first_step}[ask]
        told = foretold({component: to}, live, observation.target.manifest)[component]
        ready = {name: share for name, share in told.endings[Outcome.READY].shares.items() if share}
        if ready != _meant(ask, seen, to):
            yield Objection("forecast", f"the {component} would go elsewhere: {words(told)}")


def _meant(ask: Ask, seen: Observation, to: int | None) -> dict[str, int]:
    candidate, baseline = _name(candidate_of(ask, seen)), _name(baseline_of(ask, seen))
    if ask is Ask.RETRY and to is not None:
        return {candidate: to, baseline: 100 - to}
    return {baseline if ask is Ask.ROLLBACK else candidate: 100}


def _because(seen: Observation) -> str:
    told = seen.harm_message or seen.readiness_message
    return f" ({told})" if told else " its analysis"


def _unknown(seen: Observation) -> Objection:
    return Objection("unknown-revision", f"the revisions of the {seen.component} are not known", firm=True)


def _name(revision: RevisionRef | None) -> str:
    return "no revision" if revision is None else revision.name
