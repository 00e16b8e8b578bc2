"""Scans many files: here while they are few, in processes beside this one when they are many."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import chain
from threading import local

import msgspec

from gitops_rollout.manifests import worker

File = tuple[str, bytes]
CHUNK_BYTES = 400_000
MOST_WORKERS = 4


def scan_files(files: Iterable[File], limit: int) -> Iterator[tuple[str, bytes]]:
    """Path and stored scan of each file, in order; files come as path and bytes. At most a few chunks are in memory."""
    chunks = _chunks(files)
    first, second = next(chunks, None), next(chunks, None)
    if first is None:
        return
    processes = min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    if second is None or processes < 2:
        for chunk in chain([first], [second] if second else [], chunks):
            yield from _answer(chunk, worker.scan_chunk(limit, chunk))
        return
    with ExitStack() as stack:
        pool = _Pool(stack)
        threads = stack.enter_context(ThreadPoolExecutor(processes))
        waiting: deque[tuple[list[File], Future[list[bytes]]]] = deque()
        for chunk in chain([first, second], chunks):
            waiting.append((chunk, threads.submit(pool.scan, limit, chunk)))
            if len(waiting) > 2 * processes:
                done, future = waiting.popleft()
                yield from _answer(done, future.result())
        for chunk, future in waiting:
            yield from _answer(chunk, future.result())


def _answer(chunk: list[File], scans: list[bytes]) -> Iterator[tuple[str, bytes]]:
    for (path, _), scan in zip(chunk, scans, strict=True):
        yield path, scan


def _chunks(files: Iterable[File]) -> Iterator[list[File]]:
    chunk: list[File] = []
    size = 0
    for path, data in files:
        chunk.append((path, data))
        size += len(data)
        if size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class _Pool:
    """One worker process for each thread that asks, started when it first does, ended with the stack."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._own = local()

    def scan(self, limit: int, chunk: list[File]) -> list[bytes]:
        """Have a chunk scanned; here, where no worker can be started or the worker has died."""
        process = self._process()
        try:
            if process is not None and process.stdin is not None and process.stdout is not None:
                worker.write(process.stdin, (limit, chunk))
                answer = worker.read(process.stdout)
                if answer is not None:
                    return msgspec.msgpack.decode(answer, type=list[bytes])
        except OSError:
            self._own.process = None
        return worker.scan_chunk(limit, chunk)

    def _process(self) -> "subprocess.Popen[bytes] | None":
        if not hasattr(self._own, "process"):
            self._own.process = self._start()
        process: subprocess.Popen[bytes] | None = self._own.process
        return process

    def _start(self) -> "subprocess.Popen[bytes] | None":
        command = [sys.executable, "-m", worker.__name__]
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            return None
        self._stack.callback(_end, process)
        return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # what a dead worker did not take is lost with it, and was scanned here
                stream.close()
    process.wait()
