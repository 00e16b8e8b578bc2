"""Single objects and access reviews of one cluster, as plain data."""

from dataclasses import dataclass
from typing import Any

import msgspec

from gitops_rollout.cluster.connection import Connection, Refused
from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.errors import SourceError

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True)
class Right:
    """A verb on a kind, of one name where it is not empty, in one namespace or (None) in all."""

    verb: str
    group: str
    resource: str
    name: str = ""
    namespace: str | None = None

    @property
    def rule(self) -> str:
        """The rule that gives it."""
        names = f', resourceNames: ["{self.name}"]' if self.name else ""
        return f'{{apiGroups: ["{self.group}"], resources: ["{self.resource}"]{names}, verbs: ["{self.verb}"]}}'


@dataclass(frozen=True, slots=True)
class Asked:
    """A cluster that is asked: its name in the policy, and the connection."""

    name: str
    connection: Connection

    def finding(self, level: Level, message: str, hint: str | None = None) -> Finding:
        """One finding about this cluster."""
        return Finding("cluster", level, f"{self.name}: {message}", hint)

    def found(self, path: str) -> dict[str, Any] | int:
        """One object as plain data, or the status with which it was refused (404: it is not there)."""
        try:
            return _object(self.connection.get(path))
        except Refused as refused:
            return refused.status

    def may(self, right: Right) -> bool | None:
        """Whether these credentials have a right; None where the server does not say.

        A SelfSubjectAccessReview is a question: it is created, answered and kept nowhere (Kubernetes API reference,
        authorization.k8s.io/v1), and every authenticated user may ask it.
        """
        attributes = {
            "verb": right.verb,
            "group": right.group,
            "resource": right.resource,
            "name": right.name,
            "namespace": right.namespace or "",
        }
        question = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        try:
            answer = _object(self.connection.review(REVIEWS, question))
        except Refused as refused:
            if refused.status == 401:
                raise SourceError("the credentials were refused (401)", "they may have expired: log in anew") from None
            return None
        status = answer.get("status")
        return bool(status.get("allowed")) if isinstance(status, dict) else None


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError("the answer is no object", "is there a proxy in between?") from error
    return found if isinstance(found, dict) else {}
