"""Whether what is to be merged still stands on the ground that it was decided on, and merges to what was decided."""

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_rollout.core.freshness import staleness
from gitops_rollout.core.runs import running_models
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.doors import Repository
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.model.findings import Checked, Finding, Level, worst_first
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.targets import Component, Manifest
from gitops_rollout.reconcile.checks.built import built_problems
from gitops_rollout.reconcile.checks.ground import Ground
from gitops_rollout.reconcile.checks.hazards import find_hazards
from gitops_rollout.reconcile.checks.rollout_commits import (
    Edited,
    RolloutCommit,
    commits_ahead,
    manifests_at,
    rollout_commits,
)
from gitops_rollout.reconcile.observation.history import document_history
from gitops_rollout.reconcile.pulls.desk import Desk

HEADS = "refs/heads/"


def check_open(desk: Desk) -> list[Checked]:
    """Every open pull request of ours into the base branch."""
    pulls = [pull for pull in desk.forge.open_pulls() if pull.base_branch == desk.base_branch]
    return [check(desk, pull.head, pull.number) for pull in pulls if not pull.branch_deleted]


def check(desk: Desk, head: str, pull: int | None = None, views: Sequence[LiveView] = ()) -> Checked:
    """One commit: a branch's tip, a merge that a forge has prepared, or the tip of a merge queue.

    Our own commits in it must be fresh and bound; everybody else's changes are searched for hazards, with what the
    clusters show (`views`) as their ground where that is given. With `pull` it is a pull request of ours, so that no
    rollout in it is a finding against it.
    """
    ahead = commits_ahead(desk.repository, head, desk.base_commit)
    rollouts = rollout_commits(desk.repository, ahead, desk.policy.limits.file_size)
    merged = _merged(desk, head)
    findings: list[Finding] = []
    ground = Ground(desk.repository, desk.base_commit, merged or head, desk.policy, views, desk.cache)
    for rollout in rollouts:
        problems = [*_not_fresh(desk, rollout), *_not_bound(desk, rollout, merged)]
        problems = problems or list(built_problems(ground, rollout))
        base = (rollout.said.base or "")[:12]
        fresh = Finding("fresh", None, rollout.said.targets, f"decided on {base}, and nothing has touched it since")
        findings += problems or [fresh]
    if merged is not None and pull is None:
        findings += find_hazards(ground, ahead, rollouts)
    if not findings:
        findings.append(_nothing(merged, pull))
    return Checked(head, worst_first(findings), pull)


def _nothing(merged: str | None, pull: int | None) -> Finding:
    if pull is not None:
        return Finding("no-rollout", Level.ERROR, (), "its branch holds no commit of ours any more")
    if merged is None:
        return Finding("no-rollout", None, (), "it does not merge as it is, and holds no rollout of ours")
    return Finding("no-rollout", None, (), "it touches no rollout in a way that needs care")


def resolve_head(repository: Repository, name: str) -> str:
    """The commit that `name` means at the remote: a branch, a full ref, or a commit id as it is."""
    if len(name) in (40, 64) and set(name) <= set("0123456789abcdef"):
        return name
    ref = name if name.startswith("refs/") else f"{HEADS}{name}"
    found = repository.read_refs(ref.rpartition("/")[0] + "/").get(ref)
    if found is None:
        raise RepositoryError(f"the remote has no {ref}", "Give --head a branch, a ref, or a full commit id.")
    return found


def _merged(desk: Desk, head: str) -> str | None:
    """The commit whose tree would stand on the base branch; None where it does not merge."""
    if desk.repository.touched_since(desk.base_commit, head) is not None:
        return head
    return desk.repository.merge(desk.base_commit, head, "Only to see what it would be", desk.now)


def _not_fresh(desk: Desk, rollout: RolloutCommit) -> list[Finding]:
    paths = {edit.path for edit in rollout.edits}
    touched = [_touched(desk, edit) for edit in rollout.edits]
    for one in touched or [None]:
        stale = staleness(rollout.said.base, desk.base_commit, one, paths, desk.repository.touched_since)
        if stale:
            message = f"{stale}: close it, the next run decides anew"
            return [Finding("not-fresh", Level.ERROR, rollout.said.targets, message)]
    return []


def _touched(desk: Desk, edit: Edited) -> str | None:
    """The last commit of the base branch that touched the document."""
    file = desk.repository.histories(desk.base_commit, [edit.path]).get(edit.path)
    if file is None:
        return None

    def read(path: str, data: bytes) -> Sequence[Manifest]:
        return scan_file(path, data, limit=desk.policy.limits.file_size).manifests

    arrivals = document_history(file, edit.before, read).arrivals
    return arrivals[0].commit if arrivals else None


def _not_bound(desk: Desk, rollout: RolloutCommit, merged: str | None) -> list[Finding]:
    targets = rollout.said.targets
    if merged is None:
        return [Finding("does-not-apply", Level.ERROR, targets, "it no longer applies to the base branch")]
    for edit in rollout.edits:
        found = manifests_at(desk.repository, merged, edit.path, desk.policy.limits.file_size)
        there = found.get((edit.before.namespace or "", edit.before.name))
        if there is None:
            message = f"{edit.path}: {edit.before.name} would not be there any more"
        elif running_models(there.spec).target != running_models(edit.before.spec).target:
            message = f"{edit.path}: {edit.before.name} would run another model than the one that was decided on"
        elif _percents(there.spec) != _percents(edit.after.spec):
            message = f"{edit.path}: {edit.before.name} would get another percent than the one that was decided"
        else:
            continue
        return [Finding("not-bound", Level.ERROR, targets, message)]
    return []


def _percents(spec: Mapping[str, Any]) -> dict[Component, object]:
    parts = {part: spec[part] for part in Component if isinstance(spec.get(part), Mapping)}
    return {part: found.get("canaryTrafficPercent") for part, found in parts.items()}
