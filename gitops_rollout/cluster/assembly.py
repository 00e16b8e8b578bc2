"""Puts the objects of one cluster together: each InferenceService with its Knative objects, and the GitOps engines."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from gitops_rollout.cluster import decode, objects
from gitops_rollout.cluster.argo import application
from gitops_rollout.cluster.config_maps import cluster_settings
from gitops_rollout.cluster.engine_objects import Application, AppProject, GitRepository, Kustomization
from gitops_rollout.cluster.flux import fetched, git_repository, kustomization
from gitops_rollout.cluster.limits import Limits
from gitops_rollout.cluster.reading import read_object
from gitops_rollout.cluster.sync_windows import concerns, windows_of
from gitops_rollout.model.cluster import ClusterSettings
from gitops_rollout.model.engines import GitSource, LiveEngine, SyncWindow
from gitops_rollout.model.live import ComponentStatus, KnativeService, LiveComponent, LiveInferenceService, Revision
from gitops_rollout.model.targets import Component

INFERENCE_SERVICE_LABEL = "serving.kserve.io/inferenceservice"
COMPONENT_LABEL = "component"

Place = tuple[str, str]


class Assembly:
    """Takes objects one by one, in any order, and keeps only what decisions need; `seen_at` is theirs if they say."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(objects.GROUPS, 0)
        self.seen_at: datetime | None = None
        self.unreadable: list[str] = []
        self.repeated: list[str] = []
        self._found: dict[Place, LiveInferenceService] = {}
        self._services: dict[Place, tuple[frozenset[str], KnativeService]] = {}
        self._labelled: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._revisions: dict[Place, dict[str, Revision]] = defaultdict(dict)
        self.limits = Limits()
        self._config_maps: dict[Place, dict[str, str]] = {}
        self._engines: dict[str, dict[Place, LiveEngine]] = {objects.APPLICATION: {}, objects.KUSTOMIZATION: {}}
        self._projects: dict[Place, tuple[SyncWindow, ...]] = {}
        self._git: dict[Place, GitSource] = {}

    def add(self, kind: str, source: bytes | msgspec.Raw | dict[str, Any]) -> None:
        """One object of a wanted kind; one without an outline or a name is noted and left out."""
        self.counts[kind] += 1
        found = read_object(kind, source)
        name = decode.text(found.metadata.name) if found else None
        namespace = decode.text(found.metadata.namespace) if found else None
        if found is None or name is None or namespace is None:
            self.unreadable.append(f"{kind} {name or 'without a name'}")
        elif isinstance(found, objects.InferenceService):
            self._once(kind, self._found, (namespace, name))
            self._found[namespace, name] = decode.inference_service(namespace, name, found)
        elif isinstance(found, objects.KnativeService):
            self._add_service(namespace, name, found)
        elif isinstance(found, objects.ConfigMap):
            self._config_maps[namespace, name] = decode.strings(found.data)
        elif isinstance(found, GitRepository):
            self._git[namespace, name] = git_repository(found)
        elif isinstance(found, AppProject):
            self._projects[namespace, name] = windows_of(found.spec)
        elif isinstance(found, Application | Kustomization):
            self._once(kind, self._engines[kind], (namespace, name))
            self._engines[kind][namespace, name] = _engine(namespace, name, found)
        else:
            self._add_revision(namespace, found)

    def forget(self, kind: str) -> None:
        """Drop all objects of a kind: its listing begins anew."""
        places: dict[str, dict[Place, Any]] = {
            objects.INFERENCE_SERVICE: self._found,
            objects.KNATIVE_SERVICE: self._services,
            objects.REVISION: self._revisions,
            objects.CONFIG_MAP: self._config_maps,
            objects.APP_PROJECT: self._projects,
            objects.GIT_REPOSITORY: self._git,
            **self._engines,
        }
        places[kind].clear()
        self.counts[kind] = 0
        self.unreadable = [what for what in self.unreadable if not what.startswith(f"{kind} ")]
        self.repeated = [what for what in self.repeated if not what.startswith(f"{kind} ")]

    def count(self, kind: str) -> int:
        """How many objects of a kind there are by now."""
        return self.counts[kind]

    def services(self) -> dict[Place, LiveInferenceService]:
        """All InferenceServices by (namespace, name), each with the Knative objects that belong to it."""
        return {place: self._join(found) for place, found in sorted(self._found.items())}

    def settings(self) -> ClusterSettings:
        """What the cluster's own ConfigMaps say, of those that were shown."""
        return cluster_settings(self._config_maps)

    def engines(self) -> tuple[LiveEngine, ...]:
        """All Applications, with their sync windows, and Kustomizations, with what they follow, sorted."""
        found = [engine for kind in sorted(self._engines) for _, engine in sorted(self._engines[kind].items())]
        return tuple(self._with_others(engine) for engine in found)

    def _with_others(self, engine: LiveEngine) -> LiveEngine:
        if engine.fetched_by is not None and engine.fetched_by[0] == objects.GIT_REPOSITORY:
            return fetched(engine, self._git.get(engine.fetched_by[1:]))
        return replace(engine, windows=self._windows(engine)) if engine.project else engine

    def _windows(self, engine: LiveEngine) -> tuple[SyncWindow, ...]:
        """Those of its project, which stands beside Argo CD, while the Application may stand elsewhere."""
        named = [windows for (_, name), windows in sorted(self._projects.items()) if name == engine.project]
        windows = self._projects.get((engine.namespace, engine.project), named[0] if len(named) == 1 else ())
        return tuple(window for window in windows if concerns(window, engine))

    def _add_service(self, namespace: str, name: str, found: objects.KnativeService) -> None:
        self._once(objects.KNATIVE_SERVICE, self._services, (namespace, name))
        owners = frozenset(
            uid
            for owner in found.metadata.owner_references or ()
            if owner.kind == objects.INFERENCE_SERVICE and (uid := decode.text(owner.uid))
        )
        labels = decode.strings(found.metadata.labels)
        if INFERENCE_SERVICE_LABEL in labels and COMPONENT_LABEL in labels:
            self._labelled[namespace, labels[INFERENCE_SERVICE_LABEL], labels[COMPONENT_LABEL]].add(name)
        self._services[namespace, name] = owners, decode.knative_service(found)

    def _add_revision(self, namespace: str, found: objects.Revision) -> None:
        labels = decode.strings(found.metadata.labels)
        service = labels.get("serving.knative.dev/service") or labels.get("serving.knative.dev/configuration")
        revision = decode.revision(found)
        if service is not None:
            self._revisions[namespace, service][revision.name] = revision

    def _once(self, kind: str, known: Mapping[Place, object], place: Place) -> None:
        if place in known:
            self.repeated.append(f"{kind} {place[0]}/{place[1]}")

    def _join(self, service: LiveInferenceService) -> LiveInferenceService:
        components = {}
        for component in Component:
            tracked = service.components.get(component)
            knative = self._service_of(service, component)
            if tracked is not None or knative is not None:
                tracking = tracked.tracking if tracked else ComponentStatus()
                revisions = self._revisions_of(service.namespace, knative)
                components[component] = LiveComponent(tracking, knative, revisions)
        return replace(service, components=components)

    def _service_of(self, service: LiveInferenceService, component: Component) -> KnativeService | None:
        """The Knative Service of a component: labelled or named as KServe does it, and owned by nobody else.

        Where an old `-default` one and a plain one both stand, KServe goes on with the old (v0.20 predictor.go,
        transformer.go, explainer.go).
        """
        namespace, plain = service.namespace, f"{service.name}-{component.value}"
        names = self._labelled.get((namespace, service.name, component.value), set()) | {plain, f"{plain}-default"}
        ranked = []
        for name in names:
            owners, found = self._services.get((namespace, name), (frozenset(), None))
            if found is not None and (not owners or service.uid in owners):
                ranked.append((service.uid not in owners, name != f"{plain}-default", name != plain, name))
        return self._services[namespace, min(ranked)[3]][1] if ranked else None

    def _revisions_of(self, namespace: str, service: KnativeService | None) -> tuple[Revision, ...]:
        """The Revisions of this very Knative Service, oldest first: a name alone may be that of a deleted one."""
        if service is None:
            return ()
        mine = [
            revision
            for revision in self._revisions.get((namespace, service.name), {}).values()
            if not revision.service_uid or not service.uid or revision.service_uid == service.uid
        ]
        return tuple(sorted(mine, key=lambda revision: (revision.configuration_generation or 0, revision.name)))


def _engine(namespace: str, name: str, found: Application | Kustomization) -> LiveEngine:
    if isinstance(found, Application):
        return application(namespace, name, found)
    return kustomization(namespace, name, found)
