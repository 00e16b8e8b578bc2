"""What a proposal's merge will do to the traffic, in sentences: the simulator's word on the edited manifest."""

from collections.abc import Sequence
from dataclasses import replace

from gitops_rollout.core.forecast.merge import forecast, words
from gitops_rollout.manifests.rendered import with_percents
from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.targets import Manifest
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.reconcile.world import World


def forecasts(world: World, group: Sequence[Judged], decision: Decision, edited: bytes) -> tuple[str, ...]:
    """One sentence for each target and component that the edit changes; targets that are not live have none."""
    source = group[0].target.manifest.source
    found = scan_file(source.path, edited, limit=world.policy.limits.file_size).manifests
    said = []
    for judged in group:
        before = judged.target.manifest
        after = _same_place(before, found) if before.built is None else _rendered(before, decision)
        if judged.live is not None and after is not None:
            said += [
                f"{judged.target.key}: {component}: {words(forecast(judged.live, component, before, after))}"
                for component in decision.to_percents
            ]
    return tuple(said)


def _rendered(manifest: Manifest, decision: Decision) -> Manifest:
    """What a kustomization renders once the decision is written, as is proven before anything is proposed."""
    return replace(manifest, spec=with_percents(manifest.spec, decision.to_percents))


def _same_place(manifest: Manifest, found: Sequence[Manifest]) -> Manifest | None:
    place = (manifest.source.document, manifest.source.pointer)
    return next((other for other in found if (other.source.document, other.source.pointer) == place), None)
