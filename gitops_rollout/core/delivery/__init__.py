"""How Git's last change of a target comes to the cluster: which engine owns it, where it stands, what is in the way."""

from gitops_rollout.core.delivery.deliver import Deployment, deliver
from gitops_rollout.core.delivery.drift import Drift, drift_of
from gitops_rollout.core.delivery.ignoring import ignores_percent
from gitops_rollout.core.delivery.obstacles import obstacle_of
from gitops_rollout.core.delivery.ownership import Fleet

__all__ = ["Deployment", "Drift", "Fleet", "deliver", "drift_of", "ignores_percent", "obstacle_of"]
