"""The comment for each change: made from what this run saw, once it is known what becomes of its pull request."""

from collections.abc import Sequence

from gitops_rollout.core.lifecycle.verdicts import Verdict
from gitops_rollout.reconcile.assemble import target_report
from gitops_rollout.reconcile.decision.documents import Document
from gitops_rollout.reconcile.decision.judged import Judged
from gitops_rollout.report.evidence import Seen, evidence_comment
from gitops_rollout.report.templates import Templates


class Evidence:
    """Gives the comment for a verdict; None for a change that this run knows nothing of."""

    def __init__(self, documents: Sequence[Document], templates: Templates) -> None:
        self._documents = {document.standing.change: document for document in documents}
        self._templates = templates

    def __call__(self, verdict: Verdict) -> str | None:
        """The whole text, with its hidden line. `RolloutError` where the template cannot be rendered."""
        document = self._documents.get(verdict.change)
        if document is None:
            return None
        seen = [_seen(judged) for judged in document.targets]
        return evidence_comment(seen, verdict.reason, verdict.message, self._templates)


def _seen(judged: Judged) -> Seen:
    observed = judged.observation.components if judged.observation else {}
    soaked = {component: one.soaked_at for component, one in observed.items() if one.soaked_at is not None}
    return Seen(target_report(judged, judged.outcome, None, None, None), soaked)
