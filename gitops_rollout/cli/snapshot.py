"""`gitops-rollout snapshot`: what a cluster shows now, as a file that decides the same later."""

import sys

import click

from gitops_rollout.cli.options import LiveSourceOption, examples
from gitops_rollout.model.errors import UsageError


@click.command(
    epilog=examples(
        "gitops-rollout snapshot --live prod=kube:prod-eu > prod.json",
        "gitops-rollout plan --live prod=snapshot:prod.json",
    )
)
@click.option(
    "--live",
    type=LiveSourceOption(),
    required=True,
    envvar="GITOPS_ROLLOUT_LIVE",
    show_envvar=True,
    help="The cluster: CLUSTER=kube:CONTEXT, or CLUSTER=kube: for the pod's own or the current context.",
)
def command(live: tuple[str, str]) -> None:
    """Write what a cluster shows to stdout, with its instant, for `--live CLUSTER=snapshot:FILE`.

    It holds the InferenceServices, Knative Services and Revisions whole, with whatever stands in their specs.
    """
    from gitops_rollout.cli.output import note
    from gitops_rollout.cluster.kube import KubeSource
    from gitops_rollout.cluster.sources import open_source

    source = open_source(*live)
    if not isinstance(source, KubeSource):
        raise UsageError(f"--live {'='.join(live)} is no cluster to be recorded", "give CLUSTER=kube:CONTEXT")
    recording, notes = source.record()
    recording.write(sys.stdout.buffer)
    for line in notes:
        note(line)
    seen_at = recording.seen_at.isoformat() if recording.seen_at else "an unknown instant"
    note(f"{source.name}: {len(recording)} objects, seen at {seen_at}")
