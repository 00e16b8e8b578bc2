"""Engines in a run from a snapshot: the repository's own history tells what they have reached; doctor names them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_rollout.model.checkup import Level
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.plan import TargetReport
from gitops_rollout.reconcile.engines.checkup import engine_findings
from gitops_rollout.reconcile.explain import explain_target
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import plan
from gitops_rollout.report.explanation import explanation_text
from gitops_rollout.report.status import to_status
from tests.core.test_delivery import argo, engines, flux
from tests.engines import application
from tests.traces import load
from tests.worlds import POLICY, Place, make_place

TEXT = "version: 1\nmode: propose\nclusters: [{name: prod}]\nforge: {kind: local}\ndefaults: {steps: [10, 50]}\n"
SCENARIO = load("A")
NOW = SCENARIO.resting(SCENARIO.steps[1]).at + timedelta(hours=2)


class Told:
    """A repository with the canary of the recorded scenario, and commits of other things around it."""

    def __init__(self, root: Path) -> None:
        self.place: Place = make_place(root)
        self.cache = root / "cache"
        self.commits: dict[str, str] = {}
        self.commit("v1", {POLICY: TEXT, "clusters/prod/iris.yaml": self.text(0)}, 6)
        self.commit("before", {"notes.txt": "one"}, 5)
        self.commit("canary", {"clusters/prod/iris.yaml": self.text(1)}, 4)
        self.commit("after", {"notes.txt": "two"}, 3)

    def text(self, step: int) -> str:
        return yaml.safe_dump(SCENARIO.steps[step].manifest, sort_keys=False)

    def commit(self, name: str, files: dict[str, str], hours: int) -> None:
        self.commits[name] = self.place.commit(dict(files), name, NOW - timedelta(hours=hours))

    def target(self, live: int, *found: dict[str, Any]) -> TargetReport:
        """What a plan says with the cluster at a step of the scenario."""
        (target,) = plan(open_world(self.request(live, *found), self.cache)).targets
        return target

    def request(self, live: int, *found: dict[str, Any]) -> Request:
        items = [*SCENARIO.resting(SCENARIO.steps[live]).items, *found]
        path = self.place.root / "live.json"
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        return Request(
            repo=str(self.place.remote), now=NOW, replayed=True, live=(("prod", f"snapshot:{path}"),), forge="local"
        )

    def argo(self, commit: str, **changes: Any) -> dict[str, Any]:
        return application(seen=commit, applied=commit, url=str(self.place.remote), **changes)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


@pytest.mark.parametrize(
    ("at", "reached"),
    [("v1", "no"), ("before", "no"), ("canary", "yes"), ("after", "yes")],
)
def test_any_commit_from_the_last_change_on_has_reached_the_target(told: Told, at: str, reached: str) -> None:
    target = told.target(1, told.argo(told.commits[at]))
    assert target.delivery is not None
    assert target.delivery.reached == reached
    assert (target.decision.action == "step") is (reached == "yes")


def test_a_commit_that_this_repository_does_not_have_tells_nothing(told: Told) -> None:
    target = told.target(1, told.argo("e" * 40))
    assert target.delivery is not None
    assert target.delivery.reached == "unknown"
    assert target.decision.action == "step"


def test_a_commit_above_the_base_has_reached_it(told: Told) -> None:
    request = told.request(1, told.argo(told.commits["after"]))
    world = open_world(request, told.cache)  # the run has read its base; meanwhile main moves on, and is synced
    told.commit("later", {"notes.txt": "three"}, 2)
    told.request(1, told.argo(told.commits["later"]))
    (target,) = plan(world).targets
    assert target.delivery is not None
    assert target.delivery.reached == "yes"


def test_a_hub_that_was_seen_too_long_ago_is_not_asked(told: Told) -> None:
    stuck = told.argo(told.commits["before"], status="OutOfSync", spec={"destination": {"name": "prod-eu"}})
    hub = told.place.root / "hub.json"
    hub.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [stuck]}))
    prod, other = "{name: prod, paths: ['clusters/**'], destinations: [prod-eu]}", "{name: hub, paths: ['hub/**']}"
    text = TEXT.replace("{name: prod}", f"{prod}, {other}")
    for age, action in ((timedelta(minutes=1), "hold"), (timedelta(hours=1), "step")):
        request = told.request(1)
        live = (*request.live, ("hub", f"snapshot:{hub}@{(NOW - age).isoformat()}"))
        request = replace(request, live=live, try_config=("tried.yaml", text.encode()))
        report = plan(open_world(request, told.cache))
        (target,) = (one for one in report.targets if one.key.cluster == "prod")
        assert target.decision.action == action, target.decision.message


def test_explain_says_what_the_engine_says(told: Told) -> None:
    stuck = told.argo(told.commits["before"], automated=None, status="OutOfSync")
    explained = explain_target(open_world(told.request(0, stuck), told.cache), "prod/trace-a/iris")
    text = explanation_text(explained.target, explained.components)
    assert "hold (engine-paused)" in text
    assert "engine: Argo CD Application argocd/models has not applied" in text
    assert "row 5, hold (engine-paused)" in text
    without = explain_target(open_world(told.request(1), told.cache), "prod/trace-a/iris")
    assert "engine: none is known for it" in explanation_text(without.target, without.components)


def test_status_has_a_word_for_the_engine(told: Told) -> None:
    for commit, changes, word in (
        ("after", {}, "applied"),
        ("before", {}, "waiting"),
        ("after", {"automated": None}, "paused"),
        ("after", {"conditions": (("ComparisonError", "no such path"),)}, "failed"),
    ):
        report = plan(open_world(told.request(1, told.argo(told.commits[commit], **changes)), told.cache))
        head, row, *_ = to_status(report, wide=True).splitlines()
        assert row[head.index("engine") :].split()[0] == word
    bare = plan(open_world(told.request(1), told.cache))
    assert "engine" not in to_status(bare, wide=True).splitlines()[0]


def test_that_an_engine_is_paused_is_said_once(told: Told) -> None:
    paused = told.target(1, told.argo(told.commits["after"], automated=None))
    said = "; ".join([paused.decision.message, *paused.notes])
    assert said.count("argocd/models") == 1


def test_doctor_names_engines_that_would_not_bring_a_merge() -> None:
    ignored = {"group": "serving.kserve.io", "kind": "InferenceService", "jsonPointers": ["/spec/predictor"]}
    found = engines(
        argo("good"),
        argo("by-hand", automated=None),
        argo("broken", conditions=(("ComparisonError", "no such path"),)),
        argo("blind", spec={"ignoreDifferences": [ignored]}),
        argo("not-ours", services=(), automated=None),
        flux("suspended", suspend=True),
    )
    view = LiveView("prod", datetime(2026, 1, 1, tzinfo=UTC), engines=tuple(found))
    first, *rest = engine_findings(view, NOW)
    assert (first.level, first.message) == (Level.OK, "prod: 5 Argo CD Applications, 1 Flux Kustomization seen")
    assert {finding.level for finding in rest} == {Level.WARN}
    assert all(finding.hint for finding in rest)
    told = "\n".join(finding.message for finding in rest)
    for words in (
        "argocd/blind, which manages 1 InferenceService, ignores differences of canaryTrafficPercent",
        "argocd/broken, which manages 1 InferenceService, fails: ComparisonError: no such path",
        "argocd/by-hand, which manages 1 InferenceService, has auto-sync off",
        "flux-system/suspended, which manages 1 InferenceService, is paused: it is stopped (spec.suspend)",
    ):
        assert words in told
    assert len(rest) == 4
    assert engine_findings(LiveView("prod", None), NOW) == []
