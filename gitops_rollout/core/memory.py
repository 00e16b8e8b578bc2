"""What Git remembers of models that were taken back: zeroed and known-bad, told from the history alone.

Nothing else needs to be kept, and nothing that people may lose decides: a dropped comment or trailer leaves the
digests as they were.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from gitops_rollout.core.history import Timeline, Version, zeros
from gitops_rollout.model.observation import RollbackRecord
from gitops_rollout.model.targets import Component


def is_zeroed(line: Timeline) -> bool:
    """Whether today's 0 was written against today's model.

    The commit that began the run of zeros either wrote our marker with today's D, or wrote none and left D as it was.
    """
    run = zeros(line)
    if not run:
        return False
    today, began = line.versions[0], run[-1]
    if began.marker is not None:
        return began.marker.model == today.target
    if len(run) == len(line.versions):
        return not line.complete
    return line.versions[len(run)].target == began.target == today.target


def known_bad(line: Timeline, component: Component, rollbacks: Iterable[RollbackRecord] = ()) -> frozenset[str]:
    """Digests (D) that were taken back and that no person has set to a percent other than 0 since.

    Those named by a marker or by a rollback pull request that nobody vetoed, and those zeroed without a marker that
    never ran without a split before.
    """
    oldest_first = tuple(reversed(line.versions))
    bad: set[str] = set()
    for index, version in enumerate(oldest_first):
        before = oldest_first[index - 1] if index else None
        if _sets_percent(version, before):
            bad.discard(version.target or "")
        if version.zero:
            bad.update(_taken_back(version, before, oldest_first[:index]))
    return frozenset(bad | named_by_rollback(line, component, rollbacks))


def zeroed_before(line: Timeline) -> frozenset[str]:
    """Digests (D) that a 0 took back, also those that ran in full earlier, and that were not raised again since."""
    oldest_first = tuple(reversed(line.versions))
    found: set[str] = set()
    for index, version in enumerate(oldest_first):
        before = oldest_first[index - 1] if index else None
        if _sets_percent(version, before) or version.full:
            found.discard(version.target or "")
        if version.zero:
            found.update(_taken_back(version, before, ()))
    return frozenset(found)


def named_by_rollback(line: Timeline, component: Component, rollbacks: Iterable[RollbackRecord]) -> frozenset[str]:
    """Digests (D) that a rollback pull request names, vetoed ones and those that a person has raised since left out.

    A veto speaks of the model, so it also takes back what earlier ones, closed by ourselves, had named.
    """
    mine = [record for record in rollbacks if record.component in (None, component)]
    vetoes: dict[str, int] = {}
    for record in mine:
        if record.vetoed:
            vetoes[record.model] = max(record.number, vetoes.get(record.model, record.number))
    return frozenset(
        record.model
        for record in mine
        if not record.vetoed
        and record.number >= vetoes.get(record.model, record.number)
        and not _raised_since(line.versions, record)
    )


def _taken_back(version: Version, before: Version | None, older: Sequence[Version]) -> set[str]:
    if version.marker is not None:
        return {version.marker.model}
    if before is None or before.zero or before.target != version.target or version.target is None:
        return set()
    return set() if any(one.full and one.target == version.target for one in older) else {version.target}


def _sets_percent(version: Version, before: Version | None) -> bool:
    """Whether a commit sets a model to a percent other than 0; removing the field sets none."""
    if version.percent.value in (None, 0):
        return False
    return before is None or before.percent != version.percent or before.target != version.target


def _raised_since(versions: Sequence[Version], record: RollbackRecord) -> bool:
    """Whether a commit newer than the pull request's base set the model that it names to a percent other than 0."""
    commits = [version.commit for version in versions]
    if record.touched not in commits:
        return False
    newer = versions[: commits.index(record.touched) + 1]
    return any(one.target == record.model and _sets_percent(one, before) for one, before in pairwise(newer))
