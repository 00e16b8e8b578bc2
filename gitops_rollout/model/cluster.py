"""Settings of a cluster that decide what becomes of revisions: Knative's garbage collection, KServe's default mode."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Collection:
    """When Knative collects revisions that no route names: the ConfigMap `config-gc`, with its defaults.

    Knative Serving v0.48 pkg/gc/config.go. A None is a setting that says `disabled`.
    """

    retain_since_create: timedelta | None = timedelta(hours=48)
    retain_since_active: timedelta | None = timedelta(hours=15)
    least: int = 20
    most: int | None = 1000


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What was read of a cluster's own settings; None where one was not shown and its default is assumed.

    `default_mode` is the deployment mode of InferenceServices that state none (`inferenceservice-config`).
    """

    collection: Collection | None = None
    default_mode: str | None = None
