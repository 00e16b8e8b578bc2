"""How a cluster is reached: by a kubeconfig, which is read and never written, or by the pod's service account."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kubernetes import client, config
from kubernetes.config.kube_config import ConfigNode, KubeConfigLoader, KubeConfigMerger

from gitops_rollout.cluster.connection import Connection
from gitops_rollout.cluster.plugin import ask_plugin
from gitops_rollout.model.errors import SourceError, TextError
from gitops_rollout.text.plain import load_documents


def connect(context: str | None, seconds: float) -> Connection:
    """A connection by kubeconfig context; None is the pod's service account, else the current context.

    `seconds` are for all that is done with it, a credential plugin included. `SourceError` where there is no way.
    """
    settings = client.Configuration()
    end = time.monotonic() + seconds
    try:
        if context is None and "KUBERNETES_SERVICE_HOST" in os.environ:
            config.load_incluster_config(client_configuration=settings)
            return Connection(settings, (), end, seconds)
        _check_text()
        merged = KubeConfigMerger(_kubeconfig()).config
        if merged is None:
            raise config.ConfigException("Invalid kube-config file. No configuration found.")
        user = _user(merged, context, seconds)
        KubeConfigLoader(merged, context, config_base_path=None).load_and_set(settings)
    except config.ConfigException as error:
        raise SourceError(f"no way to reach it: {_one_line(error)}", _known_contexts()) from error
    except (TextError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError("the kubeconfig cannot be read", "check it with: kubectl config view") from error
    return Connection(settings, impersonation(user), end, seconds)


def impersonation(user: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Headers for `as` and what belongs to it, which the client library passes over (client-go transport/config.go).

    Acting with more rights than asked for is no option: groups without a user are refused, as kubectl does.
    """
    groups, extra = user.get("as-groups") or [], user.get("as-user-extra") or {}
    if not user.get("as"):
        if groups or extra or user.get("as-uid"):
            raise SourceError("the kubeconfig impersonates groups or more, but no user", "state `as` beside them")
        return ()
    headers = [("Impersonate-User", str(user["as"]))]
    if user.get("as-uid"):
        headers.append(("Impersonate-Uid", str(user["as-uid"])))
    headers += [("Impersonate-Group", str(group)) for group in groups]
    for key, values in extra.items():
        # as in client-go: keys are lower case and percent-encoded, to be good as header names
        headers += [(f"Impersonate-Extra-{quote(str(key).lower(), safe='')}", str(value)) for value in values]
    return tuple(headers)


def _kubeconfig() -> str:
    return os.environ.get("KUBECONFIG") or "~/.kube/config"


def _check_text() -> None:
    """Refuse what is no YAML before the library reads it: its own complaint may quote the file."""
    for path in _kubeconfig().split(os.pathsep):
        place = Path(path).expanduser()
        if path and place.exists():
            load_documents(place.read_bytes())


def _user(merged: ConfigNode, context: str | None, seconds: float) -> dict[str, Any]:
    """The user of a context; a credential plugin has given what it states, which then stands in its place."""
    stated = _entry(merged, "context", context or merged.value.get("current-context"))
    chosen = _node(merged, "user", (stated or {}).get("user"))
    user = chosen.value.get("user") if chosen is not None else None
    if chosen is None or not isinstance(user, dict):
        return {}
    if "exec" in user and not {"token", "tokenFile", "auth-provider"} & set(user):
        cluster = _entry(merged, "cluster", (stated or {}).get("cluster")) or {}
        folder = str(Path(chosen.path).expanduser().absolute().parent) if chosen.path else None
        kept = {key: value for key, value in user.items() if key != "exec"}
        user = kept | ask_plugin(user["exec"], cluster, folder, seconds)
        chosen.value["user"] = user
    return user


def _entry(merged: ConfigNode, kind: str, name: Any) -> dict[str, Any] | None:
    node = _node(merged, kind, name)
    found = node.value.get(kind) if node is not None else None
    return found if isinstance(found, dict) else None


def _node(merged: ConfigNode, kind: str, name: Any) -> ConfigNode | None:
    entries = merged.value.get(f"{kind}s") or []
    return next((entry for entry in entries if entry.value.get("name") == name), None)


def _known_contexts() -> str:
    try:
        merged = KubeConfigMerger(_kubeconfig()).config
        names = [entry.value.get("name") for entry in merged.value.get("contexts") or []] if merged else []
    except (config.ConfigException, OSError, ValueError, AttributeError):
        names = []
    return f"contexts in the kubeconfig: {', '.join(map(str, names)) or 'none'}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
