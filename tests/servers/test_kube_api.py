"""The API server fixture is real: recorded objects come back as they were, tokens and rights count."""

import json
from collections.abc import Mapping
from typing import Any

from tests.servers.kube_api import KINDS, KubeApi
from tests.traces import load

SERVICES = KINDS["InferenceService"]


def told(item: Mapping[str, Any]) -> str:
    """Everything that an object says but for its version in the storage."""
    metadata = {key: value for key, value in item["metadata"].items() if key != "resourceVersion"}
    return json.dumps({"metadata": metadata, "spec": item["spec"], "status": item.get("status")}, sort_keys=True)


def test_recorded_objects_come_back_as_they_were(kube_api: KubeApi) -> None:
    scenario = load("A")
    recorded = scenario.resting(scenario.steps[1])
    kube_api.restore(*recorded.items)
    for kind in ("InferenceService", "Service", "Revision"):
        listed = kube_api.call("GET", KINDS[kind].path(None)).ok()["items"]
        assert sorted(map(told, listed)) == sorted(map(told, recorded.of_kind(kind)))


def test_created_objects_have_a_status_and_are_validated(kube_api: KubeApi) -> None:
    scenario = load("A")
    recorded = scenario.resting(scenario.steps[0])
    (service,) = recorded.of_kind("InferenceService")
    metadata = {"name": service["metadata"]["name"], "namespace": service["metadata"]["namespace"]}
    document = {**service, "metadata": metadata}
    made = kube_api.create(document)
    assert made["status"]["components"] == service["status"]["components"]
    wrong = json.loads(json.dumps(document).replace('"minReplicas": 1', '"minReplicas": "one"'))
    wrong["spec"]["predictor"]["canaryTrafficPercent"] = "ten"
    wrong["metadata"]["name"] = "wrong"
    assert kube_api.call("POST", SERVICES.path(metadata["namespace"]), wrong).status == 422


def test_an_account_may_do_only_what_it_was_given(kube_api: KubeApi) -> None:
    token = kube_api.account("team", "reader")
    assert kube_api.call("GET", SERVICES.path(None), token=token).status == 403
    assert kube_api.call("GET", SERVICES.path(None), token="none").status == 401
    rules = [{"apiGroups": [SERVICES.group], "resources": [SERVICES.plural], "verbs": ["list"]}]
    kube_api.create({"kind": "Role", "metadata": {"name": "lists", "namespace": "team"}, "rules": rules})
    subject = {"kind": "ServiceAccount", "name": "reader", "namespace": "team"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "lists"}
    binding = {"kind": "RoleBinding", "metadata": {"name": "lists", "namespace": "team"}}
    kube_api.create({**binding, "subjects": [subject], "roleRef": role})
    assert kube_api.call("GET", SERVICES.path("team"), token=token).status == 200
    assert kube_api.call("GET", SERVICES.path(None), token=token).status == 403


def test_a_continue_token_expires_when_its_state_is_forgotten(kube_api: KubeApi) -> None:
    scenario = load("A")
    kube_api.restore(*scenario.resting(scenario.steps[1]).items)
    path = KINDS["Revision"].path(None)
    first = kube_api.call("GET", f"{path}?limit=1").ok()
    following = f"{path}?limit=1&continue={first['metadata']['continue']}"
    assert kube_api.call("GET", following).status == 200
    kube_api.etcd.compact()
    assert kube_api.call("GET", following).status == 410
