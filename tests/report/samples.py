"""Reports and changes for the tests of this room."""

from datetime import UTC, datetime

from gitops_rollout.model.change import Change, Did, Identity, PullReport, PullState
from gitops_rollout.model.decision import Action, Decision, Phase, Reason
from gitops_rollout.model.live import ComponentStatus, TrafficTarget
from gitops_rollout.model.observation import Evidence, RevisionRef, RevisionState, Verdict
from gitops_rollout.model.plan import ChangeReport, ComponentReport, RunReport, TargetReport
from gitops_rollout.model.targets import Component, Skipped, Source, TargetKey

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
SCORE = TargetKey("prod", "fraud", "score")
PREDICTOR = Component.PREDICTOR
DIFF = """--- a/clusters/prod/score.yaml
+++ b/clusters/prod/score.yaml
@@ -6,3 +6,2 @@
 spec:
   predictor:
-    canaryTrafficPercent: 50
"""


def hold(reason: Reason = Reason.SOAKING, message: str = "soaking", *, alarm: bool = False) -> Decision:
    return Decision(Action.HOLD, reason, message, alarm=alarm)


def promotion(message: str = "soaked for 30m at 50 %") -> Decision:
    return Decision(
        Action.PROMOTE,
        Reason.SOAKED,
        message,
        from_percents={PREDICTOR: 50},
        to_percents={PREDICTOR: None},
        candidate={PREDICTOR: RevisionRef("score-predictor-00002", "u2", "3f9c1b2d4e5f")},
        baseline={PREDICTOR: RevisionRef("score-predictor-00001", "u1", "0123456789ab")},
        evidence=(Evidence("error-rate", 0.002, 0.01, Verdict.PASS),),
    )


def rollback() -> Decision:
    return Decision(
        Action.ROLLBACK,
        Reason.CANARY_FAILED,
        "score-predictor-00002 failed",
        from_percents={PREDICTOR: 10},
        to_percents={PREDICTOR: 0},
        candidate={PREDICTOR: RevisionRef("score-predictor-00002", "u2", "3f9c1b2d4e5f")},
        baseline={PREDICTOR: RevisionRef("score-predictor-00001", "u1", None)},
        marker_models={PREDICTOR: "3f9c1b2d4e5f"},
    )


def component() -> ComponentReport:
    return ComponentReport(
        desired=50,
        live=50,
        phase=Phase.ACTIVE,
        tracking=ComponentStatus(
            latest_ready="score-predictor-00002",
            latest_created="score-predictor-00002",
            latest_rolledout="score-predictor-00001",
        ),
        traffic=(
            TrafficTarget("score-predictor-00002", True, 50),
            TrafficTarget("score-predictor-00001", None, 50, "prev"),
        ),
        revisions=(
            RevisionState("score-predictor-00002", "uid-2", NOW, True, 2, 1, {"cpu": "1", "nvidia.com/gpu": "1"}),
            RevisionState("score-predictor-00001", collectable_from=NOW),
        ),
        began=NOW,
    )


def target(decision: Decision, key: TargetKey = SCORE, error: str | None = None) -> TargetReport:
    changing = bool(decision.to_percents)
    return TargetReport(
        key=key,
        source=Source("clusters/prod/score.yaml", 0, 6),
        components={PREDICTOR: component()},
        decision=decision,
        change=ChangeReport("3f9c1b2a", "gitops-rollout/prod/fraud/score/promote-3f9c1b2a", None, DIFF)
        if changing
        else None,
        pull=PullReport(12, "https://git.example/pulls/12", PullState.OPEN, Did.CREATED) if changing else None,
        error=error,
    )


def report(*targets: TargetReport, skipped: tuple[Skipped, ...] = ()) -> RunReport:
    return RunReport("main", "a" * 40, NOW, targets=targets, skipped=skipped)


def change(decision: Decision, *targets: TargetKey, path: str = "clusters/prod/score.yaml") -> Change:
    return Change(
        identity=Identity("prod/fraud/score", decision.action, ((PREDICTOR, None),), ("u2", "u1"), "b" * 40),
        id="3f9c1b2a",
        branch="gitops-rollout/prod/fraud/score/promote-3f9c1b2a",
        source=Source(path, 0, 6),
        targets=targets or (SCORE,),
        decision=decision,
        base_branch="main",
        base_commit="a" * 40,
    )
