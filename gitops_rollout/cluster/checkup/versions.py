"""Which versions of KServe and Knative run, as far as the cluster shows it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gitops_rollout.cluster.checkup.asking import Asked, Right
from gitops_rollout.model.checkup import Finding, Level

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)?(?:[-.+][0-9A-Za-z.-]+)?", re.ASCII)


class Product(NamedTuple):
    """What is asked about one product: its controller's Deployment, a CRD that may carry its version, its API group.

    `oldest` is the oldest release (major, minor) whose rules are followed.
    """

    name: str
    namespace: str
    deployment: str
    crd: str
    group: str
    oldest: tuple[int, int]


# Up to v0.8 KServe's tracking fell back otherwise (v0.8 inference_service_status.go).
PRODUCTS = (
    Product(
        "KServe",
        "kserve",
        "kserve-controller-manager",
        "inferenceservices.serving.kserve.io",
        "serving.kserve.io",
        (0, 9),
    ),
    Product(
        "Knative Serving",
        "knative-serving",
        "controller",
        "services.serving.knative.dev",
        "serving.knative.dev",
        (0, 0),
    ),
)


def versions(asked: Asked) -> list[Finding]:
    """One finding for Kubernetes, KServe and Knative Serving each; what cannot be read is unknown, with the rule."""
    return [_kubernetes(asked), *(_product(asked, product) for product in PRODUCTS)]


def version_in(found: Mapping[str, Any]) -> str | None:
    """The version that an object states: its label `app.kubernetes.io/version`, else the tag of its first image."""
    metadata = _mapping(found.get("metadata"))
    label = _mapping(metadata.get("labels")).get("app.kubernetes.io/version")
    return next((text for text in (label, *_tags(found)) if isinstance(text, str) and _VERSION.fullmatch(text)), None)


def _product(asked: Asked, product: Product) -> Finding:
    places = {
        f"/apis/apps/v1/namespaces/{product.namespace}/deployments/{product.deployment}": Right(
            "get", "apps", "deployments", product.deployment
        ),
        f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{product.crd}": Right(
            "get", "apiextensions.k8s.io", "customresourcedefinitions", product.crd
        ),
    }
    refused: list[str] = []
    for path, right in places.items():
        found = asked.found(path)
        if isinstance(found, int):
            refused += [right.rule] if found == 403 else []
        elif version := version_in(found):
            return _known(asked, product, version)
    served = asked.found(f"/apis/{product.group}")
    if isinstance(served, int):
        hint = "is it installed, and is this the right context?"
        return asked.finding(
            Level.ERROR if product.name == "KServe" else Level.WARN, f"{product.name} is not there", hint
        )
    names = [str(_mapping(one).get("version")) for one in served.get("versions") or []]
    message = f"{product.name}: version unknown, it serves {product.group} {', '.join(names)}"
    return asked.finding(Level.OK, message, f"to have it read, add: {' or '.join(refused)}" if refused else None)


def _known(asked: Asked, product: Product, version: str) -> Finding:
    match = _VERSION.fullmatch(version)
    if match is not None and (int(match[1]), int(match[2])) < product.oldest:
        oldest = ".".join(map(str, product.oldest))
        return asked.finding(
            Level.WARN, f"{product.name} {version} tracks revisions otherwise than {oldest} and later", "upgrade it"
        )
    return asked.finding(Level.OK, f"{product.name} {version}")


def _kubernetes(asked: Asked) -> Finding:
    found = asked.found("/version")
    version = None if isinstance(found, int) else found.get("gitVersion")
    return asked.finding(Level.OK, f"Kubernetes {version or 'of an unknown version'}")


def _tags(found: Mapping[str, Any]) -> Iterator[str]:
    template = _mapping(_mapping(found.get("spec")).get("template"))
    for container in _mapping(template.get("spec")).get("containers") or []:
        image = _mapping(container).get("image")
        if isinstance(image, str):
            yield image.partition("@")[0].rpartition(":")[2]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
