"""`gitops-rollout snapshot`: what clusters show now, as files that decide the same later."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_rollout.cli.options import LiveSourceOption, examples
from gitops_rollout.model.errors import SourceError, UsageError

if TYPE_CHECKING:
    from gitops_rollout.cluster.kube import KubeSource
    from gitops_rollout.cluster.recording import Recording
    from gitops_rollout.model.reach import Reach


@click.command(
    epilog=examples(
        "gitops-rollout snapshot --live prod=kube:prod-eu > prod.json",
        "gitops-rollout plan --live prod=snapshot:prod.json",
        "gitops-rollout snapshot --live eu=kube:prod-eu --live us=kube:prod-us --to snapshots",
    )
)
@click.option(
    "--live",
    type=LiveSourceOption(),
    multiple=True,
    required=True,
    envvar="GITOPS_ROLLOUT_LIVE",
    show_envvar=True,
    help="A cluster: CLUSTER=kube:CONTEXT, or CLUSTER=kube: for the pod's own or the current context. Repeatable.",
)
@click.option("--namespace", metavar="NAMESPACE", multiple=True, help="Only this namespace. Repeatable.")
@click.option(
    "--timeout", type=click.IntRange(min=1), default=60, show_default=True, metavar="SECONDS", help="For each."
)
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="One file a cluster there."
)
def command(live: tuple[tuple[str, str], ...], namespace: tuple[str, ...], timeout: int, to: Path | None) -> int:
    """Write what clusters show, each with its instant, for `--live CLUSTER=snapshot:FILE`.

    One cluster goes to stdout, several to a folder, as CLUSTER.json. A snapshot holds the InferenceServices, Knative
    Services, Revisions and engines' objects whole, with whatever stands in their specs, and says how far the reading
    went. Exit code 1 when a cluster could not be read; the others are written.
    """
    from gitops_rollout.cli.output import note
    from gitops_rollout.model.reach import Reach

    if to is None and len(live) > 1:
        raise UsageError("several clusters need a folder", "say which with --to FOLDER: each gets a file of its own")
    sources = [_source(one, Reach(namespace, {}, float(timeout))) for one in live]
    failed = False
    for source, told in zip(sources, _record(sources), strict=True):
        if isinstance(told, SourceError):
            if to is None:
                raise told
            failed = True
            note(f"{source.name}: {told.message}{f' ({told.hint})' if told.hint else ''}")
            continue
        recording, notes = told
        where = _write(source, recording, to)
        for line in notes:
            note(line if to is None else f"{source.name}: {line}")
        seen_at = recording.seen_at.isoformat() if recording.seen_at else "an unknown instant"
        note(f"{source.name}: {len(recording)} objects, seen at {seen_at}{where}")
    return 1 if failed else 0


def _source(live: tuple[str, str], reach: "Reach") -> "KubeSource":
    from gitops_rollout.cluster.kube import KubeSource
    from gitops_rollout.cluster.sources import open_source

    source = open_source(*live, reach)
    if not isinstance(source, KubeSource):
        raise UsageError(f"--live {'='.join(live)} is no cluster to be recorded", "give CLUSTER=kube:CONTEXT")
    return source


def _record(sources: list["KubeSource"]) -> list["tuple[Recording, tuple[str, ...]] | SourceError"]:
    """Every cluster at the same time, and what came of each."""
    from concurrent.futures import ThreadPoolExecutor

    def recorded(source: "KubeSource") -> "tuple[Recording, tuple[str, ...]] | SourceError":
        try:
            return source.record()
        except SourceError as error:
            return error

    with ThreadPoolExecutor(max_workers=len(sources)) as pool:
        return list(pool.map(recorded, sources))


def _write(source: "KubeSource", recording: "Recording", to: Path | None) -> str:
    """Write one snapshot, a file as a whole or not at all; says where it went."""
    if to is None:
        recording.write(sys.stdout.buffer)
        return ""
    path = to / f"{source.name}.json"
    whole = path.with_suffix(".json.part")
    try:
        to.mkdir(parents=True, exist_ok=True)
        with whole.open("wb") as stream:
            recording.write(stream)
        whole.replace(path)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", "give --to a folder that can be written") from error
    return f": --live {source.name}=snapshot:{path}"
