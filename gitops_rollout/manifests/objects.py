"""The Kubernetes objects of a document: itself, or the items of a `List`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Pointer = tuple[str | int, ...]
_MAX_LISTS = 3


class Object(NamedTuple):
    """An object as plain data, and how to get there from the document's root."""

    value: Mapping[str, Any]
    pointer: Pointer
    version: str
    kind: str

    @property
    def group(self) -> str:
        """The API group, such as `argoproj.io`."""
        return self.version.partition("/")[0]


def objects(value: Any, pointer: Pointer = ()) -> Iterator[Object]:
    """Every object that states `apiVersion` and `kind`; items of lists (`List`, `FooList`) instead of the list."""
    if not isinstance(value, Mapping):
        return
    version, kind, items = value.get("apiVersion"), value.get("kind"), value.get("items")
    if not isinstance(version, str) or not isinstance(kind, str):
        return
    if kind.endswith("List") and isinstance(items, list) and len(pointer) < 2 * _MAX_LISTS:
        for index, item in enumerate(items):
            yield from objects(item, (*pointer, "items", index))
    else:
        yield Object(value, pointer, version, kind)


def is_inference_service(version: str, kind: str) -> bool:
    """Whether an object is one of ours; `serving.kubeflow.org` and `v1alpha2` only look like it."""
    return kind == "InferenceService" and version == "serving.kserve.io/v1beta1"
