"""`gitops-rollout kserve`: what KServe itself would do, line by line."""

import sys
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import BinaryIO, cast

import click

CHUNK = 1 << 16


@click.group(name="kserve")
def command() -> None:
    """What KServe itself would do with a status: JSON Lines in, one answer for each line out."""


@command.command()
@click.option(
    "--rules",
    type=click.Choice(["v0.9", "v0.8"]),
    default="v0.9",
    show_default=True,
    help="v0.9 to v0.20 and later, or v0.8 and older.",
)
def track(rules: str) -> None:
    """The next status of a component, from its previous one and its Knative Service's status.

    A line holds `component`, `previous` (the InferenceService's status.components.<component>) and `service` (the
    Knative Service's status). What KServe would leave out of its answer is left out.

    \b
    Example:
      echo '{"component": "predictor", "service": {"latestReadyRevisionName": "a-00001"}}' |
        gitops-rollout kserve track
    """
    from gitops_rollout.cluster.lines import track_line
    from gitops_rollout.core.tracking import Rules

    chosen = Rules(rules)
    _answer(_questions(), sys.stdout.buffer, lambda line: track_line(line, chosen))


@command.command()
def traffic() -> None:
    """The Knative traffic that KServe asks for, from a percent, a component's status and annotations.

    A line holds `percent` (canaryTrafficPercent), `status` (the InferenceService's status.components.<component>) and
    `annotations` (the InferenceService's).

    \b
    Example:
      echo '{"percent": 10, "status": {"latestRolledoutRevision": "a-00001"}}' | gitops-rollout kserve traffic
    """
    from gitops_rollout.cluster.lines import traffic_line

    _answer(_questions(), sys.stdout.buffer, traffic_line)


def _questions() -> BufferedReader:
    return cast(BufferedReader, sys.stdin.buffer)


def _answer(questions: BufferedReader, answers: BinaryIO, reply: Callable[[bytes], bytes]) -> None:
    """Answer what has arrived before waiting for more, so that a caller may also ask line by line."""
    for lines in _arrived(questions):
        answers.write(b"".join([reply(line) + b"\n" for line in lines]))
        answers.flush()


def _arrived(stream: BufferedReader) -> Iterator[list[bytes]]:
    """Whole lines as they come in; the last one may lack its end."""
    begun: list[bytes] = []  # pieces of a line whose end has not come yet
    while chunk := stream.read1(CHUNK):
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = b"".join([*begun, lines[0]])
            begun = []
            yield lines
        if rest:
            begun.append(rest)
    if begun:
        yield [b"".join(begun)]
