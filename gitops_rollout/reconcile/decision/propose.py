"""From the decision about a document to a proposal: the edit of its bytes, and the texts of its pull request."""

from collections.abc import Sequence
from dataclasses import dataclass

from gitops_rollout.core.identity import branch_name, change_name, identify, identity_id
from gitops_rollout.core.lifecycle.named import carried
from gitops_rollout.core.marker import format_marker
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.manifests.diff import unified
from gitops_rollout.manifests.edit import edit
from gitops_rollout.model.change import Change, Edit, EditOutcome, Proposal
from gitops_rollout.model.decision import CHANGING, Action, Decision
from gitops_rollout.model.history import Marker
from gitops_rollout.model.targets import Component, Manifest
from gitops_rollout.reconcile.assemble import components_of
from gitops_rollout.reconcile.decision.forecasts import forecasts
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.reconcile.observation.builds import Builds
from gitops_rollout.reconcile.world import World
from gitops_rollout.report.escape import commit_text
from gitops_rollout.report.templates import Templates
from gitops_rollout.report.texts import commit_message, pull_texts


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that could not be made with certainty: the editor's reason code and its advice."""

    reason: str
    message: str


def propose(
    world: World,
    group: Sequence[Judged],
    decision: Decision,
    touched: str | None,
    templates: Templates,
    builds: Builds | None = None,
) -> Proposal | Refused | None:
    """The proposal of one document's decision; None where the decision changes nothing.

    `group` holds all targets that the document serves. `touched` is the last base commit that touched any of them.
    """
    if decision.action not in CHANGING:
        return None
    source = group[0].target.manifest.source
    before = world.repository.read_file(world.base_commit, source.path) or b""
    edited = edit(before, edits_of(decision, group[0].target.manifest), source.path)
    refused = next((outcome for outcome in edited.outcomes if outcome.outcome == "refused"), None)
    if refused is not None:
        return Refused(refused.reason or "refused", _advice(refused))
    if edited.data == before:
        return Refused("unchanged", f"{source.path}: the edit would change nothing")
    diff = unified(source.path, before, edited.data)
    targets = [judged.target for judged in group]
    problem = builds.problem(source.path, edited.data, targets, decision.to_percents) if builds is not None else None
    if problem is not None:
        return Refused("not-proven", f"{source.path}: {problem}; the edit that was not made:\n{diff}")
    change = _change(world, group, decision, touched)
    forecast = forecasts(world, group, decision, edited.data)
    seen = {judged.target.key: components_of(judged) for judged in group}
    trailers = format_trailers(change, note=commit_text(decision.requested or ""))
    title, body = pull_texts(change, diff, seen, forecast, templates)
    return Proposal(
        change=change,
        files={source.path: edited.data},
        diff=diff,
        title=title,
        body=body,
        message=commit_message(change, trailers, forecast, templates),
        policy=group[0].settings.rollback if decision.action is Action.ROLLBACK else group[0].settings.promote,
    )


def edits_of(decision: Decision, manifest: Manifest) -> list[Edit]:
    """The edits that write a decision: one line a component. A rollback leaves its marker beside the 0."""
    place = manifest.source
    return [
        Edit(
            place.document,
            place.pointer,
            component,
            percent,
            _comment(decision, component, percent),
            manifest.fields.get(component),
        )
        for component, percent in decision.to_percents.items()
    ]


def _comment(decision: Decision, component: Component, percent: int | None) -> str | None:
    model = decision.marker_models.get(component)
    candidate = decision.candidate.get(component)
    if percent != 0 or decision.action is not Action.ROLLBACK or model is None or candidate is None:
        return None
    return format_marker(Marker(candidate.name, model))


def _change(world: World, group: Sequence[Judged], decision: Decision, touched: str | None) -> Change:
    source = group[0].target.manifest.source
    keys = tuple(sorted(judged.target.key for judged in group))
    identity = identify(change_name(source, keys), decision, touched)
    observed = group[0].observation
    return Change(
        identity=identity,
        id=identity_id(identity),
        branch=branch_name(identity),
        source=source,
        targets=keys,
        decision=decision,
        base_branch=world.base_branch,
        base_commit=world.base_commit,
        rule=group[0].settings.rule,
        models=dict(observed.models.components) if observed else {},
        earlier=carried([one.observation for one in group if one.observation], decision),
    )


def _advice(outcome: EditOutcome) -> str:
    return f"{outcome.path}: {outcome.component}: {outcome.message} [{outcome.reason}]"
