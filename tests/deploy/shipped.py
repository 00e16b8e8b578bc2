"""The shipped account with the shipped rights, on a real API server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.deploy.rendered import from_base
from tests.servers.kube_api import KINDS, KubeApi

ACCOUNT, NAMESPACE = "gitops-rollout", "gitops-rollout"


def shipped(kind: str, kustomize: Path) -> dict[str, Any]:
    """The one object of a kind in the kustomize base."""
    (found,) = (each for (its, _), each in from_base(kustomize).items() if its == kind)
    return found


@contextmanager
def shipped_account(kube_api: KubeApi, kustomize: Path) -> Iterator[str]:
    """A token of the shipped account, bound to the shipped role until the block ends."""
    role, binding = shipped("ClusterRole", kustomize), shipped("ClusterRoleBinding", kustomize)
    token = kube_api.account(NAMESPACE, ACCOUNT)
    kube_api.create(role)
    kube_api.create(binding)
    yield token
    for document in (role, binding):
        kube_api.call("DELETE", KINDS[document["kind"]].path(None, document["metadata"]["name"])).ok()
