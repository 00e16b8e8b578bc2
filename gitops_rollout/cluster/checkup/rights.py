"""Which rights are missing, what each costs, and the rule that gives it; and rights that nobody asked for."""

from collections.abc import Iterator

from gitops_rollout.cluster.checkup.asking import Asked, Right
from gitops_rollout.cluster.config_maps import READ
from gitops_rollout.cluster.listing import KINDS
from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.reach import Reach

_WRITES = Right("patch", "serving.kserve.io", "inferenceservices")


def missing_rights(asked: Asked, reach: Reach) -> list[Finding]:
    """What a run reads and these credentials may not. A missing right that a run cannot do without is an error."""
    findings, count = [], 0
    for right, cost in needed(reach):
        allowed = asked.may(right)
        if allowed is None:
            message = "the server does not say which rights there are"
            return [asked.finding(Level.WARN, message, "allow `create` on selfsubjectaccessreviews, a question only")]
        count += 1
        if not allowed:
            findings.append(_missing(asked, right, cost))
    if not findings:
        findings.append(asked.finding(Level.OK, f"all {count} rights that a run uses are there"))
    if asked.may(_WRITES):
        hint = "take the rights of deploy/base/cluster-role.yaml: reading is enough"
        findings.append(asked.finding(Level.WARN, "these credentials may also change InferenceServices", hint))
    return findings


def needed(reach: Reach) -> Iterator[tuple[Right, str | None]]:
    """The rights that a run uses, each with what is lost without it; None where nothing can be judged."""
    for listed in KINDS:
        places = sorted(reach.namespaces) if reach.namespaces and listed.without is None else [None]
        for namespace in places:
            yield Right("list", listed.group, listed.plural, namespace=namespace), listed.without
    for one in READ:
        yield Right("get", "", "configmaps", one.name, one.namespace), one.without


def _missing(asked: Asked, right: Right, cost: str | None) -> Finding:
    where = f" in {right.namespace}" if right.namespace else ""
    what = f"{right.resource}.{right.group}" if right.group else f"the ConfigMap {right.name}"
    message = f"may not {right.verb} {what}{where}: {cost or 'nothing can be judged'}"
    role = "a Role there" if right.namespace else "its ClusterRole"
    return asked.finding(Level.ERROR if cost is None else Level.WARN, message, f"add to {role}: {right.rule}")
