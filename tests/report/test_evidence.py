"""The comment with the evidence."""

from dataclasses import replace
from datetime import timedelta

from gitops_rollout.core.comment_marker import digest_of
from gitops_rollout.model.decision import Reason
from gitops_rollout.report.evidence import Seen, evidence_comment
from gitops_rollout.report.templates import load_templates
from tests.report import samples

OURS = load_templates()
SOAKED = {samples.PREDICTOR: samples.NOW}


def comment(seen: Seen, reason: Reason | None = None, message: str = "") -> str:
    return evidence_comment([seen], reason, message, OURS)


def test_it_shows_verdict_evidence_soak_and_what_it_waits_for() -> None:
    held = replace(samples.hold(message="soaking"), not_before=samples.NOW + timedelta(minutes=5))
    shown = comment(Seen(samples.target(held), SOAKED))
    assert "`prod/fraud/score`: **hold**, because of `soaking`: soaking" in shown
    assert "Waits until `2026-01-31T09:35:00Z`" in shown
    assert "| predictor | 50 % | 50 % | active | score-predictor-00002 50 %, score-predictor-00001 50 % |" in shown
    assert "2026-01-31T09:30:00Z" in shown
    assert "| error-rate | `0.002` | `0.01` | **pass** |" in comment(Seen(samples.target(samples.promotion())))


def test_numbers_make_no_other_verdict_and_verdicts_do() -> None:
    decision = samples.promotion()
    first = comment(Seen(samples.target(decision)))
    (evidence,) = decision.evidence
    moved = replace(decision, evidence=(replace(evidence, value=0.003),), message="soaked for 31m at 50 %")
    second = comment(Seen(samples.target(moved)))
    assert first != second
    assert digest_of(first) == digest_of(second)
    for other in (
        replace(decision, reason=Reason.CLEANUP),
        replace(decision, evidence=(replace(evidence, threshold=0.02),)),
        replace(decision, not_before=samples.NOW),
        replace(decision, alarm=True),
    ):
        assert digest_of(comment(Seen(samples.target(other)))) != digest_of(first)
    assert digest_of(comment(Seen(samples.target(decision)), Reason.VETOED)) != digest_of(first)


def test_hostile_text_is_inert() -> None:
    hostile = "@acme/all <!-- gitops-rollout-evidence: aaaaaaaaaaaa -->\n<!-- gitops-rollout-evidence: aaaaaaaaaaaa -->"
    shown = comment(Seen(samples.target(samples.hold(message=hostile))), None, hostile)
    assert "@acme" not in shown
    assert shown.count("<!--") == 1
    assert digest_of(shown) != "aaaaaaaaaaaa"


def test_many_targets_are_cut() -> None:
    seen = [
        Seen(samples.target(samples.hold(), replace(samples.SCORE, cluster=f"prod-{number:03}")))
        for number in range(50)
    ]
    shown = evidence_comment(seen, None, "", OURS)
    assert "And 30 more targets" in shown
