"""A process that scans files for another: chunks of files in on standard input, stored scans out on standard output.

Each message is its length (4 bytes, big endian) and MessagePack. A chunk is `[limit, [[path, data], …]]`, its answer
the list of stored scans in the same order.
"""

import gc
import sys
from typing import IO

import msgspec

from gitops_rollout.manifests import stored
from gitops_rollout.manifests.scan import scan_file

Chunk = tuple[int, list[tuple[str, bytes]]]


def write(stream: IO[bytes], message: object) -> None:
    """Send one message."""
    data = msgspec.msgpack.encode(message)
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


def read(stream: IO[bytes]) -> bytes | None:
    """The next message, None where there is none or only a part of one."""
    length = int.from_bytes(stream.read(4), "big")
    data = stream.read(length)
    return data if length and len(data) == length else None


def scan_chunk(limit: int, files: list[tuple[str, bytes]]) -> list[bytes]:
    """The stored scans of some files."""
    return [stored.encode(scan_file(path, data, limit=limit)) for path, data in files]


def main() -> None:
    """Answer until standard input ends."""
    gc.freeze()
    gc.disable()  # plain data has no cycles, and the process is short-lived
    while (message := read(sys.stdin.buffer)) is not None:
        limit, files = msgspec.msgpack.decode(message, type=Chunk)
        write(sys.stdout.buffer, scan_chunk(limit, files))


if __name__ == "__main__":
    main()
