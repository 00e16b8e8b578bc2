"""What the GitOps engines of all clusters say of each target, set against this repository's history."""

from collections.abc import Iterable
from functools import cache

from gitops_rollout.core.delivery import Deployment, Fleet, deliver
from gitops_rollout.model.engines import Delivery
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.history import History
from gitops_rollout.model.live import LiveInferenceService, LiveView
from gitops_rollout.model.targets import Target
from gitops_rollout.reconcile.decision.gates import age_problem
from gitops_rollout.reconcile.engines.windows import engines_at
from gitops_rollout.reconcile.world import World


class Deliveries:
    """The engines that a run saw, wherever they stand: those of a hub deploy to other clusters.

    What a view says that is too old to act on is not asked: its engines may have gone on since.
    """

    def __init__(self, world: World, views: Iterable[LiveView]) -> None:
        fresh = [view for view in views if not age_problem(view.seen_at or world.now, world.now, world.policy.limits)]
        engines = tuple(engine for view in fresh for engine in engines_at(view, world.now))
        self._fleets = {cluster.name: Fleet(engines, cluster, world.origin) for cluster in world.policy.clusters}
        self._world = world
        self._between = cache(self._touched)

    def of(self, target: Target, live: LiveInferenceService | None, history: History) -> Delivery | None:
        """What the engine that owns a target says of Git's last change of it; None where there is no engine."""
        fleet = self._fleets.get(target.key.cluster)
        if fleet is None:
            return None
        return deliver(Deployment(target, live, history, fleet), lambda commit: self._holds(commit, target, history))

    def _holds(self, commit: str, target: Target, history: History) -> bool | None:
        """Whether a commit holds the last change; None where it is neither below nor above the base commit.

        One look at what changed since the commit serves all targets; only where the document's file was touched, or
        the target is rendered from several, is the exact question asked.
        """
        if not history.arrivals:
            return None
        newest, base = history.arrivals[0].commit, self._world.base_commit
        if commit in (newest, base):
            return True
        since = self._between(commit, base)
        if since is None:
            return True if self._between(base, commit) is not None else None
        if not target.roots and target.manifest.source.path not in since:
            return True
        return self._between(newest, commit) is not None

    def _touched(self, old: str, new: str) -> frozenset[str] | None:
        """Paths touched after one commit up to another; None where the second was not built on the first."""
        try:
            found = self._world.repository.touched_since(old, new)
        except RolloutError:  # a commit of another repository, or of another kind of hash
            return None
        return None if found is None else frozenset(found)
