"""`doctor --cluster` on a real API server: rights verb by verb, versions and settings as far as they are shown."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_rollout.cli.main import run
from gitops_rollout.cluster.checkup.rights import needed
from gitops_rollout.cluster.checkup.settings import settings_that_matter
from gitops_rollout.cluster.kube import KubeSource
from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.reach import Reach
from tests.cluster.test_kube_rights import lesser_roles
from tests.deploy.shipped import ACCOUNT, shipped, shipped_account
from tests.servers.kube_api import KINDS, KubeApi

Told = list[tuple[str, str, str]]


def examined(monkeypatch: pytest.MonkeyPatch, kubeconfig: Path, reach: Reach | None = None) -> Told:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    return told(KubeSource("prod", None, reach).examine())


def told(findings: Any) -> Told:
    assert {finding.check for finding in findings} == {"cluster"}
    assert all(finding.message.startswith("prod: ") for finding in findings)
    return [(one.level.value, one.message.removeprefix("prod: "), one.hint or "") for one in findings]


def about(words: str, found: Told) -> tuple[str, str, str]:
    (one,) = (each for each in found if words in each[1])
    return one


def test_a_bare_cluster_says_what_it_can(kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch, kube_api.kubeconfig)
    assert about("Kubernetes v1.", found)[0] == "ok"
    assert about("KServe: version unknown", found)[1].endswith("it serves serving.kserve.io v1beta1")
    assert about("Knative Serving: version unknown", found)[0] == "ok"
    assert about("rights that a run uses are there", found)[0] == "ok"
    level, _, hint = about("may also change InferenceServices", found)
    assert (level, "reading is enough" in hint) == ("warn", True)
    for name in ("config-gc", "config-network", "config-deployment", "inferenceservice-config"):
        assert about(f"the ConfigMap {name}", found)[0] == "warn"


@pytest.fixture
def furnished(kube_api: KubeApi) -> Iterator[KubeApi]:
    """A cluster with controllers and settings as an installation has them."""
    labels = {"app": "controller"}
    made: list[dict[str, Any]] = []
    for namespace, name, image in (
        ("kserve", "kserve-controller-manager", "registry.example:5000/kserve-controller:v0.20.0"),
        ("knative-serving", "controller", "registry.example/controller@sha256:" + "a" * 64),
    ):
        template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "manager", "image": image}]}}
        spec = {"selector": {"matchLabels": labels}, "template": template, "replicas": 0}
        metadata = {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/version": "1.19.4"}}
        if namespace == "kserve":
            del metadata["labels"]
        made.append({"kind": "Deployment", "metadata": metadata, "spec": spec})
    settings = {
        ("knative-serving", "config-gc"): {"min-non-active-revisions": "0", "retain-since-create-time": "10m"}
        | {"retain-since-last-active-time": "5m"},
        ("knative-serving", "config-network"): {"rollout-duration": "120"},
        ("knative-serving", "config-deployment"): {"progress-deadline": "30m", "pod-is-always-schedulable": "true"},
        ("kserve", "inferenceservice-config"): {"deploy": '{"defaultDeploymentMode": "Standard"}'},
    }
    for (namespace, name), data in settings.items():
        made.append({"kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data})
    for document in made:
        kube_api.create(document)
    yield kube_api
    for document in made:
        metadata = document["metadata"]
        kube_api.call("DELETE", KINDS[document["kind"]].path(metadata["namespace"], metadata["name"])).ok()


def test_versions_and_settings_are_told_with_what_they_mean(
    furnished: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examined(monkeypatch, furnished.kubeconfig)
    assert about("KServe v0.20.0", found)[0] == "ok"
    assert about("Knative Serving 1.19.4", found)[0] == "ok"
    assert about("may be gone within the hour", found)[0] == "warn"
    assert about("rollout-duration 120 seconds", found)[0] == "ok"
    assert about("progress-deadline 1800 seconds", found)[0] == "ok"
    assert about("pod-is-always-schedulable true", found)[0] == "warn"
    assert about("default deployment mode Standard", found)[0] == "warn"


def test_each_right_that_is_missing_is_told_with_its_rule(
    kube_api: KubeApi, kustomize: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = shipped("ClusterRole", kustomize)
    path = KINDS["ClusterRole"].path(None, role["metadata"]["name"])
    with shipped_account(kube_api, kustomize) as token:
        kubeconfig = kube_api.kubeconfig_with(ACCOUNT, token)
        assert about("rights that a run uses are there", eventually(monkeypatch, kubeconfig, "all "))[0] == "ok"
        for resource, lesser in lesser_roles(role):
            kube_api.call("PUT", path, lesser).ok()
            what = "the ConfigMap" if resource == "configmaps" else f"{resource}."
            found = eventually(
                monkeypatch, kubeconfig, f"may not {'get' if resource == 'configmaps' else 'list'} {what}"
            )
            (level, _, hint), *_ = [one for one in found if one[1].startswith("may not")]
            essential = resource in ("inferenceservices", "services", "revisions")
            assert level == ("error" if essential else "warn")
            assert f'resources: ["{resource}"]' in hint
            assert len([one for one in found if "config-gc" in one[1]]) == 1
        assert not [one for one in found if "may also change" in one[1]]


def eventually(monkeypatch: pytest.MonkeyPatch, kubeconfig: Path, words: str, tries: int = 100) -> Told:
    """Look until a role has come through: a server takes a changed one in within moments."""
    for _ in range(tries):
        found = examined(monkeypatch, kubeconfig)
        asked = [one for one in found if one[1].startswith(words)]
        others = [one for one in found if one[1].startswith("may not ") and one not in asked]
        if asked and not others:
            return found
    raise AssertionError(f"{words!r} was never said: {found}")


def test_rights_are_asked_where_they_are_used() -> None:
    everywhere = [right for right, _ in needed(Reach())]
    assert {right.namespace for right in everywhere} == {None, "knative-serving", "kserve"}
    limited = [right for right, _ in needed(Reach(("a", "b")))]
    lists = [(right.resource, right.namespace) for right in limited if right.verb == "list"]
    assert ("revisions", "a") in lists
    assert ("revisions", "b") in lists
    assert ("revisions", None) not in lists
    assert ("applications", None) in lists


def test_a_cluster_that_does_not_answer_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ((level, message, _),) = examined(monkeypatch, tmp_path / "none")
    assert (level, "no way to reach it" in message) == ("error", True)


def test_the_doctor_looks_into_clusters_even_without_a_repository(
    kube_api: KubeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig))
    where = ["--repo", str(tmp_path), "--output", "json", "--cluster"]
    assert run(["doctor", *where, "--live", "prod=kube:test", "--live", "eu=kube:test"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    found = [check["message"] for check in checks if check["check"] == "cluster"]
    assert {message.partition(":")[0] for message in found} == {"prod", "eu"}
    assert run(["doctor", *where, "--live", "prod=simulated:"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert checks[-1]["message"].startswith("no live source is a cluster")


class Shown:
    """A cluster that shows one ConfigMap, and no other."""

    def __init__(self, name: str, data: dict[str, str]) -> None:
        self.name, self.data = name, data

    def found(self, path: str) -> dict[str, Any] | int:
        return {"data": self.data} if path.endswith(f"/{self.name}") else 404

    def finding(self, level: Level, message: str, hint: str | None = None) -> Finding:
        return Finding("cluster", level, f"prod: {message}", hint)


@pytest.mark.parametrize(
    ("name", "data", "level", "says"),
    [
        ("config-gc", {}, "ok", "kept for 48h since made and 15h since routed, 20 to 1000 of them"),
        ("config-gc", {"max-non-active-revisions": "0"}, "warn", "gone within the hour"),
        ("config-gc", {"max-non-active-revisions": "x"}, "warn", "what Knative refuses"),
        ("config-network", {}, "ok", "rollout-duration 0"),
        ("config-deployment", {}, "ok", "progress-deadline 600 seconds"),
        ("config-deployment", {"progress-deadline": "soon"}, "ok", "progress-deadline soon"),
        ("inferenceservice-config", {"deploy": '{"defaultDeploymentMode": "Knative"}'}, "ok", "mode Knative"),
        ("inferenceservice-config", {"deploy": "["}, "ok", "mode not stated"),
    ],
)
def test_each_setting_is_read_as_its_owner_reads_it(name: str, data: dict[str, str], level: str, says: str) -> None:
    found = told(settings_that_matter(Shown(name, data)))  # type: ignore[arg-type]  # stands in for a whole cluster
    assert about(says, found)[0] == level
