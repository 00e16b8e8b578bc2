"""A run: observe, decide, and then either say what would be done (`plan`) or do it (`reconcile`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gitops_rollout.model.change import Did, PullReport
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.model.plan import RunReport
from gitops_rollout.reconcile.decision.decide import judge_again, judge_all, with_common_cause
from gitops_rollout.reconcile.decision.documents import Document, documents
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.reconcile.observation.observe import Seen, observe
from gitops_rollout.reconcile.pulls.act import act, foreseen
from gitops_rollout.reconcile.pulls.judge import Ground, Judgement, judge_pulls
from gitops_rollout.reconcile.pulls.leftovers import tidy
from gitops_rollout.reconcile.pulls.listing import Listing
from gitops_rollout.reconcile.pulls.remarks.evidence import Evidence
from gitops_rollout.reconcile.pulls.rollbacks import ended_rollbacks, open_rollbacks
from gitops_rollout.reconcile.report import run_report
from gitops_rollout.reconcile.world import World
from gitops_rollout.report.templates import Templates, load_templates

Turn = Callable[[Sequence[Judged]], Sequence[Judged]]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a run saw and decided, before anything is done. `overrule`: in spite of an earlier veto."""

    seen: Seen
    documents: tuple[Document, ...]
    templates: Templates
    listing: Listing | None = None
    overrule: bool = False


def plan(world: World) -> RunReport:
    """Decide, and say what a `reconcile` would do. Writes nothing; a forge that does not answer is said in `errors`."""
    return plan_of(world, decide(world))


def plan_of(world: World, decided: Decided) -> RunReport:
    """What a `reconcile` would do about what was decided."""
    judgement, errors = _judged(world, decided)
    pulls = {} if judgement is None else _as_planned(foreseen(judgement))
    verdicts = judgement.verdicts if judgement else {}
    failed = judgement.errors if judgement else {}
    return run_report(world, decided.seen, decided.documents, verdicts, pulls, errors, failed)


def reconcile(world: World) -> RunReport:
    """Decide, and open, update, close and merge pull requests accordingly.

    Nothing is done where the open pull requests cannot be listed. What failed for one change stands in its report.
    """
    need_forge(world)
    return reconcile_of(world, decide(world))


def need_forge(world: World) -> None:
    """`ForgeError` where there is no forge to open pull requests on."""
    if world.forge is None:
        raise ForgeError("no forge: it cannot be told from the remote's URL", "say which with --forge")


def reconcile_of(world: World, decided: Decided) -> RunReport:
    """Open, update, close and merge pull requests as was decided."""
    judgement, errors = _judged(world, decided)
    if judgement is None:
        return run_report(world, decided.seen, decided.documents, {}, {}, errors)
    world.progress("acting on pull requests")
    voice = Evidence(decided.documents, decided.templates) if world.policy.forge.comment else None
    ground = _ground(world, decided)
    acted = act(ground, judgement, voice)
    tidy(ground, acted, [document.standing for document in decided.documents])
    verdicts = judgement.verdicts
    return run_report(world, decided.seen, decided.documents, verdicts, acted.reports, errors, acted.errors)


def decide(world: World, turn: Turn = list) -> Decided:
    """Observe both sides and decide every document. Writes nothing.

    `turn` puts other decisions in the place of the table's, before documents are decided as one.
    """
    seen = observe(world)
    templates = load_templates(world.read_base)
    listing = None if world.forge is None else Listing(world.forge, world.base_branch)
    alone = judge_all(world, seen, open_rollbacks(world, seen, listing))
    judged = turn(with_common_cause(alone))
    found = documents(world, judged, templates, seen.builds)
    more = ended_rollbacks(world, seen, found, listing)
    if more:
        again = turn(with_common_cause(judge_again(world, seen, alone, more)))
        changed = [
            new
            for old, new in zip(judged, again, strict=True)
            if new.target.manifest.source in more or new.kept_back != old.kept_back
        ]
        anew = {one.standing.source: one for one in documents(world, changed, templates, seen.builds)}
        found = tuple(anew.get(one.standing.source, one) for one in found)
    return Decided(seen, found, templates, listing)


def _judged(world: World, decided: Decided) -> tuple[Judgement | None, tuple[str, ...]]:
    if world.forge is None:
        return None, ()
    try:
        standings = [document.standing for document in decided.documents]
        return judge_pulls(_ground(world, decided), standings), ()
    except ForgeError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return None, (f"pull requests could not be read: {error.message}{hint}",)


def _ground(world: World, decided: Decided) -> Ground:
    assert world.forge is not None, "callers looked"
    resolved = decided.seen.resolved
    unsure = {one.key.cluster for one in resolved.duplicates} | {one.key.cluster for one in resolved.unresolved}
    clusters = frozenset(cluster.name for cluster in world.policy.clusters)
    return Ground(
        repository=world.repository,
        forge=world.forge,
        base_branch=world.base_branch,
        base_commit=world.base_commit,
        limits=world.policy.limits,
        now=world.now,
        committers=world.committers | world.forge.committers(),
        covered=frozenset() if world.only or "" in unsure else clusters - unsure,
        listing=decided.listing,
        statuses=world.policy.forge.status,
        overrule=decided.overrule,
    )


def _as_planned(reports: Mapping[str, PullReport]) -> Mapping[str, PullReport]:
    """A plan did nothing: only what was found, or is refused because of what was found, is reported."""
    said = {Did.FOUND, Did.VETOED}
    return {
        change: report if report.did in said else replace(report, did=Did.NONE)
        for change, report in reports.items()
        if report.number is not None
    }
