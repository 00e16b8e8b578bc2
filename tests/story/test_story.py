"""From the first canary to its promotion, and from a failed one to the better model after it, with nothing simulated
but the nodes: Git, pull requests and the API server are real."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_rollout.model.decision import Action
from gitops_rollout.model.plan import RunReport
from gitops_rollout.reconcile.open import Request, open_world
from gitops_rollout.reconcile.run import reconcile
from gitops_rollout.reconcile.world import World
from tests.deploy.shipped import shipped_account
from tests.servers.kube_api import KubeApi
from tests.story.engine import Engine
from tests.traces import load
from tests.worlds import POLICY, Place, make_place

TEXT = """\
version: 1
mode: propose
clusters:
  - {name: prod, paths: ["clusters/prod/**"]}
forge: {kind: local}
defaults: {steps: [10, 50], soak: 1s}
rules:
  - match: {namespace: trace-c2}
    steps: [10]
"""
WAITING = {f"hold: {reason}" for reason in ("missing", "out-of-sync", "in-flight", "settling", "pending", "soaking")}


class Story:
    """One repository, one cluster, and what the runs said."""

    def __init__(self, place: Place, kube_api: KubeApi, cache: Path) -> None:
        self.place, self.kube_api, self.cache = place, kube_api, cache
        self.said: dict[str, list[str]] = {}

    def world(self) -> World:
        request = Request(
            repo=str(self.place.remote), now=datetime.now(UTC), live=(("prod", "kube:test"),), forge="local"
        )
        return open_world(request, self.cache)

    def run(self) -> RunReport:
        report = reconcile(self.world())
        assert not report.failed, (report.errors, [target.error for target in report.targets])
        for target in report.targets:
            said = self.said.setdefault(target.key.namespace, [])
            words = f"{target.decision.action}: {target.decision.reason}"
            if said[-1:] != [words]:
                said.append(words)
        return report

    def merge(self, namespace: str, action: Action) -> None:
        """A person merges the one pull request of a namespace, which must be for this."""
        world = self.world()
        assert world.forge is not None
        (pull,) = [pull for pull in world.forge.open_pulls() if f"/{namespace}/" in pull.branch]
        assert action in pull.branch
        report = world.forge.merge(pull, world.base_commit)
        assert report.did == "merged", report.message


@pytest.fixture
def story(kube_api: KubeApi, kustomize: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """Runs read the cluster with the shipped rights, and have no others."""
    with shipped_account(kube_api, kustomize) as token:
        monkeypatch.setenv("KUBECONFIG", str(kube_api.kubeconfig_with("shipped", token)))
        place = make_place(tmp_path)
        place.commit({POLICY: TEXT}, "policy", datetime.now(UTC))
        yield Story(place, kube_api, tmp_path / "cache")


def follow(story: Story, *engines: Engine) -> None:
    """Engine and controller do what main says, with runs while they are at it and one when all is at rest."""
    for engine in engines:
        for number, _ in enumerate(engine.sync()):
            if number % 6 == 1:
                story.run()
    time.sleep(2.1)  # the soak, and the second that the server's clock is told in
    story.run()


def test_a_canary_is_promoted_and_a_failed_one_gives_way_to_a_better(story: Story, kube_api: KubeApi) -> None:
    good, bad = Engine(kube_api, story.place, load("A")), Engine(kube_api, story.place, load("C2"), flux=True)
    good.commit(0)
    bad.commit(0)
    follow(story, good, bad)
    good.commit(1)
    bad.commit(1)
    follow(story, good, bad)
    story.merge("trace-a", Action.STEP)
    story.merge("trace-c2", Action.ROLLBACK)
    follow(story, good, bad)
    story.merge("trace-a", Action.PROMOTE)
    bad.commit(3)
    follow(story, good, bad)
    story.merge("trace-c2", Action.START)
    follow(story, good, bad)
    story.merge("trace-c2", Action.PROMOTE)
    follow(story, good, bad)

    assert [step.title for step in good.applied] == [step.title for step in good.scenario.steps[:4]]
    assert [step.title for step in bad.applied] == [step.title for step in bad.scenario.steps]
    assert without_waiting(story.said["trace-a"]) == [
        "stable: stable",
        "step: soaked",
        "promote: soaked",
        "stable: stable",
    ]
    assert without_waiting(story.said["trace-c2"]) == [
        "stable: stable",
        "rollback: canary-failed",
        "hold: rolled-back",
        "start: ready-at-zero",
        "promote: soaked",
        "stable: stable",
    ]
    before = story.place.refs()
    engines = {target.delivery.engine: target.delivery.reached for target in story.run().targets if target.delivery}
    assert engines == {"Argo CD Application argocd/trace-a": "yes", "Flux Kustomization flux-system/trace-c2": "yes"}
    assert story.place.refs() == before


def without_waiting(said: list[str]) -> list[str]:
    """What was said, but for the holds of a cluster that is still on its way."""
    return [words for words in said if words not in WAITING]
