"""The two ways to install, rendered by the real kustomize and helm."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
NAMESPACE = "gitops-rollout"
Documents = dict[tuple[str, str], dict[str, Any]]


def from_base(kustomize: Path) -> Documents:
    """The objects of the kustomize base, by kind and name."""
    return by_kind(output(kustomize, "build", str(DEPLOY / "base")))


def from_namespaced(kustomize: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The objects of the kustomization with rights in namespaces, by kind, namespace and name."""
    return by_place(output(kustomize, "build", str(DEPLOY / "namespaced")))


def from_chart(helm: Path, *words: str, release: str = "gitops-rollout") -> Documents:
    """The objects of the chart, by kind and name; `words` are further arguments such as `--set`."""
    return by_kind(output(helm, "template", release, str(DEPLOY / "chart"), "--namespace", NAMESPACE, *words))


def output(program: Path, *words: str) -> str:
    """What a program prints; its complaint fails the test."""
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def by_kind(text: str) -> Documents:
    """A YAML stream as objects by kind and name."""
    documents = [document for document in yaml.safe_load_all(text) if document]
    return {(each["kind"], each["metadata"]["name"]): each for each in documents}


def by_place(text: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    """A YAML stream as objects by kind, namespace and name."""
    documents = [document for document in yaml.safe_load_all(text) if document]
    return {(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one for one in documents}


def pod_of(documents: Documents) -> dict[str, Any]:
    """The Pod that the CronJob's Jobs make."""
    (cron_job,) = (each for (kind, _), each in documents.items() if kind == "CronJob")
    template = cron_job["spec"]["jobTemplate"]["spec"]["template"]
    metadata = {**template.get("metadata", {}), "name": "run", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
