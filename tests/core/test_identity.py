import re
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_rollout.core.identity import branch_name, change_name, identify, identity_id
from gitops_rollout.model.change import Identity
from gitops_rollout.model.decision import Action, Decision, Reason
from gitops_rollout.model.observation import RevisionRef
from gitops_rollout.model.targets import Component, Source, TargetKey

PREDICTOR = Component.PREDICTOR
SOURCE = Source("base/score.yaml", 0, 1)
KEY = TargetKey("prod", "fraud", "score")
STEP = Decision(
    Action.STEP,
    Reason.SOAKED,
    "",
    from_percents={PREDICTOR: 10},
    to_percents={PREDICTOR: 25},
    candidate={PREDICTOR: RevisionRef("score-predictor-00002", "uid-2", "m")},
    baseline={PREDICTOR: RevisionRef("score-predictor-00001", "uid-1", "m")},
)
IDENTITY = identify("prod/fraud/score", STEP, "a" * 40)


def test_a_change_is_named_by_its_target() -> None:
    assert change_name(SOURCE, [KEY]) == "prod/fraud/score"


def test_a_change_of_several_clusters_is_named_by_its_document() -> None:
    keys = [TargetKey("staging", "fraud", "score"), KEY]
    name = change_name(SOURCE, keys)
    assert re.fullmatch(r"shared-[0-9a-f]{8}/fraud/score", name)
    assert name == change_name(SOURCE, keys[::-1])
    assert name != change_name(replace(SOURCE, document=1), keys)
    assert name != change_name(replace(SOURCE, path="other.yaml"), keys)
    assert name != change_name(replace(SOURCE, pointer=("items", 1)), keys)
    assert name == change_name(replace(SOURCE, line=9), keys)


def test_branches_are_named_as_promised() -> None:
    assert re.fullmatch(r"gitops-rollout/prod/fraud/score/step-25-[0-9a-f]{8}", branch_name(IDENTITY))
    for action in ("promote", "rollback", "start"):
        name = branch_name(replace(IDENTITY, action=Action(action)))
        assert re.fullmatch(rf"gitops-rollout/prod/fraud/score/{action}-[0-9a-f]{{8}}", name)


@pytest.mark.parametrize(
    "other",
    [
        replace(IDENTITY, change="prod/fraud/other"),
        replace(IDENTITY, action=Action.PROMOTE),
        replace(IDENTITY, percents=((PREDICTOR, 50),)),
        replace(IDENTITY, percents=((Component.TRANSFORMER, 25),)),
        replace(IDENTITY, touched="b" * 40),
        replace(IDENTITY, touched=None),
        identify(
            "prod/fraud/score",
            replace(STEP, candidate={PREDICTOR: RevisionRef("score-predictor-00002", "uid-9")}),
            "a" * 40,
        ),
        identify(
            "prod/fraud/score",
            replace(STEP, baseline={PREDICTOR: RevisionRef("score-predictor-00001", "uid-9")}),
            "a" * 40,
        ),
    ],
)
def test_whatever_a_proposal_is_about_changes_its_id(other: Identity) -> None:
    assert identity_id(other) != identity_id(IDENTITY)


def test_words_do_not_change_the_id() -> None:
    other = identify("prod/fraud/score", replace(STEP, message="something else", reason=Reason.NO_DATA), "a" * 40)
    assert identity_id(other) == identity_id(IDENTITY)
    assert re.fullmatch(r"[0-9a-f]{8}", identity_id(IDENTITY))


def test_a_revision_without_a_uid_counts_by_name() -> None:
    unknown = replace(STEP, candidate={PREDICTOR: RevisionRef("score-predictor-00002")})
    assert "candidate:predictor:score-predictor-00002" in identify("c", unknown, None).revisions


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_name_gives_a_valid_ref(namespace: str, name: str) -> None:
    made = branch_name(replace(IDENTITY, change=change_name(SOURCE, [TargetKey("prod", namespace, name)])))
    parts = made.split("/")
    assert len(parts) == 5
    for part in parts:
        assert re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9.]*", part)
        assert len(part) <= 253
        assert ".." not in part
        assert not part.endswith((".", ".lock"))


@pytest.mark.parametrize("name", ["a.lock", "a..b", ".a", "a.", "-a", "a b", "ü", "", "a" * 254, "a/b", "@{", "ok-1.2"])
def test_git_itself_accepts_the_names(name: str) -> None:
    made = branch_name(replace(IDENTITY, change=change_name(SOURCE, [TargetKey("prod", "ns", name)])))
    assert (
        subprocess.run(["git", "check-ref-format", "--branch", made], capture_output=True, check=False).returncode == 0
    )
    assert (name in made.split("/")) is (name == "ok-1.2")
