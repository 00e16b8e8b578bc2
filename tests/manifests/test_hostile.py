"""Inputs that are made to hang, recurse or eat memory are refused at once."""

import resource
import subprocess
import sys
import time

import pytest

from gitops_rollout.manifests.batch import Wanted, edit_file
from gitops_rollout.manifests.scan import scan_file
from tests.manifests.samples import service

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + chr(ord(name) - 1)] * 10)}]\n" for name in "bcdefghijklmnop"
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (service() + "    x: " + "[" * 4_000_000, "too-deep"),
        (service() + "    x: " + "{a: " * 1_000_000, "too-deep"),
        (service() + "---\n" + "- " * 2_000_000, "too-deep"),
        (service() + "---\n" + BOMB + service(), "alias"),
        (service() + "---\n" + "- x\n" * 600_000, "too-large"),
        (service() + "    x: " + "a" * 4_000_000 + ": ]", "unparsable"),
        (service() + "---\na: &a\n  b: *a\n", "alias"),
    ],
    ids=["brackets", "braces", "dashes", "bomb", "many", "long", "circle"],
)
def test_it_ends_soon(text: str, reason: str) -> None:
    started = time.process_time()
    data = text.encode()
    (skipped,) = scan_file("x.yaml", data).skipped
    assert skipped.reason == reason
    (outcome,) = edit_file("x.yaml", data, Wanted(5)).outcomes
    assert (outcome.outcome, outcome.reason) == ("refused", reason)
    assert time.process_time() - started < 30


def test_a_long_file_is_skipped_unread() -> None:
    data = service().encode() + b"#" * 100_000_000
    started = time.process_time()
    (skipped,) = scan_file("x.yaml", data, limit=5_000_000).skipped
    assert skipped.reason == "too-large"
    assert time.process_time() - started < 1


def test_memory_stays_small() -> None:
    scan = "from gitops_rollout.manifests.scan import scan_file; scan_file('x', sys.stdin.buffer.read())"
    program = f"import sys; {scan}"
    limit = 700_000_000

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    for text in (service() + "---\n" + BOMB, service() + "---\n" + "- x\n" * 1_000_000):
        done = subprocess.run([sys.executable, "-c", program], input=text.encode(), preexec_fn=restrict, check=False)
        assert done.returncode == 0
