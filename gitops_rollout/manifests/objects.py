"""The Kubernetes objects of a document: itself, or the items of a `List`."""

from collections.abc import Iterator
from typing import NamedTuple

from gitops_rollout.text.events import Document, Kind

Pointer = tuple[str | int, ...]
_MAX_LISTS = 3


class Object(NamedTuple):
    """An object of a document by its node, and how to get there from the document's root."""

    node: int
    pointer: Pointer
    version: str
    kind: str


def objects(document: Document, node: int = 0, pointer: Pointer = ()) -> Iterator[Object]:
    """Every object that states `apiVersion` and `kind`; items of lists (`List`, `FooList`) instead of the list."""
    if not document.events or document.events[node].kind is not Kind.MAPPING:
        return
    version, kind = document.text_of(node, "apiVersion"), document.text_of(node, "kind")
    if version is None or kind is None:
        return
    items = document.find(node, "items")
    if kind.endswith("List") and items is not None and len(pointer) < 2 * _MAX_LISTS:
        for index, item in enumerate(document.items(items[1])):
            yield from objects(document, item, (*pointer, "items", index))
    else:
        yield Object(node, pointer, version, kind)


def is_inference_service(found: Object) -> bool:
    """Whether an object is one of ours; `serving.kubeflow.org` and `v1alpha2` only look like it."""
    return found.kind == "InferenceService" and found.version == "serving.kserve.io/v1beta1"
