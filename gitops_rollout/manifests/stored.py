"""What one file held, as bytes: what worker processes send back and what the cache keeps.

A stored scan does not know its file's path (but for a kustomization, whose meaning depends on it), so that equal blobs
at several paths share it. The `spec` of each InferenceService stays undecoded until somebody looks at it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec

from gitops_rollout.model.targets import (
    Component,
    EngineObject,
    FileScan,
    Kustomization,
    Manifest,
    Skipped,
    Source,
)


class _Manifest(msgspec.Struct, array_like=True):
    document: int
    line: int
    pointer: tuple[str | int, ...]
    name: str
    namespace: str | None
    labels: dict[str, str]
    annotations: dict[str, str]
    comments: dict[Component, str]
    spec: msgspec.Raw


class _Scan(msgspec.Struct, array_like=True):
    manifests: list[_Manifest]
    skipped: list[tuple[int | None, str, str]]
    engines: list[EngineObject]
    kustomization: Kustomization | None


class LazySpec(Mapping[str, Any]):
    """The `spec` of a stored InferenceService: decoded when it is first looked at."""

    __slots__ = ("_raw", "_value")

    def __init__(self, raw: msgspec.Raw) -> None:
        self._raw = raw
        self._value: dict[str, Any] | None = None

    def _data(self) -> dict[str, Any]:
        if self._value is None:
            self._value = msgspec.msgpack.decode(self._raw, type=dict[str, Any])
        return self._value

    def __getitem__(self, key: str) -> Any:
        return self._data()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data())

    def __len__(self) -> int:
        return len(self._data())

    def __repr__(self) -> str:
        return repr(self._data())


def encode(scan: FileScan) -> bytes:
    """The stored form of a scan."""
    manifests = [
        _Manifest(
            one.source.document,
            one.source.line,
            one.source.pointer,
            one.name,
            one.namespace,
            dict(one.labels),
            dict(one.annotations),
            dict(one.comments),
            msgspec.Raw(msgspec.msgpack.encode(one.spec)),
        )
        for one in scan.manifests
    ]
    skipped = [(one.line, one.reason, one.message) for one in scan.skipped]
    return msgspec.msgpack.encode(_Scan(manifests, skipped, list(scan.engines), scan.kustomization))


EMPTY = encode(FileScan())


def decode(data: bytes | msgspec.Raw, path: str) -> FileScan:
    """The scan of the file at `path`; `msgspec.MsgspecError` where the bytes are not a stored scan."""
    scan = _decoder().decode(data)
    return FileScan(
        tuple(
            Manifest(
                Source(path, one.document, one.line, one.pointer),
                one.name,
                one.namespace,
                LazySpec(one.spec),
                one.labels,
                one.annotations,
                one.comments,
            )
            for one in scan.manifests
        ),
        tuple(Skipped(path, line, reason, message) for line, reason, message in scan.skipped),
        tuple(_at(path, engine) for engine in scan.engines),
        scan.kustomization,
    )


def _at(path: str, engine: EngineObject) -> EngineObject:
    return replace(engine, source=replace(engine.source, path=path))


@cache
def _decoder() -> "msgspec.msgpack.Decoder[_Scan]":
    return msgspec.msgpack.Decoder(_Scan)
