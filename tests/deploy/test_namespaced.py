"""Rights in namespaces instead of the whole cluster: the two ways to install say the same, and they are enough."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cluster.kube import KubeSource
from gitops_rollout.cluster.listing import KINDS as KINDS_READ
from gitops_rollout.model.reach import Reach
from tests.deploy.rendered import DEPLOY, NAMESPACE, by_place, from_namespaced, output
from tests.deploy.shipped import ACCOUNT
from tests.deploy.test_deploy import without_labels
from tests.servers.http import until
from tests.servers.kube_api import KINDS, KubeApi

RIGHTS = ("Role", "RoleBinding")
ENGINES = {listed.plural for listed in KINDS_READ if listed.without is not None}
Placed = dict[tuple[str, str, str], dict[str, Any]]


def chart(helm: Path, *words: str) -> Placed:
    arguments = ("template", "gitops-rollout", str(DEPLOY / "chart"), "--namespace", NAMESPACE, *words)
    return by_place(output(helm, *arguments))


def test_chart_and_kustomization_give_the_same_rights(helm: Path, kustomize: Path) -> None:
    with_helm = chart(helm, "--set=rbac.namespaces={models}")
    with_kustomize = from_namespaced(kustomize)
    assert without_labels(with_helm) == without_labels(with_kustomize)
    kinds = {kind for kind, _, _ in with_helm}
    assert not kinds & {"ClusterRole", "ClusterRoleBinding"}
    assert {place for kind, place, _ in with_helm if kind == "Role"} == {"models", "knative-serving", "kserve"}
    verbs = {
        verb for (kind, _, _), one in with_helm.items() if kind == "Role" for r in one["rules"] for verb in r["verbs"]
    }
    assert verbs == {"get", "list"}


def test_one_namespace_may_have_both_kinds_of_rights(helm: Path) -> None:
    output(helm, "lint", "--strict", str(DEPLOY / "chart"), "--set=rbac.namespaces={models,kserve}")
    roles = {
        place: one["rules"]
        for (kind, place, _), one in chart(helm, "--set=rbac.namespaces={kserve}").items()
        if kind == "Role"
    }
    assert {name for rule in roles["kserve"] for name in rule["resources"]} == {
        "inferenceservices",
        "services",
        "revisions",
        "configmaps",
    }
    with pytest.raises(AssertionError, match="values don't meet the specifications"):
        chart(helm, "--set=rbac.namespaces={A_B}")


def test_they_are_enough_and_none_is_too_many(
    kube_api: KubeApi, kustomize: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights = {place: one for place, one in from_namespaced(kustomize).items() if place[0] in RIGHTS}
    token = kube_api.account(NAMESPACE, ACCOUNT)
    for document in rights.values():
        kube_api.create(document)
    try:
        for path in (
            KINDS["Revision"].path("models"),
            KINDS["ConfigMap"].path("knative-serving", "config-gc"),
            KINDS["ConfigMap"].path("kserve", "inferenceservice-config"),
        ):  # a server takes a new role in within moments
            asked = partial(kube_api.call, "GET", path, token=token)
            until(asked, lambda answer: answer.status != 403, within=240)
        monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig_with(ACCOUNT, token)))
        source = KubeSource("prod", None, Reach(("models",)))
        view = source.read()
        assert view.unreachable is None
        assert not [note for note in view.notes if "ConfigMap" in note]
        assert {note.partition(".")[0] for note in view.notes if "(403)" in note} == ENGINES
        missing = [one.message for one in source.examine() if "may not" in one.message]
        assert len(missing) == len(ENGINES) + 2  # the engines; and the two settings that only the doctor asks for
    finally:
        for (kind, namespace, name), _ in rights.items():
            kube_api.call("DELETE", KINDS[kind].path(namespace, name))
