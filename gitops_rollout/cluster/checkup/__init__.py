"""A checkup of one cluster: the rights that are missing, what runs there, and the settings that matter to rollouts."""

from gitops_rollout.cluster.checkup.asking import Asked
from gitops_rollout.cluster.checkup.rights import missing_rights
from gitops_rollout.cluster.checkup.settings import settings_that_matter
from gitops_rollout.cluster.checkup.versions import versions
from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.errors import SourceError
from gitops_rollout.model.reach import Reach


def examine(name: str, context: str | None, reach: Reach) -> list[Finding]:
    """What is found in a cluster, as far as it answers; nothing is written there."""
    from gitops_rollout.cluster.kubeconfig import connect

    findings: list[Finding] = []
    try:
        connection = connect(context, reach.seconds)
        try:
            asked = Asked(name, connection)
            for check in (versions, lambda one: missing_rights(one, reach), settings_that_matter):
                findings += check(asked)
        finally:
            connection.close()
    except SourceError as error:
        findings.append(Finding("cluster", Level.ERROR, f"{name}: {error.message}", error.hint))
    return findings
