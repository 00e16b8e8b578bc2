"""The kustomize base and the chart say the same, and a real API server takes them."""

import copy
import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from gitops_rollout import __version__
from gitops_rollout.cli.reconcile import command as reconcile
from gitops_rollout.cli.telling import URL_VARIABLE
from tests.deploy.rendered import DEPLOY, NAMESPACE, Documents, by_kind, from_base, from_chart, output, pod_of
from tests.servers.kube_api import KINDS, KubeApi

README = (DEPLOY / "README.md").read_text(encoding="utf-8")
EVERY_VALUE = (
    "--set=timeZone=Europe/Berlin,suspend=true,image.tag=x,image.pullSecrets[0].name=pull,podAnnotations.a=b",
    "--set=nodeSelector.disk=ssd,tolerations[0].operator=Exists,extraEnv[0].name=HTTPS_PROXY,extraEnv[0].value=p",
    "--set=extraVolumes[0].name=ca,extraVolumes[0].configMap.name=ca,serviceAccount.annotations.role=reader",
    "--set=extraVolumeMounts[0].name=ca,extraVolumeMounts[0].mountPath=/ca,serviceAccount.name=other",
    '--set-json=affinity={"nodeAffinity":{}}',
    "--set=metrics.claimName=figures,webhook.secretName=chat,webhook.key=address,logFormat=json",
)


def without_labels(value: Any) -> Any:
    """The same object without what each way of installing adds of its own."""
    if isinstance(value, dict):
        kept = {key: without_labels(entry) for key, entry in value.items() if key not in ("labels", "image")}
        return {key: entry for key, entry in kept.items() if key != "imagePullPolicy" and entry != {}}
    return [without_labels(entry) for entry in value] if isinstance(value, list) else value


def test_base_and_chart_install_the_same(helm: Path, kustomize: Path) -> None:
    assert without_labels(from_chart(helm)) == without_labels(from_base(kustomize))


def test_the_chart_is_in_order(helm: Path) -> None:
    output(helm, "lint", "--strict", str(DEPLOY / "chart"))
    shown = output(helm, "show", "chart", str(DEPLOY / "chart"))
    assert f"appVersion: {__version__}\n" in shown


def test_a_value_that_the_chart_does_not_know_is_refused(helm: Path) -> None:
    for wrong in (
        "shedule=now",
        "deadlineSeconds=soon",
        "settings.GITOPS_ROLLOUT_REPO=1",
        "settings.repo=x",
        "logFormat=xml",
    ):
        with pytest.raises(AssertionError, match="values don't meet the specifications"):
            from_chart(helm, f"--set={wrong}")


def test_metrics_webhook_and_logs_are_set_by_values(helm: Path) -> None:
    (container,) = pod_of(from_chart(helm, *EVERY_VALUE))["spec"]["containers"]
    env = {one["name"]: one.get("value") or one["valueFrom"]["secretKeyRef"] for one in container["env"]}
    assert env["GITOPS_ROLLOUT_METRICS_FILE"].startswith("/metrics/")
    assert env["GITOPS_ROLLOUT_WEBHOOK_URL"] == {"name": "chat", "key": "address"}
    assert env["GITOPS_ROLLOUT_LOG_FORMAT"] == "json"
    assert env["HTTPS_PROXY"] == "p"
    assert {"name": "metrics", "mountPath": "/metrics"} in container["volumeMounts"]
    (plain,) = pod_of(from_chart(helm))["spec"]["containers"]
    assert "env" not in plain


def test_the_patch_for_kustomize_mounts_the_metrics(kustomize: Path, tmp_path: Path, kube_api: KubeApi) -> None:
    (patch,) = re.findall(r"^    patches:\n      - target.*?\n(?=\n)", README, re.MULTILINE | re.DOTALL)
    overlay = yaml.safe_load(textwrap.dedent(patch).replace("<the claim>", "figures"))
    shutil.copytree(DEPLOY / "base", tmp_path / "base")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["../base"], **overlay}))
    documents = by_kind(output(kustomize, "build", str(tmp_path / "mine")))
    (container,) = pod_of(documents)["spec"]["containers"]
    assert container["env"] == [{"name": "GITOPS_ROLLOUT_METRICS_FILE", "value": "/metrics/gitops-rollout.prom"}]
    kube_api.namespace(NAMESPACE)
    for document in documents.values():
        kube_api.apply_dry(document).ok()


def test_every_setting_of_the_chart_is_an_option_of_the_command(helm: Path) -> None:
    (container,) = pod_of(from_chart(helm, *EVERY_VALUE))["spec"]["containers"]
    names = {one["name"] for one in container["env"] if one["name"].startswith("GITOPS_ROLLOUT_")}
    known = {option.envvar for option in reconcile.params if isinstance(option, click.Option)} | {URL_VARIABLE}
    assert len(names) == 3
    assert names <= known


def test_a_foreign_account_and_no_rights_can_be_brought(helm: Path) -> None:
    documents = from_chart(helm, "--set=serviceAccount.create=false,serviceAccount.name=mine,rbac.create=false")
    assert {kind for kind, _ in documents} == {"ConfigMap", "CronJob"}
    assert pod_of(documents)["spec"]["serviceAccountName"] == "mine"
    two = from_chart(helm, release="blue")
    assert {name for _, name in two} == {"blue-gitops-rollout"}


def test_a_real_server_takes_every_object(helm: Path, kustomize: Path, kube_api: KubeApi) -> None:
    kube_api.namespace(NAMESPACE)
    for documents in (from_base(kustomize), from_chart(helm), from_chart(helm, *EVERY_VALUE)):
        for document in documents.values():
            kube_api.apply_dry(document).ok()
    wrong = next(iter(from_base(kustomize).values()))
    assert "unknown: field not declared" in str(kube_api.apply_dry({**wrong, "unknown": True}).data)


@pytest.fixture
def restricted(kube_api: KubeApi) -> KubeApi:
    """The server with a namespace that lets only the most restricted Pods in."""
    kube_api.namespace(NAMESPACE)
    namespace = kube_api.call("GET", KINDS["Namespace"].path(None, NAMESPACE)).ok()
    namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
    kube_api.call("PUT", KINDS["Namespace"].path(None, NAMESPACE), namespace).ok()
    return kube_api


def test_pods_run_where_only_restricted_ones_may(helm: Path, kustomize: Path, restricted: KubeApi) -> None:
    path = KINDS["Pod"].path(NAMESPACE) + "?dryRun=All&fieldValidation=Strict"
    for documents in (from_base(kustomize), from_chart(helm), from_chart(helm, *EVERY_VALUE)):
        pod = pod_of(documents)
        restricted.call("POST", path, pod).ok()
        assert pod["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
        looser = copy.deepcopy(pod)
        looser["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
        assert restricted.call("POST", path, looser).status == 403


def test_nothing_may_be_written_to_a_cluster(helm: Path, kustomize: Path) -> None:
    for documents in (from_base(kustomize), from_chart(helm)):
        assert verbs_of(documents) <= {"get", "list"}


def verbs_of(documents: Documents) -> set[str]:
    """All verbs that any role gives."""
    roles = [each for (kind, _), each in documents.items() if kind in ("ClusterRole", "Role")]
    assert roles
    return {verb for role in roles for rule in role["rules"] for verb in rule["verbs"]}
