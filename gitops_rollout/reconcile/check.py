"""Whether what is to be merged still stands on the ground that it was decided on, and merges to what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_rollout.core.freshness import staleness
from gitops_rollout.core.runs import running_models
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.doors import Repository
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.model.targets import Component, Manifest
from gitops_rollout.reconcile.desk import Desk
from gitops_rollout.reconcile.history import document_history
from gitops_rollout.reconcile.rollout_commits import Edited, RolloutCommit, manifests_at, rollout_commits

HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `code` is `fresh`, `not-fresh`, `not-bound`, `does-not-apply` or `no-rollout`."""

    code: str
    ok: bool
    targets: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings about one commit that is to be merged; `pull` is its pull request's number where it is known."""

    head: str
    findings: tuple[Finding, ...]
    pull: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it may be merged as far as rollouts are concerned."""
        return all(finding.ok for finding in self.findings)


def check_open(desk: Desk) -> list[Checked]:
    """Every open pull request of ours into the base branch."""
    pulls = [pull for pull in desk.forge.open_pulls() if pull.base_branch == desk.base_branch]
    return [check(desk, pull.head, pull.number) for pull in pulls if not pull.branch_deleted]


def check(desk: Desk, head: str, pull: int | None = None) -> Checked:
    """One commit: a branch's tip, a merge that a forge has prepared, or the tip of a merge queue.

    With `pull` it is a pull request of ours, so that no rollout in it is a finding against it.
    """
    rollouts = rollout_commits(desk.repository, head, desk.base_commit, desk.file_size)
    if not rollouts:
        message = "its branch holds no commit of ours any more" if pull else "it touches no rollout"
        return Checked(head, (Finding("no-rollout", pull is None, (), message),), pull)
    merged = _merged(desk, head)
    findings: list[Finding] = []
    for rollout in rollouts:
        problems = [*_not_fresh(desk, rollout), *_not_bound(desk, rollout, merged)]
        base = (rollout.said.base or "")[:12]
        fresh = Finding("fresh", True, rollout.said.targets, f"decided on {base}, and nothing has touched it since")
        findings += problems or [fresh]
    return Checked(head, tuple(findings), pull)


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
            return [Finding("not-fresh", False, rollout.said.targets, message)]
    return []


def _touched(desk: Desk, edit: Edited) -> str | None:
    """The last commit of the base branch that touched the document."""
    file = desk.repository.histories(desk.base_commit, [edit.path]).get(edit.path)
    if file is None:
        return None

    def read(path: str, data: bytes) -> Sequence[Manifest]:
        return scan_file(path, data, limit=desk.file_size).manifests

    arrivals = document_history(file, edit.before, read).arrivals
    return arrivals[0].commit if arrivals else None


def _not_bound(desk: Desk, rollout: RolloutCommit, merged: str | None) -> list[Finding]:
    targets = rollout.said.targets
    if merged is None:
        return [Finding("does-not-apply", False, targets, "it no longer applies to the base branch")]
    for edit in rollout.edits:
        found = manifests_at(desk.repository, merged, edit.path, desk.file_size)
        there = found.get((edit.before.namespace or "", edit.before.name))
        if there is None:
            message = f"{edit.path}: {edit.before.name} would not be there any more"
        elif running_models(there.spec).target != running_models(edit.before.spec).target:
            message = f"{edit.path}: {edit.before.name} would run another model than the one that was decided on"
        elif _percents(there.spec) != _percents(edit.after.spec):
            message = f"{edit.path}: {edit.before.name} would get another percent than the one that was decided"
        else:
            continue
        return [Finding("not-bound", False, targets, message)]
    return []


def _percents(spec: Mapping[str, Any]) -> dict[Component, object]:
    parts = {part: spec[part] for part in Component if isinstance(spec.get(part), Mapping)}
    return {part: found.get("canaryTrafficPercent") for part, found in parts.items()}
