"""The engine's part of arrival: who owns a target, has Git's last change been applied, and what is in the way."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitops_rollout.cluster.assembly import Assembly
from gitops_rollout.core.delivery import Deployment, Fleet, deliver
from gitops_rollout.model.engines import Delivery, LiveEngine, Obstacle, Reached
from gitops_rollout.model.live import FieldOwner, LiveInferenceService
from gitops_rollout.model.policy import ClusterPolicy
from gitops_rollout.model.targets import Manifest, Origin, Source, Target, TargetKey
from tests.core.builders import PREDICTOR, V1, V2, history, live, revision, spec
from tests.engines import NEW, OLD, URL, application, git_repository, kustomization

PLACE = ("models", "iris")
ORIGIN = Origin(URL, "main")
PROD = ClusterPolicy("prod")
SERVICE = live(spec(V2, 10), [revision(1, V1)], ready=1, rolled=1)
PERCENT = "/spec/predictor/canaryTrafficPercent"
OTHER = "c" * 40  # a commit of some other repository


def engines(*objects: Mapping[str, Any], cluster: str = "prod") -> list[LiveEngine]:
    assembly = Assembly()
    for found in objects:
        assembly.add(found["kind"], json.dumps(found).encode())
    return [replace(engine, cluster=cluster) for engine in assembly.engines()]


def argo(name: str = "models", **changes: Any) -> dict[str, Any]:
    return application(name, **{"services": (PLACE,), **changes})


def flux(name: str = "models", **changes: Any) -> dict[str, Any]:
    return kustomization(name, **{"services": (PLACE,), **changes})


def ask(
    *found: LiveEngine,
    shown: LiveInferenceService | None = SERVICE,
    cluster: ClusterPolicy = PROD,
    path: str = "clusters/prod/iris.yaml",
    roots: tuple[str, ...] = (),
    origin: Origin | None = ORIGIN,
) -> Delivery | None:
    manifest = Manifest(Source(path, 0, 1), "iris", "models", spec(V2, 10))
    target = Target(TargetKey(cluster.name, *PLACE), manifest, roots)
    told = history(spec(V1), spec(V2, 10))
    deployment = Deployment(target, shown, told, Fleet(found, cluster, origin))
    return deliver(deployment, lambda commit: {NEW: True, OLD: False}.get(commit))


def said(*objects: Mapping[str, Any], **changes: Any) -> Delivery:
    delivery = ask(*engines(*objects), **changes)
    assert delivery is not None
    return delivery


def marked(**marks: str) -> LiveInferenceService:
    annotations = {"argocd.argoproj.io/tracking-id": marks["tracking"]} if "tracking" in marks else {}
    labels = {f"kustomize.toolkit.fluxcd.io/{key}": marks[key] for key in ("name", "namespace") if key in marks}
    if "instance" in marks:
        labels["app.kubernetes.io/instance"] = marks["instance"]
    return replace(SERVICE, annotations=annotations, labels=labels)


TRACKED = "serving.kserve.io/InferenceService:models/iris"
APP, KUSTOMIZATION = "Argo CD Application argocd", "Flux Kustomization flux-system"
NOTHING = {"services": (), "path": "elsewhere"}


@pytest.mark.parametrize(
    ("marks", "objects", "owner"),
    [
        ({"tracking": f"a:{TRACKED}"}, [argo("a", **NOTHING), argo("b")], f"{APP}/a"),
        ({"tracking": f"argocd_a:{TRACKED}"}, [argo("a", **NOTHING), argo("b")], f"{APP}/a"),
        ({"tracking": f"a:{TRACKED}-copy"}, [argo("a", **NOTHING), argo("b")], f"{APP}/b"),
        ({"tracking": "a"}, [argo("a", **NOTHING), argo("b")], f"{APP}/b"),
        ({"name": "a", "namespace": "flux-system"}, [flux("a", **NOTHING), flux("b")], f"{KUSTOMIZATION}/a"),
        ({"instance": "a"}, [argo("a", **NOTHING), argo("b", **NOTHING)], f"{APP}/a"),
        ({"instance": "a"}, [argo("a", **NOTHING), argo("b")], f"{APP}/b"),
        ({}, [argo("a", **NOTHING), argo("b")], f"{APP}/b"),
        ({}, [flux("a", **NOTHING), flux("b")], f"{KUSTOMIZATION}/b"),
        ({}, [argo("a", services=(), path="clusters"), argo("b", services=())], f"{APP}/b"),
        ({}, [argo("a", services=()), argo("b", services=())], None),  # nothing tells one from the other
        ({}, [argo("a", services=(("models", "other"),))], None),  # it lists what it manages
        ({}, [argo("a", services=(), url="https://git.example.com/other/repository")], None),
        ({}, [argo("a", **NOTHING)], None),
        ({}, [], None),
    ],
)  # fmt: skip
def test_the_owner_is_told_by_marks_then_lists_then_folders(
    marks: dict[str, str], objects: list[dict[str, Any]], owner: str | None
) -> None:
    delivery = ask(*engines(*objects), shown=marked(**marks))
    assert (delivery.engine if delivery else None) == owner


def test_an_owner_that_was_not_shown_is_named_and_nothing_is_known() -> None:
    for marks, title in (
        ({"tracking": f"gone:{TRACKED}"}, "Argo CD Application gone"),
        ({"name": "gone", "namespace": "flux-system"}, "Flux Kustomization flux-system/gone"),
    ):
        delivery = ask(*engines(argo()), shown=marked(**marks))
        assert delivery is not None
        assert (delivery.engine, delivery.reached, delivery.obstacle) == ("", Reached.UNKNOWN, Obstacle.NONE)
        assert delivery.message.startswith(f"{title} owns it and was not shown")
        assert delivery.notes


def test_two_that_claim_one_object_are_a_hazard() -> None:
    both = marked(tracking=f"models:{TRACKED}", name="models", namespace="flux-system")
    delivery = said(argo(), flux(), shown=both)
    assert delivery.engine == f"{APP}/models"
    assert any("Flux Kustomization flux-system/models claims it, too" in note for note in delivery.notes)


def test_an_engine_of_a_hub_deploys_where_its_destination_says() -> None:
    to_prod = {"destination": {"name": "prod-eu"}}
    named = ClusterPolicy("prod", destinations=("prod-eu", "https://10.0.0.1/"))
    hub = engines(argo(spec=to_prod), cluster="hub")
    assert ask(*hub, cluster=named) is not None
    assert ask(*hub, cluster=ClusterPolicy("other", destinations=("other",))) is None
    assert ask(*hub, cluster=ClusterPolicy("hub")) is None
    by_url = engines(argo(spec={"destination": {"server": "https://10.0.0.1"}}), cluster="hub")
    assert ask(*by_url, cluster=named) is not None
    assert ask(*engines(argo(), cluster="hub"), cluster=named) is None  # it deploys into the hub itself
    remote = engines(flux(spec={"kubeConfig": {"secretRef": {"name": "prod-eu"}}}), cluster="hub")
    assert ask(*remote, cluster=named) is not None
    tracked = marked(tracking=f"models:{TRACKED}")
    assert ask(*engines(argo(spec=to_prod)), shown=tracked) is not None  # the object says so itself


def test_a_rendered_target_is_deployed_from_its_overlay() -> None:
    overlay = argo(services=(), path="overlays/prod")
    assert ask(*engines(overlay), shown=None, path="base/iris.yaml") is None
    found = ask(*engines(overlay), shown=None, path="base/iris.yaml", roots=("overlays/prod/kustomization.yaml",))
    assert found is not None


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({}, Reached.YES),
        ({"status": "OutOfSync"}, Reached.YES),  # applied, and something else differs
        ({"applied": OLD}, Reached.YES),  # compared and equal: nothing had to be applied
        ({"applied": OLD, "status": "OutOfSync"}, Reached.NO),
        ({"seen": OLD, "applied": OLD}, Reached.NO),
        ({"seen": OLD, "applied": None}, Reached.NO),
        ({"seen": NEW, "applied": None, "status": "OutOfSync"}, Reached.NO),
        ({"seen": OTHER, "applied": OTHER}, Reached.UNKNOWN),
        ({"seen": None, "applied": None, "status": "Unknown"}, Reached.UNKNOWN),
    ],
)
def test_argo_cd_has_applied_or_found_equal(changes: dict[str, Any], reached: Reached) -> None:
    assert said(argo(**changes)).reached is reached


def test_what_argo_cd_says_of_the_object_itself_goes_before_the_whole() -> None:
    found = argo(status="OutOfSync", applied=OLD)
    found["status"]["resources"][0]["status"] = "Synced"
    assert said(found).reached is Reached.YES


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({}, Reached.YES),
        ({"applied": OLD}, Reached.NO),
        ({"applied": OLD, "ready": ("False", "HealthCheckFailed", "timeout")}, Reached.YES),
        ({"applied": OLD, "seen": OLD, "ready": ("False", "HealthCheckFailed", "timeout")}, Reached.NO),
        ({"applied": None}, Reached.NO),
        ({"applied": None, "seen": None}, Reached.UNKNOWN),
    ],
)
def test_flux_has_applied_before_it_is_healthy(changes: dict[str, Any], reached: Reached) -> None:
    assert said(flux(**changes)).reached is reached


def following(revision: str) -> dict[str, Any]:
    return {"source": {"repoURL": URL, "path": "clusters/prod", "targetRevision": revision}}


IGNORED = {"argocd.argoproj.io/skip-reconcile": "true"}


@pytest.mark.parametrize(
    ("found", "obstacle", "because"),
    [
        (argo(), Obstacle.NONE, ""),
        (argo(automated=None), Obstacle.PAUSED, "auto-sync is off"),
        (argo(metadata={"annotations": IGNORED}), Obstacle.PAUSED, "skip-reconcile"),
        (argo(spec=following(OLD)), Obstacle.PAUSED, OLD[:9]),
        (argo(spec=following("refs/heads/main")), Obstacle.NONE, ""),
        (argo(conditions=(("ComparisonError", "rpc error: no such path"),)), Obstacle.FAILED, "no such path"),
        (argo(conditions=(("OrphanedResourceWarning", "3 orphans"),)), Obstacle.NONE, ""),
        (argo(phase="Failed", applied=OLD, failure="admission denied"), Obstacle.FAILED, "admission denied"),
        (argo(phase="Running", applied=OLD), Obstacle.NONE, ""),
        (flux(suspend=True), Obstacle.PAUSED, "spec.suspend"),
        (flux(ready=("False", "BuildFailed", "no kustomization")), Obstacle.FAILED, "BuildFailed: no kustomization"),
        (flux(ready=("False", "HealthCheckFailed", "x")), Obstacle.NONE, ""),
        (flux(ready=("False", "DependencyNotReady", "x")), Obstacle.NONE, ""),
        (flux(ready=("Unknown", "Progressing", "x")), Obstacle.NONE, ""),
    ],
)  # fmt: skip
def test_what_is_in_the_way(found: dict[str, Any], obstacle: Obstacle, because: str) -> None:
    delivery = said(found)
    assert delivery.obstacle is obstacle
    assert because in delivery.because
    assert because in delivery.message


def test_flux_applies_nothing_new_that_is_not_fetched() -> None:
    assert said(flux(), git_repository()).obstacle is Obstacle.NONE
    stopped = said(flux(), git_repository(suspend=True))
    assert (stopped.obstacle, stopped.because) == (
        Obstacle.PAUSED,
        "its GitRepository flux-system/models is stopped (spec.suspend)",
    )
    broken = said(flux(), git_repository(ready=("False", "GitOperationFailed", "authentication required")))
    assert broken.obstacle is Obstacle.FAILED
    assert broken.because == "its GitRepository flux-system/models is not fetched: authentication required"
    other = said(flux(), git_repository("other", suspend=True))
    assert other.obstacle is Obstacle.NONE
    tagged = said(flux(), git_repository(ref={"tag": "v1.2"}))
    assert (tagged.obstacle, tagged.because) == (Obstacle.PAUSED, "it follows v1.2, not main")


def test_a_kustomization_of_another_repository_does_not_deploy_this_path() -> None:
    elsewhere = git_repository(url="https://git.example.com/other/repository")
    assert ask(*engines(flux(services=()), elsewhere), shown=None) is None
    assert ask(*engines(flux(services=()), git_repository()), shown=None) is not None


def test_a_sync_that_failed_for_another_object_does_not_concern_this_one() -> None:
    found = argo(phase="Failed", applied=OLD, failure="admission denied")
    results = found["status"]["operationState"]["syncResult"]["resources"]
    results[0] |= {"kind": "ConfigMap", "group": ""}
    assert said(found).obstacle is Obstacle.NONE
    results.clear()  # it failed before it came to any object
    found["status"]["operationState"]["message"] = "hook failed"
    assert said(found).because == "hook failed"


def test_a_failure_of_a_commit_before_the_one_that_was_seen_is_over() -> None:
    found = argo(phase="Failed", applied=OLD, failure="admission denied", status="OutOfSync")
    found["status"]["operationState"]["syncResult"]["revision"] = OLD
    assert said(found).obstacle is Obstacle.NONE
    assert said(found).reached is Reached.NO


def test_an_object_can_be_kept_from_flux_by_its_own_annotations() -> None:
    for key, value in (("reconcile", "disabled"), ("ssa", "IfNotPresent"), ("ssa", "Ignore")):
        shown = replace(SERVICE, annotations={f"kustomize.toolkit.fluxcd.io/{key}": value})
        assert said(flux(), shown=shown).obstacle is Obstacle.PAUSED
    merged = replace(SERVICE, annotations={"kustomize.toolkit.fluxcd.io/ssa": "Merge"})
    assert said(flux(), shown=merged).obstacle is Obstacle.NONE


def test_messages_are_one_line_and_cut() -> None:
    found = argo(phase="Failed", applied=OLD, status="OutOfSync", failure="line\n" * 500)
    delivery = said(found)
    assert "\n" not in delivery.message
    assert len(delivery.because) <= 200


def test_a_rollback_in_argo_cd_is_told_from_a_sync_that_is_due() -> None:
    found = argo(applied=OLD, status="OutOfSync", automated=None)
    assert f"it applied {OLD[:12]} last" in said(found).message
    first = found["status"]["history"][0]
    found["status"]["history"] = [first, {**first, "id": 1, "revision": NEW}, {**first, "id": 2}]
    assert f"it was rolled back to {OLD[:12]}" in said(found).message


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"jsonPointers": [PERCENT]}, True),
        ({"jsonPointers": ["/spec/predictor"]}, True),
        ({"jsonPointers": ["/spec"]}, True),
        ({"jsonPointers": ["/spec/predictor/minReplicas", "/status"]}, False),
        ({"jsonPointers": ["/spec/pred"]}, False),
        ({"jqPathExpressions": [".spec.predictor.canaryTrafficPercent"]}, True),
        ({"jqPathExpressions": [".spec[].canaryTrafficPercent"]}, True),
        ({"jqPathExpressions": [".spec.predictor.minReplicas"]}, False),
        ({"managedFieldsManagers": ["kubectl-patch"]}, True),
        ({"managedFieldsManagers": ["hpa"]}, False),
        ({"jsonPointers": [PERCENT], "name": "other"}, False),
        ({"jsonPointers": [PERCENT], "namespace": "other"}, False),
        ({"jsonPointers": [PERCENT], "group": "*", "kind": "*"}, True),
        ({"jsonPointers": [PERCENT], "kind": "Deployment"}, False),
    ],
)
def test_an_application_that_ignores_the_percent_is_a_hazard(entry: dict[str, Any], expected: bool) -> None:
    shown = replace(SERVICE, owners=(FieldOwner(PREDICTOR, "kubectl-patch", "Update"),))
    stated = {"group": "serving.kserve.io", "kind": "InferenceService", **entry}
    delivery = said(argo(spec={"ignoreDifferences": [stated]}), shown=shown)
    assert delivery.ignores is expected
    assert any("ignores differences" in note for note in delivery.notes) is expected


def test_what_made_an_application_is_named() -> None:
    metadata = {"ownerReferences": [{"kind": "ApplicationSet", "name": "teams"}]}
    message = said(argo(automated=None, metadata=metadata)).message
    made = "Argo CD Application argocd/models (made by ApplicationSet teams)"
    assert message == f"{made} has applied Git's last change; auto-sync is off"


def test_the_source_among_several_is_the_one_that_deploys_the_path() -> None:
    sources = [{"repoURL": URL, "path": "common", "targetRevision": "main"},
               {"repoURL": URL, "path": "clusters/prod", "targetRevision": "v1.2"}]  # fmt: skip
    found = argo(spec={"sources": sources})
    found["status"]["sync"] |= {"revisions": [NEW, OLD], "revision": ""}
    found["status"]["history"][0] |= {"revisions": [NEW, OLD], "revision": ""}
    delivery = said(found)
    assert (delivery.reached, delivery.because) == (Reached.NO, "it follows v1.2, not main")
    elsewhere = said(found, path="other/iris.yaml")
    assert elsewhere.reached is Reached.UNKNOWN
