"""What a proposal's merge will do to the traffic, in sentences: the simulator's word on the edited manifest."""

from collections.abc import Sequence

from gitops_rollout.core.forecast.merge import forecast, words
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.targets import Manifest
from gitops_rollout.reconcile.judged import Judged
from gitops_rollout.reconcile.world import World


def forecasts(world: World, group: Sequence[Judged], decision: Decision, edited: bytes) -> tuple[str, ...]:
    """One sentence for each target and component that the edit changes; targets that are not live have none."""
    before = group[0].target.manifest
    after = _same_place(before, scan_file(before.source.path, edited, limit=world.policy.limits.file_size).manifests)
    if after is None:
        return ()
    return tuple(
        f"{judged.target.key}: {component}: {words(forecast(judged.live, component, before, after))}"
        for judged in group
        if judged.live is not None
        for component in decision.to_percents
    )


def _same_place(manifest: Manifest, found: Sequence[Manifest]) -> Manifest | None:
    place = (manifest.source.document, manifest.source.pointer)
    return next((other for other in found if (other.source.document, other.source.pointer) == place), None)
