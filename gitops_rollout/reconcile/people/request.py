"""A person's decision through the same pipe as the table's: same branch, pull request, binding and freshness."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gitops_rollout.core.decide.arrival import with_engine
from gitops_rollout.core.forecast.merge import words
from gitops_rollout.core.requests.decision import ACTIONS, requested_decision
from gitops_rollout.core.requests.objections import foretold, objections
from gitops_rollout.model.change import PullState
from gitops_rollout.model.decision import Action, Reason
from gitops_rollout.model.errors import UsageError
from gitops_rollout.model.plan import RunReport
from gitops_rollout.model.policy import Mode
from gitops_rollout.model.requests import Objection, Request
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.reconcile.report import run_report
from gitops_rollout.reconcile.run import Decided, decide, need_forge, plan_of, reconcile_of
from gitops_rollout.reconcile.world import World


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: the run's report, what is foretold, the edit, and whether it is (or would be) done."""

    report: RunReport
    foretold: tuple[str, ...]
    diff: str
    done: bool


def ask(world: World, name: str, request: Request, *, dry_run: bool) -> Answer:
    """Decide one target (`cluster/namespace/name`) as a person asks, with all that its document serves.

    `UsageError` unless just one target has that name. A request that is refused is a report, with the forecast.
    """
    if not dry_run:
        need_forge(world)
    narrow = replace(world, only=(name,))
    decided = decide(narrow, lambda judged: [_turned(one, request) for one in judged])
    found = [one for document in decided.documents for one in document.targets if fnmatchcase(_key(one), name)]
    if len(found) != 1:
        what = f"{len(found)} targets match {name!r}" if found else f"there is no target {name!r} at the base commit"
        raise UsageError(what, "name one as CLUSTER/NAMESPACE/NAME; `gitops-rollout status` lists them")
    decided = replace(decided, overrule=request.anyway)
    if not any(document.standing.proposal for document in decided.documents):
        report = run_report(narrow, decided.seen, decided.documents, {}, {})  # refused: what is open stays as it is
        return Answer(report, (), "", done=False)
    report = plan_of(narrow, decided) if dry_run else reconcile_of(narrow, decided)
    done = _done(report, ACTIONS[request.ask], dry_run=dry_run)
    vetoed = any(target.decision.reason is Reason.VETOED for target in report.targets)
    hints = ("--anyway overrules the veto",) if vetoed else ()
    return Answer(report, (*_foretold(decided), *hints), _diff(decided), done)


def _turned(judged: Judged, request: Request) -> Judged:
    """The target with the person's decision in place of the table's, or with what speaks against it."""
    observation = judged.observation
    if observation is None:
        return judged  # not to be seen: there is nothing that a decision could be bound to
    against = list(objections(request.ask, observation, judged.live))
    if judged.kept_back is not None and judged.kept_back.reason is Reason.STALE:
        against.append(Objection("stale", judged.kept_back.message))
    asked_for = requested_decision(request, observation, judged.decision)
    decision = with_engine(asked_for, observation.delivery)
    if decision.action is not asked_for.action:
        against.append(Objection(decision.reason, decision.message.partition("; not done: ")[0]))
        decision = asked_for
    asked = replace(judged, decision=decision, kept_back=None)
    if any(one.firm or not request.anyway for one in against):
        return asked.kept(Reason.REFUSED, _refusal(asked, request, against))
    if request.anyway and judged.settings.mode is not Mode.PROPOSE:
        return replace(asked, settings=replace(judged.settings, mode=Mode.PROPOSE))
    return asked


def _refusal(judged: Judged, request: Request, against: Sequence[Objection]) -> str:
    said = [f"{request.ask} is refused: {'; '.join(f'{one.message} [{one.code}]' for one in against)}"]
    said += [f"{component}: {told}" for component, told in _told(judged)]
    if not any(one.firm for one in against):
        said.append("--anyway does it all the same")
    return "; ".join(said)


def _told(judged: Judged) -> list[tuple[str, str]]:
    percents = judged.decision.to_percents
    if judged.live is None or not percents or not judged.live.components:
        return []
    found = foretold(percents, judged.live, judged.target.manifest)
    return [(str(component), words(one)) for component, one in found.items()]


def _foretold(decided: Decided) -> tuple[str, ...]:
    asked = [one for document in decided.documents if document.proposal for one in document.targets]
    return tuple(f"{_key(one)}: {component}: {told}" for one in asked for component, told in _told(one))


def _diff(decided: Decided) -> str:
    return "".join(document.proposal.diff for document in decided.documents if document.proposal)


def _done(report: RunReport, action: Action, *, dry_run: bool) -> bool:
    if report.failed:
        return False
    decisions = [target.decision for target in report.targets]
    asked = all((one.action, one.reason) == (action, Reason.REQUESTED) for one in decisions)
    pulls = [target.pull for target in report.targets]
    return asked and (dry_run or all(pull is not None and pull.state is not PullState.CLOSED for pull in pulls))


def _key(judged: Judged) -> str:
    return str(judged.target.key)
