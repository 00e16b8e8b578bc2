"""The names of a proposal: equal decisions about the same revisions get the same branch, whenever they are made."""

import hashlib
import json
from collections.abc import Sequence

from gitops_rollout.model.change import Identity
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.targets import Source, TargetKey

PREFIX = "gitops-rollout"


def change_name(source: Source, keys: Sequence[TargetKey]) -> str:
    """`<cluster>/<namespace>/<name>`, or `shared-<8 hex>` in the cluster's place where one document feeds several.

    Targets that differ in more than the cluster (one base in two namespaces) are named by the first of them.
    """
    first = min(keys)
    cluster = first.cluster if len(set(keys)) == 1 else f"shared-{_hex(source.path, source.document, *source.pointer)}"
    return f"{cluster}/{_ref_part(first.namespace)}/{_ref_part(first.name)}"


def identify(change: str, decision: Decision, touched: str | None) -> Identity:
    """What a decision's proposal is about; `touched` is the last base commit that touched any of its targets.

    The uids (where unknown, the names) of the candidates and baselines belong to it, so that a name used again after a
    Knative Service was deleted is another proposal.
    """
    revisions = [
        f"{kind}:{component}:{revision.uid or revision.name}"
        for kind, found in (("candidate", decision.candidate), ("baseline", decision.baseline))
        for component, revision in found.items()
    ]
    percents = tuple(sorted(decision.to_percents.items()))
    return Identity(change, decision.action, percents, tuple(sorted(revisions)), touched)


def identity_id(identity: Identity) -> str:
    """8 hex digits over everything that a proposal is about."""
    percents = [[str(component), percent] for component, percent in identity.percents]
    return _hex(identity.change, str(identity.action), percents, list(identity.revisions), identity.touched)


def branch_name(identity: Identity) -> str:
    """`gitops-rollout/<change>/<action>-<id>`, for a step `step-<percent>-<id>`: a valid name of a Git ref."""
    action = str(identity.action)
    if identity.action is Action.STEP:
        action = f"{action}-{min(percent or 0 for _, percent in identity.percents)}"
    return f"{PREFIX}/{identity.change}/{action}-{identity_id(identity)}"


def _ref_part(text: str) -> str:
    """A Kubernetes name as part of a ref: those are valid, anything else becomes a digest of itself."""
    is_plain = bool(text) and all(sign.isascii() and (sign.isalnum() or sign in "-.") for sign in text)
    if is_plain and len(text) <= 253 and ".." not in text and not text.startswith((".", "-")):
        return f"x{_hex(text)}" if text.endswith((".", ".lock")) else text
    return f"x{_hex(text)}"


def _hex(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
