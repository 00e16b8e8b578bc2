"""A cluster that is not there: it shows what KServe and Knative would, had they followed the base branch so far."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from gitops_rollout.core.forecast.shown import show
from gitops_rollout.core.forecast.story import tell
from gitops_rollout.core.forecast.world import Outcome
from gitops_rollout.model.errors import UsageError
from gitops_rollout.model.history import History
from gitops_rollout.model.live import LiveInferenceService, LiveView
from gitops_rollout.model.targets import Component, Target

FORMS = "simulated: alone, or with patterns of model URIs and images: simulated:failed=*/v3,pending=*/huge/*"
_OUTCOMES = {"failed": Outcome.FAILED, "pending": Outcome.PENDING}
_NOT_SERVERLESS = frozenset({"Standard", "RawDeployment", "ModelMesh"})


class SimulatedSource:
    """The live source `simulated:`. Revisions become ready a minute after their commit arrived.

    `argument` may name what does not: `failed=PATTERN` and `pending=PATTERN`, several with commas, matched against a
    revision's model URI and images. `UsageError` where it is not understood.
    """

    def __init__(self, name: str, argument: str = "") -> None:
        self.name = name
        self._patterns = [_pattern(word) for word in argument.split(",") if word]
        self._applied: tuple[tuple[Target, History], ...] | None = None
        self._now: datetime | None = None

    def follow(self, applied: Sequence[tuple[Target, History]], now: datetime) -> None:
        """Tell it what Git has for this cluster, and the instant to show: those of other clusters are passed over."""
        self._applied = tuple(pair for pair in applied if pair[0].key.cluster == self.name)
        self._now = now

    def read(self) -> LiveView:
        """The cluster at the instant given; a cluster that was told nothing is empty, and says so."""
        if self._applied is None or self._now is None:
            return LiveView(self.name, None, notes=("the simulated cluster was told of no manifests: it is empty",))
        services = {}
        for target, history in self._applied:
            shown = self._show(target, history, self._now)
            if shown is not None:
                services[target.key.namespace, target.key.name] = shown
        return LiveView(self.name, self._now, services, notes=("simulated from Git's history: no real cluster",))

    def _show(self, target: Target, history: History, now: datetime) -> LiveInferenceService | None:
        arrivals = tuple(one for one in reversed(history.arrivals) if one.committed <= now)
        manifest = arrivals[-1].manifest if arrivals else None
        if manifest is None:
            return None
        generation = sum(1 for one in arrivals if one.manifest is not None)
        told = {
            component: chapter
            for component in Component
            if (chapter := tell(target.key.name, component, arrivals, now, self._outcome)) is not None
        }
        mode = manifest.annotations.get("serving.kserve.io/deploymentMode")
        shown = show(target.key, manifest, generation, {} if mode in _NOT_SERVERLESS else told)
        return replace(shown, deployment_mode=mode or shown.deployment_mode)

    def _outcome(self, runs: Mapping[str, Any]) -> Outcome:
        texts = [str(runs.get("storageUri", ""))]
        texts += [str(container.get("image", "")) for container in runs.get("containers", {}).values()]
        for outcome, pattern in self._patterns:
            if any(fnmatchcase(text, pattern) for text in texts):
                return outcome
        return Outcome.READY


def _pattern(word: str) -> tuple[Outcome, str]:
    outcome, equals, pattern = word.partition("=")
    if outcome not in _OUTCOMES or not equals or not pattern:
        raise UsageError(f"simulated:{word}: not understood", FORMS)
    return _OUTCOMES[outcome], pattern
