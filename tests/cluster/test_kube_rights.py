"""The shipped role is enough to read a cluster, and not one verb of it is too many."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cluster.sources import open_source
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.live import LiveView
from tests.deploy.shipped import ACCOUNT, NAMESPACE, shipped, shipped_account
from tests.servers.kube_api import KINDS, KubeApi
from tests.traces import load


def lesser_roles(role: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The role without one verb on one resource, for each of them, and what was taken away."""
    pairs = [
        (group, name, verb, tuple(rule.get("resourceNames", ())))
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for name in rule["resources"]
        for verb in rule["verbs"]
    ]
    assert len(pairs) == len(set(pairs)) >= 3
    for gone in pairs:
        rules = [
            {"apiGroups": [group], "resources": [name], "verbs": [verb]} | ({"resourceNames": names} if names else {})
            for group, name, verb, names in pairs
            if (group, name, verb, names) != gone
        ]
        yield gone[1], {**copy.deepcopy(role), "rules": rules}


@pytest.fixture
def reading(kube_api: KubeApi, kustomize: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A cluster with a canary in it, read by the shipped account with the shipped role; gives that role."""
    scenario = load("A")
    kube_api.restore(*scenario.resting(scenario.steps[1]).items)
    with shipped_account(kube_api, kustomize) as token:
        monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig_with(ACCOUNT, token)))
        yield shipped("ClusterRole", kustomize)


def read() -> LiveView:
    return open_source("prod", "kube:test").read()


def test_the_shipped_role_is_enough(reading: dict[str, Any]) -> None:
    view = read()
    assert view.unreachable is None
    assert view.notes == ()
    assert [service.name for service in view.services.values()] == ["iris"]


def test_not_one_verb_is_too_many(reading: dict[str, Any], kube_api: KubeApi) -> None:
    path = KINDS["ClusterRole"].path(None, reading["metadata"]["name"])
    for resource, lesser in lesser_roles(reading):
        kube_api.call("PUT", path, lesser).ok()
        if resource in (
            "applications",
            "appprojects",
            "gitrepositories",
            "kustomizations",
        ):  # a run can do without, and says what that costs
            assert f'resources: ["{resource}"], verbs: ["list"]' in eventually_noted(resource)
            continue
        if resource == "configmaps":
            note = eventually_noted("the ConfigMap config-gc")
            assert "Knative's defaults are assumed: retired revisions are kept for 48h since made" in note
            assert 'resourceNames: ["config-gc"], verbs: ["get"]' in note
            continue
        with pytest.raises(SourceError, match=resource):
            eventually_noted(resource)


def eventually_noted(resource: str, tries: int = 100) -> str:
    """Read until a kind is refused: a server takes a changed role in within moments."""
    for _ in range(tries):
        for note in read().notes:
            if note.startswith(resource):
                return note
    raise AssertionError(f"{resource} can still be listed")


def test_the_account_may_write_nothing(reading: dict[str, Any], kube_api: KubeApi) -> None:
    token = kube_api.account_token(NAMESPACE, ACCOUNT)
    for kind in ("InferenceService", "Service", "Revision"):
        path = KINDS[kind].path("trace-a", "iris")
        assert kube_api.call("DELETE", path, token=token).status == 403
        assert kube_api.call("PUT", path, {}, token=token).status == 403


def test_a_token_whose_account_is_gone_is_refused(
    reading: dict[str, Any], kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = kube_api.account_token(NAMESPACE, ACCOUNT)  # never used before: servers remember good ones for a while
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig_with(ACCOUNT, token)))
    kube_api.call("DELETE", KINDS["ServiceAccount"].path(NAMESPACE, ACCOUNT)).ok()
    with pytest.raises(SourceError, match="401"):
        read()
