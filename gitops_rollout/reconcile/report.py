"""Puts together what a run says: one report a target, what was passed over, notes and errors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gitops_rollout.core.alarms import alarm_since
from gitops_rollout.core.lifecycle.verdicts import Verdict, Verdicts
from gitops_rollout.model.change import PullReport
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.plan import ChangeReport, RunReport, TargetReport
from gitops_rollout.model.targets import TargetKey
from gitops_rollout.reconcile.assemble import duplicate_report, target_report, unresolved_report
from gitops_rollout.reconcile.decision.documents import Document
from gitops_rollout.reconcile.observation.observe import Seen
from gitops_rollout.reconcile.pulls.clock import clock_of, facts_of
from gitops_rollout.reconcile.world import World
from gitops_rollout.report.counts import summarise


def run_report(
    world: World,
    seen: Seen,
    documents: Sequence[Document],
    verdicts: Verdicts,
    pulls: Mapping[str, PullReport],
    errors: Sequence[str] = (),
    failed: Mapping[str, str] | None = None,
    commits: Mapping[str, str] | None = None,
) -> RunReport:
    """The report of one run.

    `verdicts`, `pulls`, `failed` (what went wrong) and `commits` (those made) are by the names of the changes.
    """
    targets = [duplicate_report(one) for one in seen.resolved.duplicates]
    targets += [unresolved_report(one) for one in seen.resolved.unresolved]
    for document in documents:
        change = document.standing.change
        error = (failed or {}).get(change)
        commit = (commits or {}).get(change)
        targets += _of_document(world, document, verdicts.get(change), pulls.get(change), error, commit)
    ordered = tuple(sorted(targets, key=lambda target: target.key))
    known = {document.standing.change for document in documents}
    strays = [f"{change}: {message}" for change, message in sorted((failed or {}).items()) if change not in known]
    notes = [note for view in seen.views.values() for note in view.notes]
    return RunReport(
        base_branch=world.base_branch,
        base_commit=world.base_commit,
        now=world.now,
        targets=ordered,
        skipped=seen.resolved.skipped,
        notes=(*world.notes, *notes, *_unmanaged(seen.views, seen.stated)),
        errors=(*seen.errors, *errors, *strays),
        summary=summarise(ordered),
    )


def _of_document(
    world: World,
    document: Document,
    verdict: Verdict | None,
    pull: PullReport | None,
    error: str | None,
    commit: str | None,
) -> list[TargetReport]:
    proposal = document.proposal
    change = None
    if proposal is not None:
        change = ChangeReport(proposal.change.id, proposal.change.branch, commit, proposal.diff)
    reports = []
    for judged in document.targets:
        decision = _after(judged.outcome, verdict)
        clock = clock_of(world, judged, decision, document.standing.change, verdict, pull)
        if clock is not None and clock.overdue:
            decision = replace(decision, alarm=True)
        since = alarm_since(facts_of(world, judged), decision, clock)
        made = target_report(judged, decision, change, pull, error)
        reports.append(replace(made, rollback=clock, alarm_since=since))
    return reports


def _after(decision: Decision, verdict: Verdict | None) -> Decision:
    """The decision, or what the look at pull requests put in its place (`vetoed`, `open-limit`, …)."""
    if verdict is None or verdict.reason is None:
        return decision
    action = verdict.action or decision.action
    message = verdict.message or decision.message
    return replace(decision, action=action, reason=verdict.reason, message=message)


def _unmanaged(views: Mapping[str, LiveView], stated: Iterable[TargetKey]) -> tuple[str, ...]:
    """One sentence for each live InferenceService that no manifest at the base states."""
    known = set(stated)
    live = sorted(
        TargetKey(view.cluster, namespace, name) for view in views.values() for namespace, name in view.services
    )
    return tuple(f"{key} is in the cluster but in no manifest: left alone" for key in live if key not in known)
