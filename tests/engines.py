"""Argo CD Applications and Flux Kustomizations as their own controllers write them (Argo CD v3.4, Flux v2.8)."""

from typing import Any

URL = "https://git.example.com/models/deployments.git"
NEW, OLD = "b" * 40, "a" * 40


def application(
    name: str = "models",
    *,
    services: tuple[tuple[str, str], ...] = (("trace-a", "iris"),),
    status: str = "Synced",
    seen: str | None = NEW,
    applied: str | None = NEW,
    phase: str = "Succeeded",
    message: str = "successfully synced (all tasks run)",
    failure: str | None = None,
    automated: dict[str, Any] | str | None = "",
    spec: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    conditions: tuple[tuple[str, str], ...] = (),
    url: str = URL,
    path: str = "clusters/prod",
) -> dict[str, Any]:
    """An Application that has looked at `seen` and applied `applied`; `failure` is what its objects' sync said."""
    source = {"repoURL": url, "path": path, "targetRevision": "main"}
    policy = {} if automated is None else {"automated": {"prune": True} if automated == "" else automated}
    listed = [
        {"group": "serving.kserve.io", "kind": "InferenceService", "version": "v1beta1",
         "namespace": namespace, "name": service, "status": status}
        for namespace, service in services
    ]  # fmt: skip
    results = [
        {key: value for key, value in each.items() if key != "status"}
        | {"status": "SyncFailed" if failure else "Synced", "message": failure or "configured", "syncPhase": "Sync",
           "hookPhase": "Failed" if failure else "Running"}
        for each in listed
    ]  # fmt: skip
    attempted = applied if phase == "Succeeded" else seen
    history = [{"id": 0, "deployedAt": "2026-03-01T09:00:00Z", "revision": applied, "source": source}]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "uid": f"uid-{name}", **(metadata or {})},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "models"},
            "syncPolicy": policy,
            **(spec or {}),
        },
        "status": {
            "sync": {
                "status": status,
                "comparedTo": {"source": source, "destination": {"server": "https://kubernetes.default.svc"}},
                **({"revision": seen} if seen else {}),
            },
            "health": {"status": "Healthy"},
            "reconciledAt": "2026-03-02T12:20:00Z",
            "sourceType": "Directory",
            "resources": listed,
            "conditions": [
                {"type": kind, "message": text, "lastTransitionTime": "2026-03-02T12:10:00Z"}
                for kind, text in conditions
            ],
            "history": history if applied else [],
            "operationState": {
                "operation": {"initiatedBy": {"automated": True}, "sync": {"revision": attempted}},
                "phase": phase,
                "message": message,
                "startedAt": "2026-03-02T12:05:00Z",
                "finishedAt": "2026-03-02T12:06:00Z",
                "syncResult": {"revision": attempted or "", "source": source, "resources": results},
            },
        },
    }


def kustomization(
    name: str = "models",
    *,
    services: tuple[tuple[str, str], ...] = (("trace-a", "iris"),),
    ready: tuple[str, str, str] = ("True", "ReconciliationSucceeded", "Applied revision: main"),
    seen: str | None = NEW,
    applied: str | None = NEW,
    suspend: bool = False,
    spec: dict[str, Any] | None = None,
    path: str = "./clusters/prod",
) -> dict[str, Any]:
    """A Kustomization that has looked at `seen` and applied `applied`, with its Ready condition."""
    state, reason, message = ready
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system", "uid": f"uid-{name}", "generation": 2},
        "spec": {
            "interval": "10m0s",
            "path": path,
            "prune": True,
            "sourceRef": {"kind": "GitRepository", "name": "models"},
            **({"suspend": True} if suspend else {}),
            **(spec or {}),
        },
        "status": {
            "observedGeneration": 2,
            "conditions": [
                {"type": "Ready", "status": state, "reason": reason, "message": message, "observedGeneration": 2,
                 "lastTransitionTime": "2026-03-02T12:10:00Z"},
            ],
            "inventory": {
                "entries": [
                    {"id": f"{namespace}_{service}_serving.kserve.io_InferenceService", "v": "v1beta1"}
                    for namespace, service in services
                ]
            },
            **({"lastAppliedRevision": f"main@sha1:{applied}"} if applied else {}),
            **({"lastAttemptedRevision": f"main@sha1:{seen}"} if seen else {}),
        },
    }  # fmt: skip


def git_repository(
    name: str = "models",
    *,
    ready: tuple[str, str, str] = ("True", "Succeeded", "stored artifact for revision 'main'"),
    suspend: bool = False,
    url: str = URL,
    ref: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A GitRepository with its Ready condition, as source-controller writes it."""
    state, reason, message = ready
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": name, "namespace": "flux-system", "uid": f"uid-source-{name}", "generation": 1},
        "spec": {
            "interval": "1m0s",
            "url": url,
            "ref": ref or {"branch": "main"},
            **({"suspend": True} if suspend else {}),
        },
        "status": {
            "observedGeneration": 1,
            "conditions": [
                {"type": "Ready", "status": state, "reason": reason, "message": message, "observedGeneration": 1,
                 "lastTransitionTime": "2026-03-02T12:10:00Z"},
            ],
        },
    }  # fmt: skip
