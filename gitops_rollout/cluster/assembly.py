"""Puts the objects of one cluster together: each InferenceService with its Knative Services and Revisions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gitops_rollout.cluster import decode, objects
from gitops_rollout.model.live import KnativeService, LiveComponent, LiveInferenceService, Revision
from gitops_rollout.model.targets import Component

INFERENCE_SERVICE_LABEL = "serving.kserve.io/inferenceservice"
COMPONENT_LABEL = "component"
MODE_ANNOTATION = "serving.kserve.io/deploymentMode"
STANDARD_MODES = frozenset({"Standard", "RawDeployment", "ModelMesh"})

Place = tuple[str, str]


class Assembly:
    """Takes objects one by one, in any order, and keeps only what decisions need."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(objects.GROUPS, 0)
        self.unreadable: list[str] = []
        self.repeated: list[str] = []
        self._found: dict[Place, objects.InferenceService] = {}
        self._services: dict[Place, tuple[frozenset[str], KnativeService]] = {}
        self._labelled: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._revisions: dict[Place, dict[str, Revision]] = defaultdict(dict)

    def add(self, kind: str, source: bytes | msgspec.Raw | dict[str, Any]) -> None:
        """One object of a wanted kind; one without an outline or a name is noted and left out."""
        self.counts[kind] += 1
        found = objects.read_object(kind, source)
        name = decode.text(found.metadata.name) if found else None
        namespace = decode.text(found.metadata.namespace) if found else None
        if found is None or name is None or namespace is None:
            self.unreadable.append(f"{kind} {name or 'without a name'}")
        elif isinstance(found, objects.InferenceService):
            self._once(kind, self._found, (namespace, name))
            self._found[namespace, name] = found
        elif isinstance(found, objects.KnativeService):
            self._add_service(namespace, name, found)
        else:
            self._add_revision(namespace, found)

    def services(self) -> dict[Place, LiveInferenceService]:
        """All InferenceServices by (namespace, name), each with the Knative objects that belong to it."""
        return {place: self._join(place, found) for place, found in sorted(self._found.items())}

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

    def _join(self, place: Place, found: objects.InferenceService) -> LiveInferenceService:
        namespace, name = place
        metadata, status = found.metadata, found.status or objects.InferenceServiceStatus()
        spec = found.spec or {}
        annotations = decode.strings(metadata.annotations)
        tracked = status.components if isinstance(status.components, dict) else {}
        uid = decode.text(metadata.uid) or ""
        components = {}
        for component in Component:
            service = self._service_of(namespace, name, component, uid)
            if spec.get(component.value) is not None or component.value in tracked or service is not None:
                components[component] = LiveComponent(
                    tracking=decode.component_status(tracked.get(component.value)),
                    service=service,
                    revisions=self._revisions_of(namespace, service),
                )
        return LiveInferenceService(
            namespace=namespace,
            name=name,
            uid=uid,
            generation=decode.whole(metadata.generation) or 0,
            spec=spec,
            annotations=annotations,
            labels=decode.strings(metadata.labels),
            conditions=decode.conditions(status.conditions),
            deployment_mode=decode.text(status.deployment_mode) or annotations.get(MODE_ANNOTATION),
            observed_generation=decode.whole(status.observed_generation),
            components=components,
            owners=decode.field_owners(metadata),
        )

    def _service_of(self, namespace: str, name: str, component: Component, uid: str) -> KnativeService | None:
        """The Knative Service of a component: labelled or named as KServe does it, and owned by nobody else.

        Where an old `-default` one and a plain one both stand, KServe goes on with the old (v0.20 predictor.go,
        transformer.go, explainer.go).
        """
        plain = f"{name}-{component.value}"
        names = self._labelled.get((namespace, name, component.value), set()) | {plain, f"{plain}-default"}
        ranked = []
        for candidate in names:
            owners, service = self._services.get((namespace, candidate), (frozenset(), None))
            if service is not None and (not owners or uid in owners):
                ranked.append((uid not in owners, candidate != f"{plain}-default", candidate != plain, candidate))
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


def notes_on(assembly: Assembly, services: Iterable[LiveInferenceService]) -> tuple[str, ...]:
    """What was not shown, and what that costs: one sentence each."""
    services = list(services)
    knative = [one for one in services if one.deployment_mode not in STANDARD_MODES]
    notes = []
    if not services:
        notes.append("no InferenceServices were shown: every target counts as missing")
    if knative and not assembly.counts[objects.KNATIVE_SERVICE]:
        notes.append("no Knative Services were shown: traffic cannot be judged (ask for isvc,ksvc,revisions)")
    elif knative and not assembly.counts[objects.REVISION]:
        notes.append("no Revisions were shown: readiness cannot be judged (ask for isvc,ksvc,revisions)")
    hidden = sum(1 for one in services if one.owners is None)
    if hidden:
        notes.append(
            f"owner unknown for {hidden} of {len(services)} InferenceServices: "
            "managed fields were not shown (--show-managed-fields)"
        )
    notes += [f"passed over, not readable as an object: {what}" for what in assembly.unreadable]
    notes += [f"shown more than once, the last one counts: {what}" for what in assembly.repeated]
    return tuple(notes)
