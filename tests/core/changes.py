"""Made-up changes for tests of what is said and done about them."""

import zlib

from gitops_rollout.model.change import Change, Identity
from gitops_rollout.model.decision import Action, Decision, Reason
from gitops_rollout.model.observation import RevisionRef
from gitops_rollout.model.targets import Component, Source, TargetKey

PREDICTOR = Component.PREDICTOR


def a_decision(
    action: str = "promote", reason: str = "soaked", to: int | None = None, candidate: str = "score-predictor-00002"
) -> Decision:
    """A decision about the predictor of one target; uids follow from the revisions' names."""
    return Decision(
        action=Action(action),
        reason=Reason(reason),
        message="the canary has soaked",
        from_percents={PREDICTOR: 10},
        to_percents={PREDICTOR: to},
        candidate={PREDICTOR: RevisionRef(candidate, f"uid-{candidate[-5:]}".strip() or "uid", "3f9c1b2d4e5f")},
        baseline={PREDICTOR: RevisionRef("score-predictor-00001", "uid-00001", "aaaaaaaaaaaa")},
        marker_models={PREDICTOR: "3f9c1b2d4e5f"} if action == "rollback" else {},
    )


def a_change(
    action: str = "promote",
    to: int | None = None,
    base: str = "b" * 40,
    candidate: str = "score-predictor-00002",
    name: str = "score",
    touched: str = "a" * 40,
) -> Change:
    """A change of one target in one file; its id follows from its identity, as in the product."""
    decision = a_decision(action, to=to, candidate=candidate)
    word = f"step-{to}" if action == "step" else action
    revisions = tuple(sorted(r.uid or r.name for r in (*decision.candidate.values(), *decision.baseline.values())))
    identity = Identity(f"prod/fraud/{name}", decision.action, ((PREDICTOR, to),), revisions, touched)
    digest = f"{zlib.crc32(repr(identity).encode()):08x}"
    return Change(
        identity=identity,
        id=digest,
        branch=f"gitops-rollout/prod/fraud/{name}/{word}-{digest}",
        source=Source(f"clusters/prod/{name}.yaml", 0, 1),
        targets=(TargetKey("prod", "fraud", name),),
        decision=decision,
        base_branch="main",
        base_commit=base,
        models={PREDICTOR: "3f9c1b2d4e5f"},
    )
