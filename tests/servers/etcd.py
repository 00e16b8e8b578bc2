"""The API server's storage: etcd, spoken to by its JSON gateway."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.http import answers, call
from tests.servers.processes import free_port, running

AT_ONCE = 100  # operations; etcd takes 128 in one transaction


@dataclass(frozen=True)
class Etcd:
    """A running etcd."""

    url: str

    def put(self, documents: Mapping[str, Any]) -> None:
        """Store documents by their keys as JSON, which is how an API server stores custom objects."""
        operations = [
            {"requestPut": {"key": text(key.encode()), "value": text(json.dumps(document).encode())}}
            for key, document in documents.items()
        ]
        for start in range(0, len(operations), AT_ONCE):
            body = {"success": operations[start : start + AT_ONCE]}
            assert call("POST", f"{self.url}/v3/kv/txn", body).ok()["succeeded"]

    def delete(self, key: str) -> None:
        """Remove one key."""
        call("POST", f"{self.url}/v3/kv/deleterange", {"key": text(key.encode())}).ok()

    def delete_below(self, prefix: str) -> None:
        """Remove every key that starts with `prefix`, which ends with a slash."""
        end = prefix.removesuffix("/") + "0"  # the character after the slash
        body = {"key": text(prefix.encode()), "range_end": text(end.encode())}
        call("POST", f"{self.url}/v3/kv/deleterange", body).ok()

    def compact(self) -> None:
        """Forget all older states, as an API server has etcd do every few minutes."""
        # The newest state is always kept: only with one after it is the state that somebody may be reading older.
        written = call("POST", f"{self.url}/v3/kv/put", {"key": text(b"/newer"), "value": ""}).ok()
        body = {"revision": written["header"]["revision"], "physical": True}
        call("POST", f"{self.url}/v3/kv/compaction", body).ok()


def text(raw: bytes) -> str:
    """The gateway's spelling of bytes."""
    return b64encode(raw).decode()


@contextmanager
def serve(program: Path, folder: Path) -> Iterator[Etcd]:
    """Run etcd in an empty folder until the block ends."""
    url, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    command = [
        str(program),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
    ]
    with running(command, folder=folder, ready=lambda: answers(f"{url}/health")):
        yield Etcd(url)
