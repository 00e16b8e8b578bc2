"""The cluster's own settings that decide what becomes of revisions: the ConfigMaps of Knative and KServe."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from gitops_rollout.core.collection import retention
from gitops_rollout.model.cluster import ClusterSettings, Collection


class ConfigMap(NamedTuple):
    """A ConfigMap that is read: its namespace and name, and what is assumed without it."""

    namespace: str
    name: str
    without: str

    @property
    def path(self) -> str:
        """Where the API server has it."""
        return f"/api/v1/namespaces/{self.namespace}/configmaps/{self.name}"

    @property
    def rule(self) -> str:
        """The rule that lets it be read."""
        return f'{{apiGroups: [""], resources: ["configmaps"], resourceNames: ["{self.name}"], verbs: ["get"]}}'


GARBAGE = ConfigMap(
    "knative-serving", "config-gc", f"Knative's defaults are assumed: retired revisions are {retention(Collection())}"
)
SERVING = ConfigMap(
    "kserve",
    "inferenceservice-config",
    "an InferenceService that does not say its deployment mode is taken for one in Knative mode",
)
# What every run reads.
READ = (GARBAGE, SERVING)

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)", re.ASCII)
_LONGEST = 9_000_000_000.0  # seconds: Go's own limit of a duration, about


def cluster_settings(maps: Mapping[tuple[str, str], Mapping[str, str]]) -> ClusterSettings:
    """The settings in ConfigMaps, their `data` by namespace and name; KServe may be installed in any namespace."""
    garbage = maps.get(GARBAGE[:2])
    serving = next((data for (_, name), data in sorted(maps.items()) if name == SERVING.name), {})
    return ClusterSettings(
        collection=None if garbage is None else read_collection(garbage), default_mode=read_default_mode(serving)
    )


def read_collection(data: Mapping[str, str]) -> Collection | None:
    """`config-gc` (Knative Serving v0.48 pkg/gc/config.go); None where Knative would refuse what stands there."""
    default = Collection()
    try:
        return Collection(
            retain_since_create=_span(data.get("retain-since-create-time"), default.retain_since_create),
            retain_since_active=_span(data.get("retain-since-last-active-time"), default.retain_since_active),
            least=_count(data.get("min-non-active-revisions") or str(default.least)),
            most=_most(data.get("max-non-active-revisions"), default.most),
        )
    except ValueError:
        return None


def read_default_mode(data: Mapping[str, str]) -> str | None:
    """`defaultDeploymentMode` in the `deploy` entry of `inferenceservice-config` (KServe v0.20 configmap.go)."""
    try:
        deploy = msgspec.json.decode(data.get("deploy", "").encode())
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    mode = deploy.get("defaultDeploymentMode") if isinstance(deploy, dict) else None
    return mode if isinstance(mode, str) and mode else None


def duration(text: str) -> timedelta:
    """A duration as Go writes it (`48h`, `1h30m0s`); `ValueError` where it is none."""
    parts = _PART.findall(text)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not parts or "".join(number + unit for number, unit in parts) != text or seconds > _LONGEST:
        raise ValueError(f"{text!r} is no duration")
    return timedelta(seconds=seconds)


def entries(found: Any) -> dict[str, str]:
    """The `data` of a ConfigMap as plain data."""
    data = found.get("data") if isinstance(found, dict) else None
    if not isinstance(data, dict):
        return {}
    return {str(key): value for key, value in data.items() if isinstance(value, str)}


def _span(text: str | None, default: timedelta | None) -> timedelta | None:
    if not text:
        return default
    return None if text.lower() == "disabled" else duration(text)


def _most(text: str | None, default: int | None) -> int | None:
    if not text:
        return default
    return None if text.lower() == "disabled" else _count(text)


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise ValueError(f"{text!r} is no count")
    return int(text)
