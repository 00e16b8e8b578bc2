"""A Kubernetes API server on etcd, with the CRDs of KServe, Knative Serving, Argo CD and Flux."""

import json
import os
import secrets
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.servers.etcd import Etcd
from tests.servers.etcd import serve as serve_etcd
from tests.servers.http import Answer, answers, call, until
from tests.servers.processes import free_port, running

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """Where objects of one kind live: `group` is empty for the core kinds."""

    group: str
    version: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """The API path of the kind, in a namespace or everywhere, or of one object."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if namespace and self.namespaced:
            parts += ["namespaces", namespace]
        return "/" + "/".join([*parts, self.plural, *([name] if name else [])])


KINDS: Mapping[str, Resource] = {
    "InferenceService": Resource("serving.kserve.io", "v1beta1", "inferenceservices"),
    "Service": Resource("serving.knative.dev", "v1", "services"),
    "Configuration": Resource("serving.knative.dev", "v1", "configurations"),
    "Route": Resource("serving.knative.dev", "v1", "routes"),
    "Revision": Resource("serving.knative.dev", "v1", "revisions"),
    "Application": Resource("argoproj.io", "v1alpha1", "applications"),
    "AppProject": Resource("argoproj.io", "v1alpha1", "appprojects"),
    "Kustomization": Resource("kustomize.toolkit.fluxcd.io", "v1", "kustomizations"),
    "GitRepository": Resource("source.toolkit.fluxcd.io", "v1", "gitrepositories"),
    "Namespace": Resource("", "v1", "namespaces", namespaced=False),
    "ConfigMap": Resource("", "v1", "configmaps"),
    "ServiceAccount": Resource("", "v1", "serviceaccounts"),
    "Pod": Resource("", "v1", "pods"),
    "Deployment": Resource("apps", "v1", "deployments"),
    "CronJob": Resource("batch", "v1", "cronjobs"),
    "ClusterRole": Resource("rbac.authorization.k8s.io", "v1", "clusterroles", namespaced=False),
    "ClusterRoleBinding": Resource("rbac.authorization.k8s.io", "v1", "clusterrolebindings", namespaced=False),
    "Role": Resource("rbac.authorization.k8s.io", "v1", "roles"),
    "RoleBinding": Resource("rbac.authorization.k8s.io", "v1", "rolebindings"),
}
CUSTOM_GROUPS = (
    "serving.kserve.io",
    "serving.knative.dev",
    "argoproj.io",
    "kustomize.toolkit.fluxcd.io",
    "source.toolkit.fluxcd.io",
)


@dataclass(frozen=True)
class KubeApi:
    """A running API server. `kubeconfig` is an administrator's, with the one context `test`."""

    url: str
    folder: Path
    token: str
    etcd: Etcd
    context: ssl.SSLContext

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig file."""
        return self.kubeconfig_with("admin", self.token)

    @property
    def certificate(self) -> Path:
        """The certificate that the server's own is signed with."""
        return self.folder / "certificates" / "apiserver.crt"

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        """Ask the API as the administrator, or with another token."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return call(method, self.url + path, body, headers=headers, context=self.context)

    def create(self, document: JsonObject) -> JsonObject:
        """Make an object through the API, its namespace where needed, then its status; return it as it then is.

        The server gives uid, generation and times of its own: see `restore`.
        """
        place, name = KINDS[document["kind"]], document["metadata"]["name"]
        namespace = document["metadata"].get("namespace")
        if namespace:
            self.namespace(namespace)
        made = self.call("POST", place.path(namespace), document).ok()
        if "status" not in document:
            return made
        return self.call("PUT", place.path(namespace, name) + "/status", {**made, "status": document["status"]}).ok()

    def apply_dry(self, document: JsonObject) -> Answer:
        """What a server-side apply would come to, unknown fields refused; nothing is changed."""
        metadata = document["metadata"]
        path = KINDS[document["kind"]].path(metadata.get("namespace"), metadata["name"])
        query = "?dryRun=All&fieldManager=test&fieldValidation=Strict"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/apply-patch+yaml"}
        return call("PATCH", self.url + path + query, document, headers=headers, context=self.context)

    def restore(self, *documents: Mapping[str, Any]) -> None:
        """Put custom objects into the server's storage just as they were recorded: uid, generation, times, managers."""
        stored = {}
        for document in documents:
            place, metadata = KINDS[document["kind"]], document["metadata"]
            key = f"/registry/{place.group}/{place.plural}/{metadata['namespace']}/{metadata['name']}"
            kept = {name: value for name, value in metadata.items() if name != "resourceVersion"}
            stored[key] = {**document, "metadata": kept}
        for name in {document["metadata"]["namespace"] for document in documents}:
            self.namespace(name)
        self.etcd.put(stored)

    def show(self, namespace: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Have a namespace hold just these custom objects, as they were recorded; what else it held is removed."""
        self.restore(*documents)
        kept = {(document["kind"], document["metadata"]["name"]) for document in documents}
        for kind, place in KINDS.items():
            if place.group not in CUSTOM_GROUPS:
                continue
            for item in self.call("GET", place.path(namespace)).ok()["items"]:
                if (kind, item["metadata"]["name"]) not in kept:
                    self.etcd.delete(f"/registry/{place.group}/{place.plural}/{namespace}/{item['metadata']['name']}")

    def namespace(self, name: str) -> None:
        """Make a namespace where there is none."""
        answer = self.call("POST", KINDS["Namespace"].path(None), {"metadata": {"name": name}})
        assert answer.status in (201, 409), answer

    def clear(self) -> None:
        """Remove all custom objects, at once and whatever their finalizers say."""
        for group in CUSTOM_GROUPS:
            self.etcd.delete_below(f"/registry/{group}/")

    def account(self, namespace: str, name: str) -> str:
        """Make a service account and return a token of it that lasts an hour."""
        self.namespace(namespace)
        place = KINDS["ServiceAccount"].path(namespace)
        answer = self.call("POST", place, {"metadata": {"name": name}})
        assert answer.status in (201, 409), answer
        return self.account_token(namespace, name)

    def account_token(self, namespace: str, name: str, seconds: int = 3600) -> str:
        """A fresh token of a service account; the server gives none for less than 600 seconds."""
        path = KINDS["ServiceAccount"].path(namespace, name) + "/token"
        return str(self.call("POST", path, {"spec": {"expirationSeconds": seconds}}).ok()["status"]["token"])

    def kubeconfig_with(self, user: str, token: str, url: str | None = None) -> Path:
        """Write a kubeconfig file for a token, at this server or at another address that leads to it."""
        cluster = {"server": url or self.url, "certificate-authority": str(self.certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
        }
        path = self.folder / f"{user}-{secrets.token_hex(4)}.kubeconfig"
        path.write_text(json.dumps(config))
        path.chmod(0o600)
        return path


@contextmanager
def serve(program: Path, etcd_program: Path, crds: Path, folder: Path) -> Iterator[KubeApi]:
    """Run etcd and the API server in an empty folder until the block ends, with the CRDs in place."""
    with serve_etcd(etcd_program, folder) as etcd, serve_api(program, etcd, folder) as api:
        load_crds(api, crds)
        yield api


@contextmanager
def serve_api(program: Path, etcd: Etcd, folder: Path) -> Iterator[KubeApi]:
    """Run an API server over storage that is there."""
    port, token, certificates = free_port(), secrets.token_hex(16), folder / "certificates"
    key, tokens = folder / "accounts.key", folder / "tokens.csv"
    if not key.exists():
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    tokens.write_text(f"{token},admin,admin,system:masters\n")
    command = [
        str(program),
        f"--etcd-servers={etcd.url}",
        f"--secure-port={port}",
        "--bind-address=127.0.0.1",
        f"--cert-dir={certificates}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none",
        "--etcd-compaction-interval=0",
        "--feature-gates=ListFromCacheSnapshot=false",  # so that continue tokens expire when etcd is compacted
    ]
    url = f"https://127.0.0.1:{port}"
    env = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ} | {"HOME": str(folder)}
    with running(command, folder=folder, env=env, ready=ready_at(f"{url}/readyz", certificates)):
        context = ssl.create_default_context(cafile=certificates / "apiserver.crt")
        yield KubeApi(url, folder, token, etcd, context)


def ready_at(url: str, certificates: Path) -> Callable[[], bool]:
    """Ask the server with the certificate that it makes for itself as it starts."""

    def ready() -> bool:
        certificate = certificates / "apiserver.crt"
        if not certificate.exists():
            return False
        try:
            return answers(url, ssl.create_default_context(cafile=certificate))
        except ssl.SSLError:  # the file is still being written
            return False

    return ready


def load_crds(api: KubeApi, folder: Path) -> None:
    """Make the custom kinds known, and wait until the server serves them."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    for file in sorted(folder.glob("*.yaml")):
        for document in yaml.load_all(file.read_text(), yaml.CSafeLoader):
            if document:
                api.call("POST", path, document).ok()
    for place in (place for place in KINDS.values() if place.group in CUSTOM_GROUPS):
        until(lambda place=place: api.call("GET", place.path(None)), served, within=240)


def served(answer: Answer) -> bool:
    """Whether a kind is served: at first it is not known, then its storage is being read."""
    return answer.status == 200
