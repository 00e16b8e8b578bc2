"""Changes made by hand in the cluster, told from a change that the engine has not applied yet."""

import shlex
from dataclasses import dataclass

from gitops_rollout.core.delivery.words import at
from gitops_rollout.core.history import Timeline
from gitops_rollout.core.percent import FIELD
from gitops_rollout.model.engines import Delivery, Reached
from gitops_rollout.model.live import FieldOwner
from gitops_rollout.model.targets import Component, Target

# Managers under which Git's own text is applied: Argo CD (client and server side), Flux, kubectl apply, Helm.
APPLIERS = frozenset(
    {
        "argocd-controller",
        "argocd-application-controller",
        "kustomize-controller",
        "helm-controller",
        "flux-client-side-apply",
        "kubectl-client-side-apply",
        "kubectl",
        "helm",
    }
)


@dataclass(frozen=True, slots=True)
class Drift:
    """A percent that was changed in the cluster: who did, what to do about it, and whether it is an emergency."""

    by: str
    remedy: str | None = None
    zeroed: bool = False


def drift_of(
    target: Target,
    component: Component,
    line: Timeline,
    live_percent: int | None,
    owners: tuple[FieldOwner, ...] | None,
    delivery: Delivery | None,
) -> Drift | None:
    """Whether the live percent, which differs from Git's, was changed by hand; None where it may only be on its way.

    A field that somebody else than an engine owns was changed by hand, and so was one that the engine has applied
    otherwise, unless it does not look at it. Without managed fields a 0 counts as by hand where Git never had one for
    what runs.
    """
    hand = _hand(owners, component)
    has_arrived = delivery is not None and delivery.reached is Reached.YES and not delivery.ignores
    if hand is None and not has_arrived and not (owners is None and _is_new_zero(line, live_percent, delivery)):
        return None
    by = f"{hand.manager} set it by hand{at(hand.time)}" if hand is not None else "it was changed in the cluster"
    desired = line.versions[0].percent
    if live_percent == 0 and desired.value != 0:
        return Drift(by, _edit(target, component), zeroed=True)
    if live_percent is not None and not desired.stated:
        return Drift(by, _give_up(target, component))
    return Drift(by)


def _hand(owners: tuple[FieldOwner, ...] | None, component: Component) -> FieldOwner | None:
    """The manager other than an engine that touched the percent last."""
    found = [owner for owner in owners or () if owner.component is component and owner.manager not in APPLIERS]
    return max(found, key=lambda owner: (owner.time is not None, owner.time or 0), default=None)


def _is_new_zero(line: Timeline, live_percent: int | None, delivery: Delivery | None) -> bool:
    """Whether Git never had a 0 for what it runs now, so that none can be on its way."""
    today = line.versions[0].digest
    stated = any(version.zero for version in line.versions if version.digest == today)
    return live_percent == 0 and not stated and (delivery is None or delivery.reached is not Reached.NO)


def _edit(target: Target, component: Component) -> str:
    """The command that makes a 0 true in Git."""
    manifest = target.manifest
    if component in manifest.fields:
        return f"write 0 for the {component} in {manifest.source.path}"
    place = ["--namespace", manifest.namespace] if manifest.namespace else []
    command = ["gitops-rollout", "edit", "--percent", "0", *place, "--name", manifest.name]
    return shlex.join([*command, "--component", component, "--in-place", manifest.source.path])


def _give_up(target: Target, component: Component) -> str:
    """The command that takes a field out of the cluster that Git does not state."""
    patch = f'[{{"op":"remove","path":"/spec/{component}/{FIELD}"}}]'
    command = ["kubectl", "-n", target.key.namespace, "patch", "inferenceservice", target.key.name]
    return shlex.join([*command, "--type=json", "-p", patch])
